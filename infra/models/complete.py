"""Asks a LangChain chat model, and says in our own words what went wrong."""

import logging
from typing import TYPE_CHECKING

from knowledge.translation.assisted import ModelFailed, Prompt, Reply

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)

LONGEST_REST = 600.0
"""Seconds; a service that wants more is asked again then."""


class ChatCompletion:
    """`knowledge.translation.assisted.Complete` by a chat model. What the provider says never gets any further."""

    def __init__(self, chat: "BaseChatModel") -> None:
        self._chat = chat

    async def __call__(self, prompt: Prompt) -> Reply:
        """The reply with the tokens that the service counted. Raises ModelFailed."""
        try:
            reply = await self._chat.ainvoke(_messages(prompt))
        # Every provider has a tree of errors of its own; their texts may hold the key, so only the kind is kept.
        except Exception as failed:
            log.warning("the model's service failed: %s", type(failed).__name__)
            raise ModelFailed(why(failed), after(failed)) from failed
        usage = getattr(reply, "usage_metadata", None) or {}
        return Reply(str(reply.text), _tokens(usage.get("input_tokens")), _tokens(usage.get("output_tokens")))


def _tokens(counted: object) -> int | None:
    """A count that can be believed; services that do not count say nothing, or zero."""
    return counted if isinstance(counted, int) and counted > 0 else None


def after(failed: Exception) -> float:
    """The seconds for which a service asks to be left alone, by its Retry-After; 0 where it does not say."""
    headers = getattr(getattr(failed, "response", None), "headers", None) or {}
    try:
        return min(max(0.0, float(headers.get("retry-after", 0))), LONGEST_REST)
    except (TypeError, ValueError):
        return 0.0


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
