"""The form of a term: how long its texts may be and of which characters; the same for every way in."""

import re
import unicodedata
from collections.abc import Iterator

from knowledge.glossary.model import Term

ID = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?")
NAME = 200
DEFINITION = 10_000
SQL = 4_000
MOST = 200
"""Synonyms, places, relations, filters or levels of one term."""


def problems(term: Term) -> Iterator[tuple[str, str]]:
    """Each field that can't be kept, with why."""
    if not ID.fullmatch(term.id):
        yield "id", "An id is up to 64 small letters, digits and - _ . and begins and ends with one of the first two."
    if not term.name.strip():
        yield "name", "A term needs a name."
    for field, text, most in _texts(term):
        if what := _text_problem(field, text, most):
            yield field, f"The {field} {what}."
    yield from _counts(term)


def _counts(term: Term) -> Iterator[tuple[str, str]]:
    for field in ("synonyms", "owners", "places", "levels", "relations"):
        if len(getattr(term, field)) > MOST:
            yield field, f"There are more than {MOST} {field}."
    if term.metric and len(term.metric.filters) + len(term.metric.grain) > MOST:
        yield "metric", f"There are more than {MOST} filters and columns of the grain."


def _text_problem(field: str, text: str, most: int) -> str:
    if len(text) > most:
        return f"is longer than {most:,} characters"
    if odd := _odd(text):
        return f"has a character that can't be seen ({odd})"
    return "has more than one line" if "\n" in text and field not in ("definition", "note") else ""


def tame(text: str, most: int = 80) -> str:
    """A text for a message: short, on one line, without characters that can't be seen."""
    seen = "".join("�" if _odd(char) else char for char in " ".join(text[: 4 * most].split()))
    return seen if len(seen) <= most else f"{seen[: most - 1]}…"


def slug(name: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """An id made of a name: `Net revenue (€)` is `net-revenue`; a number follows where the id is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-") or "term"
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found


def _texts(term: Term) -> Iterator[tuple[str, str, int]]:
    yield "name", term.name, NAME
    yield "definition", term.definition, DEFINITION
    yield "note", term.note, DEFINITION
    for field in ("synonyms", "owners", "levels"):
        yield from ((field, text, NAME) for text in getattr(term, field))
    for relation in term.relations:
        yield "relations", relation.other, 2_000
    for place in term.places:
        yield from (("places", text, NAME) for text in (place.source, place.table, place.column))
        yield "places", place.condition.replace("\n", " "), SQL
    if metric := term.metric:
        names = (metric.source, metric.table, metric.time, metric.unit, metric.format, *metric.grain)
        yield from (("metric", text, NAME) for text in names)
        yield from (("metric", text.replace("\n", " "), SQL) for text in (metric.expression, *metric.filters))


def _odd(text: str) -> str:
    """The first character that is a control, changes the direction of writing, or is no character at all."""
    for char in text:
        if char in "\n\t" or (char.isascii() and char.isprintable()):
            continue
        kind = unicodedata.category(char)
        if kind in ("Cc", "Cs", "Cn", "Co") or (kind == "Cf" and char not in "\u200c\u200d"):
            return f"U+{ord(char):04X}"
    return ""
