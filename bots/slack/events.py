"""What Slack says, as activities: events, slash commands and presses, each from its payload alone.

`parse` does no input or output. Whether a thread is one in which the bot takes part is the only thing that a payload
may leave open: `unsure` names that thread, and the caller passes the answer as `known`.
"""

from collections.abc import Iterator
from typing import Protocol

from bots.slack.presses import dig, parse_press, words
from bots.slack.text import mentions, typed
from conversation.activity import Activity, Attachment, Message
from conversation.codec import Json, JsonObject
from conversation.principal import ConversationRef, Sender

CHANNEL = "slack"
_SPOKEN = frozenset({"", "file_share", "thread_broadcast"})
"""Subtypes of a message in which a person speaks; edits, deletions, joins and bots have others."""


class Threads(Protocol):
    """Threads in which the bot takes part."""

    async def known(self, where: ConversationRef) -> bool:
        """Whether a turn of the bot has happened in this thread. Asked before the acknowledgement: one fast look-up."""


def parse(payload: JsonObject, *, bot: str = "", known: bool = False) -> Activity | None:
    """The activity behind a payload, or None for what is not for us.

    `bot` is the bot's user id in the workspace where the payload does not say it; `known` the answer to `unsure`.
    """
    if payload.get("type") == "event_callback":
        return _message(payload, bot, known)
    if payload.get("type") == "block_actions":
        return parse_press(payload)
    if "command" in payload and "type" not in payload:
        return _command(payload)
    return None


def unsure(payload: JsonObject, *, bot: str = "") -> ConversationRef | None:
    """The thread that must be known for this message to be for us; None where the payload is enough."""
    if payload.get("type") != "event_callback" or parse(payload, bot=bot) is not None:
        return None
    heard = parse(payload, bot=bot, known=True)
    return heard.where if isinstance(heard, Message) else None


def opened_home(payload: JsonObject) -> Sender | None:
    """Who opened the Home tab, or None for every other payload."""
    event = dig(payload, "event")
    if words(event, "type") != "app_home_opened" or words(event, "tab") not in ("", "home"):
        return None
    return Sender(CHANNEL, workspace(payload), words(event, "user"))


def workspace(payload: JsonObject) -> str:
    """The workspace in which we are installed and this happened: with Slack Connect not always the person's own."""
    installed = dig(payload, "authorizations", 0)
    return (
        words(installed, "team_id")
        or words(payload, "context_team_id")
        or words(payload, "team_id")
        or words(installed, "enterprise_id")
        or words(payload, "enterprise_id")
    )


def _message(payload: JsonObject, bot: str, known: bool) -> Message | None:
    event = dig(payload, "event")
    us = _bot(payload) or bot
    if not _spoken(event, us):
        return None
    text, kind = words(event, "text"), words(event, "channel_type")
    personal = kind == "im" or (not kind and words(event, "channel").startswith("D"))
    mentioned = words(event, "type") == "app_mention" or us in mentions(text)
    if not (personal or mentioned or _follows(event, us, known)):
        return None
    team, space, ts = workspace(payload), words(event, "channel"), words(event, "ts")
    thread = words(event, "thread_ts") or ("" if personal else ts)
    home = words(event, "user_team") or words(event, "source_team") or team
    return Message(
        id=f"slack:{team}:{space}:{ts}",
        where=ConversationRef(CHANNEL, team, space, thread, personal),
        sender=Sender(CHANNEL, home, words(event, "user")),
        text=typed(text, us),
        attachments=tuple(_attachments(event)),
    )


def _spoken(event: Json, us: str) -> bool:
    """Whether a person said this, in a place and at a time."""
    if words(event, "type") not in ("message", "app_mention") or words(event, "subtype") not in _SPOKEN:
        return False
    if words(event, "bot_id") or dig(event, "bot_profile") or dig(event, "hidden") is True:
        return False
    user = words(event, "user")
    return bool(user and words(event, "channel") and words(event, "ts")) and user not in (us, "USLACKBOT")


def _follows(event: Json, us: str, known: bool) -> bool:
    """Whether a message without a mention goes on with a thread of ours; one addressed to others does not."""
    if not words(event, "thread_ts") or mentions(words(event, "text")):
        return False
    return known or (bool(us) and words(event, "parent_user_id") == us)


def _bot(payload: JsonObject) -> str:
    installed = dig(payload, "authorizations", 0)
    return words(installed, "user_id") if dig(installed, "is_bot") is True else ""


def _command(payload: JsonObject) -> Message | None:
    team, space, user = words(payload, "team_id"), words(payload, "channel_id"), words(payload, "user_id")
    team = team or words(payload, "enterprise_id")
    if not (space and user):
        return None
    # A command may be given in a direct message between two people, so its place is never taken as personal.
    return Message(
        id=f"slack:{team}:{space}:command:{words(payload, 'trigger_id')}",
        where=ConversationRef(CHANNEL, team, space),
        sender=Sender(CHANNEL, team, user, words(payload, "user_name")),
        text=typed(words(payload, "text")),
    )


def _attachments(event: Json) -> Iterator[Attachment]:
    files = dig(event, "files")
    for file in files if isinstance(files, list) else []:
        size = dig(file, "size")
        yield Attachment(
            name=words(file, "name") or words(file, "id"),
            media_type=words(file, "mimetype"),
            url=words(file, "url_private_download") or words(file, "url_private"),
            size=size if isinstance(size, int) and size >= 0 else 0,
        )
