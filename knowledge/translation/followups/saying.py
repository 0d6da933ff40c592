"""What a follow-up says once its references are put into words: “the second one”, “those stores”, “go back”."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from knowledge.translation.followups.memory import Before
from knowledge.translation.followups.referring import Referent
from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Filter, Query
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.times import moved
from knowledge.translation.words import Token, lemma, tokenise

_SHIFT = re.compile(r"\b(?:the )?(?:same )?(day|week|month|quarter|year) (?:before|earlier|prior)(?: that)?\b", re.I)


@dataclass(frozen=True, slots=True)
class Said:
    """A follow-up in words that the rules know, and the question that it is about.

    `at` is what a noun pointed at, `instead` the columns that should go; `again` when `before` is the answer.
    """

    text: str
    before: Query
    at: Referent | None = None
    instead: tuple[Field, ...] = ()
    again: bool = False


def recalled(text: str, talk: Iterator[Before], lexicon: Lexicon) -> tuple[Before, str, bool] | None:
    """The question that a text goes on from, the rest of the text, and whether it went back; None without one.

    “Go back” takes the question before the one that stands now; said twice, the one before that.
    """
    before = next(talk, None)
    if before is None:
        return None
    rest = _without_cue(text, lexicon.follow["undo"])
    if rest is None:
        return before, text, False
    older = list(talk)
    first = max((at for at, one in enumerate(older) if one.query == before.query), default=-1)
    found = next(iter(older[first + 1 :]), None)
    return (found, rest, True) if found else (before, text, False)


def _without_cue(text: str, cues: Sequence[str]) -> str | None:
    """What is left of a text that begins with one of the cues."""
    plain = text.strip().rstrip(".!?").lower()
    cue = next(
        (cue for cue in sorted(cues, key=len, reverse=True) if plain == cue or plain.startswith(cue + " ")), None
    )
    return None if cue is None else text.strip()[len(cue) :].strip(" .,!?")


def said(text: str, before: Before, lexicon: Lexicon, again: bool = False) -> Said:
    """The text with what it points at put into words that can be read."""
    query, index = before.query, before.index
    made = Said(_shifted(text.rstrip(" ?.!"), query), query, again=again)
    made = _by_ordinal(made, before, lexicon)
    made = _without_ones(_by_noun(made, index, lexicon), lexicon)
    return _instead(made, index, lexicon)


def _shifted(text: str, before: Query) -> str:
    """“the month before” as days, counted from the period of the question before."""
    period = next((f.values for f in before.filters if f.op == "within" and all(f.values)), None)
    found = _SHIFT.search(text)
    if not found or not period:
        return text
    start, end = (date.fromisoformat(str(value)[:10]) for value in period)
    unit = found.group(1).lower()
    first, last = moved(start, unit), moved(end, unit) - timedelta(days=1)
    return f"{text[: found.start()]}from {first} to {last}{text[found.end() :]}"


def _by_ordinal(made: Said, before: Before, lexicon: Lexicon) -> Said:
    """“the second one”: the row that was shown there, told by what it holds."""
    words = tokenise(made.text)
    for at, token in enumerate(words):
        place = _place(token, lexicon)
        width = _ordinal_width(words, at, made.before, before.index, lexicon) if place else 0
        if place and width and len(before.rows) >= abs(place):
            row = before.rows[place if place < 0 else place - 1]
            if len(row) != len(made.before.select):
                return made
            start = at - 1 if at and words[at - 1].lower in lexicon.follow["articles"] else at
            rest = " ".join([*(w.text for w in words[:start]), _it(lexicon), *(w.text for w in words[at + width :])])
            return replace(made, text=rest, before=_only(made.before, row), again=True)
    return made


def _place(token: Token, lexicon: Lexicon) -> int:
    """The place that an ordinal names, counted from 1, or from -1 for the last; 0 for other words."""
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", token.lower)
    if found:
        return int(found.group(1))
    ordinals = lexicon.follow["ordinals"]
    return ordinals.index(token.lower) + 1 if token.lower in ordinals else -int(token.lower in lexicon.follow["last"])


def _ordinal_width(words: Sequence[Token], at: int, query: Query, index: Index, lexicon: Lexicon) -> int:
    """How many words name a row by its place; 0 where the ordinal means something else, such as “first name”."""
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if following in lexicon.follow["ones"] or following in lexicon.follow["rows"]:
        return 2
    named = {table for table, column in index.exact.get(frozenset({lemma(following)}), {}) if not column}
    extreme = words[at].lower in (lexicon.follow["ordinals"][0], *lexicon.follow["last"])
    return 2 if named & set(query.tables()) and not extreme else 0


def _it(lexicon: Lexicon) -> str:
    return lexicon.follow["objects"][0]


def _only(query: Query, row: Sequence[object]) -> Query:
    """The query for one of its rows."""
    told = []
    for item, value in zip(query.select, row, strict=True):
        if not item.fn and not item.minus and isinstance(value, str | int | float | None):
            op, values = ("null", ()) if value is None else ("=", (value,))
            told.append(Filter(item, op, values, phrase=str(value)))
    same = {f.item for f in told}
    kept = tuple(f for f in query.filters if f.item not in same or f.query or f.other)
    return replace(query, filters=(*kept, *told), order=(), limit=None, within=(), arranged=())


def _by_noun(made: Said, index: Index, lexicon: Lexicon) -> Said:
    """“those stores”, “that customer”: the noun only says what is pointed at."""
    words = tokenise(made.text)
    for at, token in enumerate(words):
        if token.lower not in lexicon.follow["demonstratives"]:
            continue
        for width in (3, 2, 1):
            noun = words[at + 1 : at + 1 + width]
            if len(noun) == width and all(word.kind == "word" for word in noun):
                found = _pointed(frozenset(word.lemma for word in noun), made.before, index)
                if found:
                    rest = [*(w.text for w in words[:at]), _it(lexicon), *(w.text for w in words[at + 1 + width :])]
                    return replace(made, text=_spaced(rest), at=found)
    return made


def _without_ones(made: Said, lexicon: Lexicon) -> Said:
    """“the cheapest one”: the noun says nothing; “at least one” is a number, “which one” asks."""
    words = tokenise(made.text)
    kept = [
        word.text
        for at, word in enumerate(words)
        if word.lower not in lexicon.follow["ones"] or not at or words[at - 1].lower in lexicon.follow["counted"]
    ]
    return made if len(kept) == len(words) else replace(made, text=_spaced(kept))


def _spaced(words: Sequence[str]) -> str:
    return re.sub(r" ([.,?!;:])", r"\1", " ".join(words))


def _pointed(noun: frozenset[str], query: Query, index: Index) -> Referent | None:
    """The table or the shown column of the question before that a noun names."""
    named = index.exact.get(noun, {})
    tables = [table for table in query.tables() if (table, "") in named]
    if tables:
        return Referent(tables[0])
    shown = [item.field for item in (*query.select, *query.group) if not item.fn]
    column = next((f for f in shown if (f.table, f.column) in named), None)
    if column is None:
        return None
    return Referent(column.table, "" if column in index.display(column.table) else column.column)


def _instead(made: Said, index: Index, lexicon: Lexicon) -> Said:
    """“the number of employees instead of the budget”: the columns that should go."""
    lower = made.text.lower()
    cue = next((f" {cue} " for cue in lexicon.follow["replaces"] if f" {cue} " in lower), None)
    if cue is None:
        return made
    at = lower.index(cue)
    words = tokenise(made.text[at + len(cue) :].rstrip(" .?!"))
    gone = columns_called([word for word in words if word.lower not in lexicon.follow["articles"]], made.before, index)
    return replace(made, text=made.text[:at], instead=tuple(gone)) if gone else made


def columns_called(words: Sequence[Token], query: Query, index: Index) -> list[Field]:
    """The shown columns that words name."""
    said_ = frozenset(word.lemma for word in words if word.kind == "word")
    shown = [item.field for item in query.select]
    exact = [f for f in shown if (f.table, f.column) in index.exact.get(said_, {})]
    return exact or [f for f in shown if said_ & set(index.words.get((f.table, f.column), ()))]
