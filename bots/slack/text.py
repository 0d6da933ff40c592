"""Text in both directions: Slack's escapes to what the person typed, and our words to what Slack accepts.

A value from the data can neither format, link nor mention anything: texts are `plain_text`, and `mrkdwn` only where
`harmless` words stand in bold or where everything stands in a code fence. A message's own text, for notifications, is
escaped.
"""

import re

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufeff]")
_HARMLESS = re.compile(r"[\w\s.,:;!?()\[\]/%€$£+='\"“”‘’–—·…-]*")
_EMOJI = re.compile(r":[^\s:]+:")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def typed(text: str, bot: str = "") -> str:
    """What the person typed: the mention of the bot taken out, other references by their names, entities undone."""

    def name(found: re.Match[str]) -> str:
        sign, target, label = found.group(1), found.group(2), found.group(3)
        if sign == "@" and target == bot and bot:
            return " "
        if sign == "!":
            return _special(target, label)
        if sign in ("@", "#"):
            return sign + (label or target)
        return label or target.removeprefix("mailto:")

    plain = _REFERENCE.sub(name, text)
    for entity, character in _ENTITIES:
        plain = plain.replace(entity, character)
    return clean(re.sub(r"[ \t]+", " ", plain)).strip()


def mentions(text: str) -> list[str]:
    """Users whom a text mentions. An address or a bare `@name` is no mention."""
    return [found.group(2) for found in _REFERENCE.finditer(text) if found.group(1) == "@"]


def clean(text: str) -> str:
    """Without control characters and direction overrides; an unpaired surrogate becomes a question mark."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", whole).encode("utf-8", "replace").decode()


def length(text: str) -> int:
    """Characters as Slack's clients count them: a character beyond the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis says that something is missing."""
    if length(text) <= limit:
        return text
    kept = text[: limit - 1]
    while length(kept) > limit - 1:
        kept = kept[: len(kept) - max(1, (length(kept) - limit + 1) // 2)]
    return kept.rstrip("\u200d\ufe0f ") + "…"


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, broken at a line or a word where one ends in the last quarter."""
    pieces: list[str] = []
    while length(text) > limit:
        piece = text[:limit]
        while length(piece) > limit:
            piece = piece[: len(piece) - max(1, (length(piece) - limit) // 2)]
        at = max(piece.rfind("\n"), piece.rfind(" "))
        end = at + 1 if at >= len(piece) * 3 // 4 else len(piece)
        pieces.append(text[:end])
        text = text[end:]
    pieces.append(text)
    return [piece.strip("\n") for piece in pieces if piece.strip()]


def escaped(text: str, limit: int) -> str:
    """Text for a notification: `&`, `<`, `>` as entities, at most `limit` characters with them."""
    kept = cut(clean(text), limit)
    while length(_escape(kept)) > limit:
        kept = cut(kept, length(kept) * limit // length(_escape(kept)) - 1)
    return _escape(kept)


def harmless(text: str) -> bool:
    """Whether a text holds nothing that Slack's markup would interpret, so that it can stand in bold."""
    return "_" not in text and _HARMLESS.fullmatch(text) is not None and not _EMOJI.search(text)


def fenced(text: str) -> str:
    """A code fence in Slack's markup, out of which nothing inside can break."""
    return "```\n" + _escape(text.replace("``", "`\u200b`")) + "\n```"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _special(target: str, label: str | None) -> str:
    if label:
        return label
    return "@" + target.split("^")[0]
