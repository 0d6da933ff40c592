"""Other values in the place of a pair's own, as literals of the tree and never as text."""

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.translation.stored import visible
from knowledge.translation.times import Period
from knowledge.translation.words import plain
from knowledge.values.port import Place as Stored
from knowledge.values.port import Values
from knowledge.verified.model import Parameter
from knowledge.verified.parameters import edge, grain_of, literals, written
from knowledge.verified.reads import Where

New = str | float | Period
"""What stands in the place of a parameter now: a value as it is stored, a number, a period."""
MOST = 1_000_000_000_000.0


def stored_as(words: str, where: Where, catalog: Catalog, values: Values | None) -> str | None:
    """The value of a column that words spell, as it is stored; None where the person's catalog knows of none."""
    source, schema, table, column = where
    found = catalog.by_key.get((source.lower(), schema.lower(), table.lower()))
    held = found.by_name.get(column.lower()) if found else None
    if held is None or not held.values:
        return None
    sampled = _spelled(held.values).get(plain(words))
    if sampled is not None or values is None:
        return sampled
    place = Stored(source, schema, table, column)
    for one in values.find([words], visible(catalog)):
        if not one.distance and one.place == place:
            return one.stored
    return None


@lru_cache(maxsize=2_000)
def _spelled(values: tuple[str, ...]) -> Mapping[str, str]:
    """Values by the words that spell them; the more frequent one where two are spelled alike."""
    return {plain(value): value for value in reversed(values)}


def fits(parameter: Parameter, new: New) -> bool:
    """Whether something can stand where the parameter's own does: of the same kind, as long, as whole."""
    match new:
        case Period():
            edges = {place.form.partition(":")[0] for place in parameter.places}
            both = bool(new.start) == bool(edges & {"start", "day"}) and bool(new.end) == bool(edges & {"end", "last"})
            units = {grain for place in parameter.places if (grain := grain_of(place))}
            return parameter.kind == "period" and (both if not units else units == {new.grain})
        case float():
            whole = new == int(new) and new >= 1
            return parameter.kind == "number" and 0 <= new <= MOST and (whole or not parameter.whole)
        case _:
            return parameter.kind == "value"


def bound(tree: exp.Query, parameters: Mapping[Parameter, New]) -> exp.Query | None:
    """A copy of the tree with the literals put in; None where a literal is not what it was at approval."""
    made = tree.copy()
    stands = literals(made)
    for parameter, new in parameters.items():
        for place in parameter.places:
            if place.at >= len(stands) or stands[place.at].this != place.text:
                return None
            stands[place.at].set("this", _text(new, place.form))
    return made


def _text(new: New, form: str) -> str:
    match new:
        case Period():
            which, _, written_as = form.partition(":")
            moment = edge(new, which)
            return written(moment, written_as) if moment else ""
        case float():
            return str(int(new)) if new == int(new) else repr(new)
        case _:
            return new
