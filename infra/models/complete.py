"""Asks a LangChain chat model, and says in our own words what went wrong."""

import logging
from typing import TYPE_CHECKING

from knowledge.translation.assisted import ModelFailed, Prompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)


class ChatCompletion:
    """`knowledge.translation.assisted.Complete` by a chat model. What the provider says never gets any further."""

    def __init__(self, chat: "BaseChatModel") -> None:
        self._chat = chat

    async def __call__(self, prompt: Prompt) -> str:
        """The reply's text. Raises ModelFailed."""
        try:
            reply = await self._chat.ainvoke(_messages(prompt))
        # Every provider has a tree of errors of its own; their texts may hold the key, so only the kind is kept.
        except Exception as failed:
            log.warning("the model's service failed: %s", type(failed).__name__)
            raise ModelFailed(why(failed)) from failed
        return str(reply.text)


def why(failed: Exception) -> str:
    """What happened, for people, from the kind of the error alone."""
    status, kind = getattr(failed, "status_code", None), type(failed).__name__
    match status:
        case 401 | 403:
            return "its service did not accept the key"
        case 404:
            return "its service does not know this model"
        case 429:
            return "its service is asked too often"
        case int() if status >= 500:
            return "its service failed"
        case int() if status >= 400:
            return "its service refused the request"
    if isinstance(failed, TimeoutError) or "Timeout" in kind:
        return "its service did not answer in time"
    if isinstance(failed, OSError) or "Connect" in kind:
        return "its service could not be reached"
    return "its service gave no answer that could be read"


def _messages(prompt: Prompt) -> "list[BaseMessage]":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    turns = [(HumanMessage if at % 2 == 0 else AIMessage)(text) for at, text in enumerate(prompt.turns)]
    return [SystemMessage(prompt.system), *turns]
