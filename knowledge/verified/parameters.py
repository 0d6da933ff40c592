"""What stands both in a question and in its query: values, numbers and periods for which others may stand."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlglot import exp

from knowledge.catalog.model import Catalog, DataType
from knowledge.translation.times import Period
from knowledge.translation.words import plain, tokenise
from knowledge.verified.model import Parameter, Place
from knowledge.verified.reads import Names, Where
from knowledge.verified.segment import Item, Segmented, period_of

_FORMS = ("%Y-%m-%d", "%Y-%m-%d 00:00:00", "%Y-%m-%dT00:00:00", "%Y-%m", "%Y")
_GRAIN = {"%Y-%m": "month", "%Y": "year"}
"""A format that says less than a day stands for periods of its own length only."""


def literals(tree: exp.Expr) -> list[exp.Literal]:
    """All literals of a tree in the order that `Place.at` counts."""
    return list(tree.find_all(exp.Literal))


def written(moment: date, form: str) -> str:
    """A day in a format; the year always has four digits."""
    return f"{moment.year:04d}" + moment.strftime(form.removeprefix("%Y"))


def edge(period: Period, which: str) -> date | None:
    """The first day (`start`, or `day` of a single one), the day after (`end`) or the last day (`last`) of a period."""
    if which in ("start", "day"):
        return period.start
    return period.end - timedelta(days=which == "last") if period.end else None


def parameters(said: Segmented, tree: exp.Expr, catalog: Catalog, source: str) -> tuple[Parameter, ...]:
    """The parameters of a pair; what can't be told apart for certain is none, and so has to be the same again."""
    stands = literals(tree)
    found: list[Parameter] = []
    for item in said.items:
        if item.kind == "number":
            one = _number(item, said, stands, Names(tree, catalog, source))
            found += [one] if one else []
        if (period := period_of(item)) and not (
            item.kind == "number" and found and found[-1].said == _said(item, said)
        ):
            places = _period(period, stands)
            found += [Parameter("period", _said(item, said), places)] if places else []
    found += _values(said, stands, Names(tree, catalog, source))
    return tuple(_apart(found, said))


def _said(item: Item, said: Segmented) -> str:
    return said.said(item.start, item.end)


def _number(item: Item, said: Segmented, stands: Sequence[exp.Literal], names: Names) -> Parameter | None:
    """A number that one literal is, and no other number of the question."""
    same = [at for at, one in enumerate(stands) if one.is_number and float(one.this) == item.number]
    twice = [other for other in said.items if other.number == item.number]
    if len(same) != 1 or len(twice) != 1 or item.text:
        return None
    at = same[0]
    place = Place(at, str(stands[at].this))
    return Parameter("number", _said(item, said), (place,), whole=_whole(stands[at], names))


def _whole(literal: exp.Literal, names: Names) -> bool:
    """Whether only whole numbers fit: a limit, or what a whole number is compared with."""
    if isinstance(literal.parent, exp.Limit | exp.Fetch | exp.Offset):
        return True
    if literal.parent is None or literal.parent.find(exp.Count):
        return True
    beside = [names.one(node) for node in literal.parent.find_all(exp.Column)]
    return not beside or any(one is None or one[1].type is DataType.INTEGER for one in beside)


def _period(period: Period, stands: Sequence[exp.Literal]) -> tuple[Place, ...]:
    """The literals that a period gave; none unless each of its ends is found."""
    start, end, last = (_edge(period, which, stands) for which in ("start", "end", "last"))
    if period.start is None or period.end is None:
        return start or end
    if period.grain == "day" and start and not end:
        return tuple(Place(place.at, place.text, place.form.replace("start", "day")) for place in start)
    found = (*start, *(end or last))
    if start and (end or last) and len({place.at for place in found}) == len(found):
        return found
    whole = _unit(period, stands)
    return (whole,) if whole else ()


def _edge(period: Period, which: str, stands: Sequence[exp.Literal]) -> tuple[Place, ...]:
    """The literals that are one end of a period, all in the same form."""
    moment = edge(period, which)
    for form in _FORMS[:3] if moment else ():
        text = written(moment, form) if moment else ""
        if ats := [at for at, one in enumerate(stands) if one.this == text]:
            return tuple(Place(at, text, f"{which}:{form}") for at in ats)
    return ()


def _unit(period: Period, stands: Sequence[exp.Literal]) -> Place | None:
    """A whole month or year written as one literal: '2026-03', 2026."""
    for form in _FORMS[3:]:
        if period.start and period.end and period.grain == _GRAIN[form]:
            text = written(period.start, form)
            same = [at for at, one in enumerate(stands) if one.this == text]
            if len(same) == 1:
                return Place(same[0], text, f"start:{form}")
    return None


def grain_of(place: Place) -> str:
    """The only length of a period that a place can say; empty for any."""
    which, _, form = place.form.partition(":")
    return "day" if which == "day" else _GRAIN.get(form, "")


def _values(said: Segmented, stands: Sequence[exp.Literal], names: Names) -> Iterator[Parameter]:
    """Texts that the query compares a column with, and that stand in the question once."""
    by_text: dict[str, list[int]] = {}
    for at, one in enumerate(stands):
        if one.is_string:
            by_text.setdefault(str(one.this), []).append(at)
    for text, ats in by_text.items():
        columns = {_compared(stands[at], names) for at in ats}
        where = columns.pop() if len(columns) == 1 else None
        at_tokens = occurrences(said, text)
        if where is not None and len(at_tokens) == 1:
            start, end = at_tokens[0]
            yield Parameter("value", said.said(start, end), tuple(Place(at, text) for at in ats), where)


def _compared(literal: exp.Literal, names: Names) -> Where | None:
    """The text column that a literal is compared with by =, <> or IN."""
    parent = literal.parent
    if not isinstance(parent, exp.EQ | exp.NEQ | exp.In):
        return None
    column = parent.this if parent.this is not literal else parent.expression
    one = names.one(column) if isinstance(column, exp.Column) else None
    return one[0] if one and one[1].type is DataType.TEXT else None


def occurrences(said: Segmented, text: str) -> list[tuple[int, int]]:
    """Where in the question words are spelled: spans of tokens."""
    wanted = plain(text)
    width = len(tokenise(text))
    found = []
    for start, token in enumerate(said.tokens):
        if token.kind == "quoted" and plain(token.text) == wanted:
            found.append((start, start + 1))
        elif wanted and plain(said.said(start, start + width)) == wanted and start + width <= len(said.tokens):
            found.append((start, start + width))
    return found


def _apart(found: Sequence[Parameter], said: Segmented) -> Iterator[Parameter]:
    """Parameters that share no literal with another; a question of values only keeps them as its words."""
    claims = [place.at for parameter in found for place in parameter.places]
    covered = {
        token
        for one in found
        if one.kind == "value"
        for start, end in occurrences(said, one.said)
        for token in range(start, end)
    }
    bare = all(item.start in covered or item.kind in ("number", "period") for item in said.items)
    for parameter in found:
        if any(claims.count(place.at) > 1 for place in parameter.places) or (bare and parameter.kind == "value"):
            continue
        yield parameter
