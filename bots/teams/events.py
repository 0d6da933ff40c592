"""What Teams posts -> Activity. Pure; ids name the deed, so the same deed delivered again has the same id."""

import hashlib
import html
import json
from collections.abc import Sequence

from bots.teams.inputs import inputs
from conversation.activity import Attachment, CardAction, Message
from conversation.codec import Json, JsonObject
from conversation.principal import ConversationRef, Sender

CHANNEL = "teams"
_BREAK = ";messageid="
_FILE = "application/vnd.microsoft.teams.file.download.info"


def parse(activity: JsonObject) -> Message | CardAction | None:
    """What a person did, or None for all that is not for us: edits, reactions, bots, changes of membership."""
    place, speaker = where(activity), sender(activity)
    if place is None or speaker is None:
        return None
    match activity.get("type"):
        case "invoke" if activity.get("name") == "adaptiveCard/action":
            return _executed(activity, place, speaker)
        case "message" if isinstance(activity.get("value"), dict):
            return _submitted(activity, place, speaker)
        case "message":
            return _message(activity, place, speaker)
        case _:
            return None


def where(activity: JsonObject) -> ConversationRef | None:
    """The place; `thread` is the root message in a channel and empty in chats. None where the payload names none."""
    conversation = _object(activity, "conversation")
    tenant = tenant_of(activity)
    space, _, root = _text(conversation, "id").partition(_BREAK)
    if not space or not tenant:
        return None
    kind = kind_of(activity)
    if kind == "channel" and not root:
        root = _text(activity, "replyToId") or _text(activity, "id")
    return ConversationRef(CHANNEL, tenant, space, root if kind == "channel" else "", kind == "personal")


def kind_of(activity: JsonObject) -> str:
    """personal, groupChat or channel."""
    conversation = _object(activity, "conversation")
    kind = _text(conversation, "conversationType")
    if kind:
        return kind
    return "groupChat" if conversation.get("isGroup") is True else "personal"


def tenant_of(activity: JsonObject) -> str:
    """The Entra tenant in which the conversation lives."""
    data = _object(activity, "channelData")
    return _text(_object(data, "tenant"), "id") or _text(_object(activity, "conversation"), "tenantId")


def sender(activity: JsonObject) -> Sender | None:
    """The person: by Entra object id where Teams gives it. None for bots, ourselves among them."""
    account = _object(activity, "from")
    id = _text(account, "id")
    robot = id.startswith("28:") or _text(account, "role") in ("bot", "skill")
    if not id or robot or id == _text(_object(activity, "recipient"), "id"):
        return None
    return Sender(CHANNEL, tenant_of(activity), _text(account, "aadObjectId") or id, _text(account, "name"))


def _message(activity: JsonObject, place: ConversationRef, speaker: Sender) -> Message | None:
    text, meant = _words(activity)
    files = _files(activity)
    if not (meant or place.personal) or not (text or files):
        return None
    return Message(_id(activity, place), place, speaker, text, files)


def _words(activity: JsonObject) -> tuple[str, bool]:
    """The text without the mention of the bot, and whether the bot was mentioned.

    Mentions are known by the entities alone: “<at>Quillux</at>” typed by hand is text.
    """
    text = _text(activity, "text")
    me = _text(_object(activity, "recipient"), "id")
    meant = False
    for entity in _objects(activity, "entities"):
        if entity.get("type") != "mention":
            continue
        marked, mentioned = _text(entity, "text"), _object(entity, "mentioned")
        mine = bool(me) and _text(mentioned, "id") == me
        meant = meant or mine
        if marked:
            text = text.replace(marked, " " if mine else _text(mentioned, "name"), 1)
    words = html.unescape(text).replace("\u00a0", " ")
    return "\n".join(" ".join(line.split()) for line in words.splitlines()).strip(), meant


def _files(activity: JsonObject) -> tuple[Attachment, ...]:
    found = []
    for item in _objects(activity, "attachments"):
        media, content = _text(item, "contentType"), _object(item, "content")
        if media == _FILE:
            name = _text(item, "name")
            found.append(Attachment(name, _text(content, "fileType"), _text(content, "downloadUrl")))
        elif media.startswith("image/"):
            found.append(Attachment(_text(item, "name") or "image", media, _text(item, "contentUrl")))
    return tuple(found)


def _executed(activity: JsonObject, place: ConversationRef, speaker: Sender) -> CardAction | None:
    action = _object(_object(activity, "value"), "action")
    return _pressed(activity, place, speaker, _text(action, "verb"), _object(action, "data"))


def _submitted(activity: JsonObject, place: ConversationRef, speaker: Sender) -> CardAction | None:
    data = _object(activity, "value")
    return _pressed(activity, place, speaker, _text(data, "verb"), data)


def _pressed(
    activity: JsonObject, place: ConversationRef, speaker: Sender, verb: str, data: JsonObject
) -> CardAction | None:
    if not verb:
        return None
    payload, typed = _object(data, "payload"), inputs(data)
    return CardAction(
        _id(activity, place, verb, data), place, speaker, verb, payload, typed, _text(activity, "replyToId")
    )


def _id(activity: JsonObject, place: ConversationRef, *deed: Json) -> str:
    """`teams:TENANT:CONVERSATION:ACTIVITY`; a press without an id is named by what was pressed and when."""
    own = _text(activity, "id")
    if not own:
        told = [activity.get("from"), activity.get("replyToId"), activity.get("timestamp"), *deed]
        own = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
    return f"{CHANNEL}:{place.workspace}:{place.space}:{own}"


def _object(value: JsonObject, key: str) -> JsonObject:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _objects(value: JsonObject, key: str) -> Sequence[JsonObject]:
    found = value.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(value: JsonObject, key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
