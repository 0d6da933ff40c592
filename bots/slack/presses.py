"""A press of a button as a card action, with what was typed and chosen beside it in its own JSON types."""

import json
import math

from conversation.activity import CardAction
from conversation.codec import Json, JsonObject
from conversation.principal import ConversationRef, Sender


def parse_press(payload: JsonObject) -> CardAction | None:
    """A `block_actions` payload; None for a link, a choice that is not yet sent, or a value that is not ours."""
    action = dig(payload, "actions", 0)
    verb, load = _value(words(action, "value"))
    user = words(payload, "user", "id")
    if words(action, "type") != "button" or not verb or not user:
        return None
    where, message = _where(payload)
    press = f"{words(action, 'action_id')}:{user}:{words(action, 'action_ts')}"
    return CardAction(
        id=f"slack:{where.workspace}:{where.space}:{message}:press:{press}",
        where=where,
        sender=Sender("slack", words(payload, "user", "team_id") or where.workspace, user, _name(payload)),
        verb=verb,
        payload=load,
        inputs=_inputs(payload),
        message=message,
    )


def dig(value: Json, *path: str | int) -> Json:
    """The value at a path; None where the path leaves the JSON."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def words(value: Json, *path: str | int) -> str:
    """The string at a path; empty where there is none."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def _where(payload: JsonObject) -> tuple[ConversationRef, str]:
    """Where a press happened, and the message that was pressed. On the Home tab that is the person's own place."""
    team = (
        words(payload, "message", "team")
        or words(payload, "view", "app_installed_team_id")
        or words(payload, "team", "id")
        or words(payload, "user", "team_id")
        or words(payload, "enterprise", "id")
    )
    message = words(payload, "container", "message_ts") or words(payload, "message", "ts")
    space = words(payload, "channel", "id") or words(payload, "container", "channel_id")
    if not space:
        return ConversationRef("slack", team, words(payload, "user", "id"), "", True), message
    thread = words(payload, "container", "thread_ts") or words(payload, "message", "thread_ts")
    personal = space.startswith("D") and words(payload, "channel", "name") in ("", "directmessage")
    return ConversationRef("slack", team, space, "" if thread == message else thread, personal), message


def _value(text: str) -> tuple[str, JsonObject]:
    try:
        value = json.loads(text)
    except ValueError:
        return "", {}
    load = dig(value, "payload")
    return words(value, "verb"), load if isinstance(load, dict) else {}


def _name(payload: JsonObject) -> str:
    return words(payload, "user", "name") or words(payload, "user", "username")


def _inputs(payload: JsonObject) -> JsonObject:
    """Values by input id; `action_id` of a field is `kind:id`, which keeps the JSON type of what it holds."""
    values = dig(payload, "state", "values")
    found: JsonObject = {}
    for fields in values.values() if isinstance(values, dict) else []:
        for action_id, state in fields.items() if isinstance(fields, dict) else []:
            kind, _, name = action_id.partition(":")
            if name:
                found[name] = _typed(kind, state)
    return found


def _typed(kind: str, state: Json) -> Json:
    match kind:
        case "choice":
            return _chosen(dig(state, "selected_option"))
        case "choices" | "toggle":
            options = dig(state, "selected_options")
            chosen: list[Json] = [_chosen(option) for option in options] if isinstance(options, list) else []
            return bool(chosen) if kind == "toggle" else chosen
        case "date":
            return dig(state, "selected_date")
        case "number":
            return _number(words(state, "value"))
        case _:
            return words(state, "value")


def _chosen(option: Json) -> Json:
    value = words(option, "value")
    return value[1:] if value else None


def _number(text: str) -> Json:
    """A number as it was typed; the text itself where it is none, so that the error can quote it."""
    plain = text.replace(" ", "").replace("\u00a0", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        value = float(plain)
    except ValueError:
        return text or None
    return value if math.isfinite(value) else text
