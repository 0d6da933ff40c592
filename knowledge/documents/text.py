"""Text as it is kept: nothing in it that can't be seen."""

import re
import unicodedata

_SPACES = re.compile(r"[^\S\n]+")
_BLANKS = re.compile(r"\n\s*\n\s*")
_HIDDEN = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xAD, 0xFEFF, *range(0xE0000, 0xE0080)), None) | {
    code: None
    for first, last in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFFF9, 0xFFFB), (0xD800, 0xDFFF))
    for code in range(first, last + 1)
}
_HIDDEN |= {ord("\n"): "\n", ord("\t"): " ", ord("\r"): "\n", 0x2028: "\n", 0x2029: "\n", 0x0B: "\n", 0x0C: "\n"}


def clean(text: str, *, lines: bool = False) -> str:
    """Text in NFC without control, format and invisible characters; one line, or with `lines` its lines as they are."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_HIDDEN)
    text = _SPACES.sub(" ", text)
    if not lines:
        return " ".join(text.split())
    return "\n".join(line.strip() for line in _BLANKS.sub("\n\n", text).split("\n")).strip("\n ")


def tokens(text: str) -> int:
    """About how many tokens of a language model a text takes."""
    return (len(text) + 3) // 4
