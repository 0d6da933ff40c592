"""Rules for one period beside another: “vs last year”, “compared to the month before”, “year over year”."""

from dataclasses import replace
from datetime import date

from knowledge.translation.ir import METRIC, Filter, Item
from knowledge.translation.reading.dating import date_column, in_period, iso
from knowledge.translation.reading.draft import Draft, Reader
from knowledge.translation.times import Period, moved, unit_start

_LENGTHS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def against_earlier(r: Reader) -> bool:
    """“by month compared to last year”, “October vs the same month last year”, “revenue vs last month”."""
    here, width = r.see(), 1
    if here.linked or not (here.has("against", "growth") or here.text.lower() in ("and", "than", "to", "over", "from")):
        return False
    then = r.see(width).period
    if then is None or not then.back or not (here.has("against", "growth") or then.same):
        return False
    if _by_time(r):
        r.draft.shift, r.draft.measured = then.grain, True
        return r.step(width + 1)
    now = next((f for f in reversed(r.draft.filters) if f.op == "within" and all(f.values)), None)
    relative = then.same or r.see(width).text.lower().endswith(" before")
    if now and (relative or days(now) < _LENGTHS[then.grain] - 5):
        return _beside(r, now, moved_back(now, then.grain), width + 1)
    return now is None and here.has("against") and _present(r, then, width + 1)


def _by_time(r: Reader) -> bool:
    """Whether the answer is a table by some unit of time."""
    units = [at for at, chunk in enumerate(r.chunks) if r.lexicon.units.get(chunk.text.lower()) and not chunk.period]
    rhythm = any(r.chunks[at].text.lower().endswith(("ly", "annual")) for at in units)
    named = any(at and r.chunks[at - 1].has("by", "per", "each") for at in units)
    return rhythm or named or any(item.grain for item in r.draft.groups)


def _beside(r: Reader, now: Filter, then: Filter, width: int) -> bool:
    number = now.either or 70
    r.draft.filters = [replace(f, either=number) if f is now else f for f in r.draft.filters]
    r.draft.filters.append(replace(then, either=number))
    r.draft.compared = True
    return r.step(width)


def _present(r: Reader, then: Period, width: int) -> bool:
    """“revenue vs last month”: this month is meant, as far as it has gone."""
    if not (r.draft.select or r.draft.shown or r.draft.focus) or r.today is None:
        return False
    start = unit_start(r.today, then.grain)
    now = Period(start, unit_start(r.today, then.grain, 1), then.grain, f"this {then.grain}")
    in_period(r, replace(now, text=r.see(width - 1).text), r.see(width - 1))
    made = r.draft.filters[-1]
    return _beside(r, made, moved_back(made, then.grain), width)


def days(f: Filter) -> int:
    """How long a period is."""
    first, last = (date.fromisoformat(str(value)[:10]) for value in f.values)
    return (last - first).days


def moved_back(f: Filter, unit: str) -> Filter:
    """The same period one unit earlier."""
    return replace(f, values=tuple(str(moved(date.fromisoformat(str(value)[:10]), unit)) for value in f.values))


def over_units(r: Reader) -> bool:
    """“year over year”, “month over month growth”: by that unit, or with the year before beside each month."""
    here = r.see()
    words = here.text.lower().split()
    unit = r.lexicon.units.get(words[0], "") if here.has("growth") and len(words) > 2 else ""
    if not unit or here.linked:
        return False
    r.draft.trend, r.draft.measured, r.draft.pace = "growth", True, unit
    return r.step()


def paced(r: Reader, draft: Draft) -> None:
    """A growth whose unit of time only its name says is by that unit; by a shorter one, it is since that long ago."""
    grains = [item.grain for item in draft.groups if item.grain]
    if draft.pace and not grains:
        field = date_column(r, r.see(), draft.pace)
        draft.groups += [Item(field, grain="" if r.yearly(field) else draft.pace)] if field else []
    elif draft.pace and grains and _LENGTHS[draft.pace] > _LENGTHS.get(grains[0], 400):
        draft.shift = draft.pace


def beside_earlier(draft: Draft) -> bool:
    """Each measure with the same of the unit before and its growth since; False where nothing can be compared."""
    measures = [item for item in draft.select if item.fn in ("sum", "count", "avg", "min", "max", "median", METRIC)]
    if not measures or not any(item.grain for item in draft.groups):
        return False
    draft.select[:] = [
        made
        for item in measures
        for made in (item, replace(item, shift=draft.shift), replace(item, fn=f"growth {item.fn}", shift=draft.shift))
    ]
    return True


def complete(draft: Draft, wholes: dict[str, tuple[date, date]]) -> None:
    """“by month for the last 12 months” shows complete months; a total over them runs up to today."""
    grains = {item.grain for item in draft.groups}

    def made(f: Filter) -> Filter:
        whole = wholes.get(f.phrase) if f.op == "within" else None
        return replace(f, values=(iso(whole[0]), iso(whole[1]))) if whole else f

    if grains & {"week", "month", "quarter", "year"}:
        draft.filters = [made(f) for f in draft.filters]
