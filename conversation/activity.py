"""What a person or a job did: small frozen types in a union, never one wide class.

`id` names the deed, not its delivery: the same Slack message seen as `message` and as `app_mention`, or delivered again
ten minutes later, has one id, and one id is one turn.
"""

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from conversation.codec import JsonObject, portable
from conversation.principal import ConversationRef, Sender

MESSAGE_LIMIT = 8_000
"""Characters of one message that are read; a longer one is answered with a clear error."""


@portable
@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message: named and typed by the sender, so trusted in neither."""

    name: str
    media_type: str
    url: str
    size: int = 0


@portable
@dataclass(frozen=True, slots=True)
class Message:
    """Words from a person. `text` has the mention of the bot taken out."""

    id: str
    where: ConversationRef
    sender: Sender
    text: str
    attachments: tuple[Attachment, ...] = ()


@portable
@dataclass(frozen=True, slots=True)
class CardAction:
    """A press of a button on a card. `payload` is the button's, `inputs` what the person typed or chose beside it.

    Both come back through the client and may be forged: nothing in them is believed without a look-up.
    `message` is the channel's id of the card that was pressed.
    """

    id: str
    where: ConversationRef
    sender: Sender
    verb: str
    payload: JsonObject = field(default_factory=dict)
    inputs: JsonObject = field(default_factory=dict)
    message: str = ""


@portable
@dataclass(frozen=True, slots=True)
class JobFinished:
    """Background work came to an end; `job` is looked up, `state` is completed, failed or canceled."""

    id: str
    where: ConversationRef
    sender: Sender
    job: str
    state: str


_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(text: str) -> str:
    """Words as a person sees them: without control characters, turns of direction, half characters, outer space."""
    return _ODD.sub("", text).strip()


Activity: TypeAlias = Message | CardAction | JobFinished
