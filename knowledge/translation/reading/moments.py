"""Rules for units of time that are asked for: “best month ever”, “which month had the fewest returns”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Item
from knowledge.translation.reading.dating import date_column
from knowledge.translation.reading.draft import Reader

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


def on_weekdays(r: Reader) -> bool:
    """“on weekends”, “on Mondays and Fridays”: the day of the week of the date that is meant."""
    named: list[str] = []
    width = begun = int(r.see().text.lower() == "on")
    while days := _weekdays(r, r.see(width)):
        named += days
        width += 1
        width += r.see(width).has("and", "or", "comma") and bool(_weekdays(r, r.see(width + 1)))
    if not named or r.see(begun).linked or r.see(begun).value:
        return False
    field = date_column(r, r.see(), "weekday")
    if field is None or r.yearly(field):
        return False
    r.add(Item(field, grain="weekday"), "in", *dict.fromkeys(named), phrase=r.see().text)
    return r.step(width)


def _weekdays(r: Reader, chunk: Chunk) -> list[str]:
    word = chunk.text.lower()
    if word in r.lexicon.day_groups:
        return list(r.lexicon.day_groups[word])
    at = r.lexicon.weekdays.get(word.removesuffix("s"))
    return [WEEKDAYS[at]] if at is not None else []
