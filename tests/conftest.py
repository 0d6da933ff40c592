"""For every test: LangGraph reads the switch at import, so it is set before anything else is imported."""

import os

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
