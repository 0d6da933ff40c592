"""Words into Adaptive Card elements, so that no word of the data can format, link or mention anything.

TextBlock and FactSet read Markdown, and only some clients know how to escape it. RichTextBlock reads none, so words
that could be taken for markup go there; plain words stay in a TextBlock, which has headings and is smaller.
"""

import re
import unicodedata

from bots.teams import limits
from conversation.card import Text, TextStyle
from conversation.codec import Json, JsonObject

_MARKUP = re.compile(r"[*`~<>\[\]\\#|&{}$@\n\r]|(?<![^\W_])_|_(?![^\W_])|://|www\.|^\s|^[-+=]|^\d+[.)]|  ")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u200b\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_STYLES: dict[TextStyle, JsonObject] = {
    "body": {},
    "title": {"size": "Large", "weight": "Bolder"},
    "heading": {"size": "Medium", "weight": "Bolder"},
    "muted": {"isSubtle": True, "size": "Small"},
    "good": {"color": "Good"},
    "warning": {"color": "Warning"},
    "bad": {"color": "Attention"},
}


def clean(text: str, limit: int) -> str:
    """Text without characters that hide or reorder others, cut at `limit` characters with an ellipsis.

    `{{DATE(...)}}` is a function of Adaptive Cards in every kind of text, so braces are kept apart.
    """
    kept = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\x85", "\n").replace("\x0b", "\n"))
    kept = kept.replace("{{", "{\u2060{")
    return kept if len(kept) <= limit else kept[: max(limit - 1, 0)] + "…"


def one_line(text: str, limit: int) -> str:
    """`clean` text with every run of white space as one space."""
    return clean(" ".join(clean(text, limit * 4).split()), limit)


def block(text: str, limit: int, style: TextStyle = "body") -> JsonObject:
    """An element that shows text as it is."""
    words = clean(text, limit).strip("\n")
    if style in ("title", "heading"):
        words = " ".join(words.split())
        if not _MARKUP.search(words):
            return {"type": "TextBlock", "text": words or " ", "wrap": True, "style": "heading", **_STYLES[style]}
    return rich(words, **_STYLES[style])


def rich(text: str, **look: Json) -> JsonObject:
    """A RichTextBlock: lines kept, nothing interpreted."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " ", **look}]}


def code(text: str, limit: int) -> JsonObject:
    """Source text in a fixed-width face; leading blanks would be lost, so they do not break."""
    total = text.strip("\n").count("\n") + 1
    lines = clean(text.expandtabs(4), limit).strip("\n").split("\n")[: limits.CODE_LINES]
    kept = ["\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in lines]
    if total > limits.CODE_LINES:
        kept.append(f"… {total - len(lines)} more lines")
    return rich("\n".join(kept), fontType="Monospace", size="Small")


def element(text: Text, limit: int) -> JsonObject:
    """A `Text` of our vocabulary."""
    return block(text.text, limit, text.style)


def plain(text: str) -> bool:
    """Whether no Markdown reader could find anything in these words."""
    return _MARKUP.search(text) is None


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    for char in text[:2_000]:
        direction = unicodedata.bidirectional(char)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
