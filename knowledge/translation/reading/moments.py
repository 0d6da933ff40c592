"""Rules for units of time that are asked for: “best month ever”, “which month had the fewest returns”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Item
from knowledge.translation.reading.dating import date_column
from knowledge.translation.reading.draft import END, Reader

_NOUNS = ("ignore", "prep", "of")


def asked_unit(r: Reader) -> bool:
    """“which month of 2025 had the fewest returns”, “in what year ...”: that unit is what is shown."""
    here, following = r.see(), r.see(1)
    unit = r.lexicon.units.get(following.text.lower(), "")
    if (
        not here.has("show", "which")
        or here.linked
        or not unit
        or (following.linked and following.targets[0].score > 0.9)
    ):
        return False
    if r.draft.select or r.draft.groups or not _extreme_follows(r):
        return False
    return _by(r, following, unit, 2)


def _extreme_follows(r: Reader) -> bool:
    rest = r.chunks[r.at + 2 :]
    return any(c.has("super", "number_super", "number_sub", "common", "uncommon", "adjective") for c in rest)


def best_unit(r: Reader) -> bool:
    """“our best month ever for revenue”, “the busiest weekday”: the unit with the most."""
    here, following = r.see(), r.see(1)
    unit = r.lexicon.units.get(following.text.lower(), "")
    direction = (
        here.plays("super") or {True: "asc"}.get(here.has("slow"), "") or {True: "desc"}.get(here.has("busy"), "")
    )
    if not unit or not direction or here.linked or following.period or r.draft.groups:
        return False
    if following.linked and following.targets[0].score > 0.9:
        return False
    if not _by(r, following, unit, 2):
        return False
    r.draft.peak = direction
    r.draft.measured = True
    return True


def _by(r: Reader, what: Chunk, unit: str, width: int) -> bool:
    field = date_column(r, what, unit)
    if field is None:
        return False
    r.draft.groups.append(Item(field, grain="" if r.yearly(field) else unit))
    r.draft.ranked = True
    return r.step(width)


def ended(r: Reader, ahead: int) -> bool:
    """Whether nothing more is said."""
    return all(r.see(at) is END or r.see(at).has("dot", "ignore") for at in range(ahead, ahead + 4))
