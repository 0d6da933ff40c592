"""What people say of terms, in four languages: “what does revenue mean?”, “define ... as ...”, “also call it ...”."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Verb = Literal["ask", "list", "define", "also", "deprecate", "history", "undo", "approve"]

LONGEST = 2_000
"""Characters of a text that may be about a term."""
MOST_WORDS = 8
_X = r"[\"“„«']?\s*(?P<x>[^\"“”„«»]{1,120}?)\s*[\"”“»']?"
_Y = r"(?P<y>.{1,1500}?)"
_ARTICLE = re.compile(
    r"^(?:the (?:term|metric)|the|an?|de[rns] begriffs?|die|der|das|den|[ld]e terme|du terme|les?|la|l['’]"
    r"|(?:el|del) término|los|las|el)\s+",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what|which|who|when|where|why|how|does|do|is|are|can|if|show|list|was|wer|wie|wann|wo|warum|welche\w*|zeig"
    r"|que|quel\w*|qui|comment|combien|qué|cuál\w*|cuánt\w*|quién|cómo)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is wanted of which term; `name` is empty for the one spoken of last.

    `rest` is what the term means, or what it is also called.
    """

    verb: Verb
    name: str = ""
    rest: str = ""


def said(text: str) -> Said | None:
    """What a text wants of the glossary; None for any other text."""
    return next(_heard(text), None) if len(text) <= LONGEST else None


def _heard(text: str) -> Iterator[Said]:
    for verb, form in _forms():
        found = form.match(text)
        if found is None:
            continue
        groups = found.groupdict()
        name = _ARTICLE.sub("", (groups.get("x") or "").strip()).strip()
        rest = (groups.get("y") or "").strip().strip('"“”„«»')
        asks = bool(_QUESTION.match(name)) or not (name and rest)
        if not (verb == "define" and asks) and len(name.split()) <= MOST_WORDS:
            yield Said(verb, name, rest)


@cache
def _forms() -> tuple[tuple[Verb, re.Pattern[str]], ...]:
    forms = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return tuple(
        (verb, re.compile(rf"[\s¿¡]*(?:{form.replace('{x}', _X).replace('{y}', _Y)})\s*[.?!]*\s*\Z", re.IGNORECASE))
        for verb, texts in forms.items()
        for form in texts
    )
