"""Reading chunks: rules tried in order at each place, each taking the chunks it understands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from knowledge.translation.chunks import Chunk
from knowledge.translation.index import Index
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.reading import (
    adjectives,
    amounts,
    arithmetic,
    asking,
    comparing,
    conditions,
    dating,
    derived,
    everyone,
    grouping,
    moments,
    naming,
    negating,
    ordering,
    parts,
    patterns,
    places,
    ratios,
    repeating,
    selecting,
    superlatives,
    values,
)
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.trace import Trace

RULES: tuple[Callable[[Reader], bool], ...] = (
    derived.rate,
    places.ranked,
    everyone.every_one,
    ratios.ratio,
    ratios.each_of,
    parts.ratio_of_parts,
    arithmetic.difference,
    arithmetic.several_times,
    arithmetic.since,
    arithmetic.from_to,
    moments.on_weekdays,
    moments.asked_unit,
    moments.best_unit,
    amounts.how_much,
    comparing.against_earlier,
    comparing.over_units,
    selecting.boundary,
    derived.beyond,
    derived.comparing,
    repeating.duplicated,
    selecting.everything,
    derived.duration,
    derived.within_days,
    derived.margin,
    derived.same_as,
    derived.trend,
    asking.extent,
    ordering.sorting,
    ordering.ranking,
    ordering.popularity,
    ordering.most,
    selecting.counting,
    selecting.share,
    conditions.between,
    conditions.comparison,
    patterns.text_pattern,
    patterns.inside,
    patterns.missing,
    superlatives.superlative,
    ordering.adjective,
    grouping.rhythm,
    grouping.grouping,
    selecting.aggregate,
    dating.period,
    values.value,
    conditions.bare_number,
    naming.naming,
    negating.negation,
    selecting.both,
    selecting.distinct,
    selecting.relative,
    selecting.joiner,
    adjectives.idle,
    ratios.unread,
)


def read(
    chunks: Sequence[Chunk],
    index: Index,
    lexicon: Lexicon,
    choices: Mapping[str, str],
    context: tuple[str, ...] = (),
    topic: str = "",
    today: date | None = None,
) -> Reader:
    """The reader after the last chunk; what no rule understood is in `lost`."""
    heard = [c for c in chunks if c.linked or c.value or c.number is not None or c.period or not _mute(c)]
    reader = Reader(heard, index, lexicon, choices, context, topic, today=today)
    reader.some = frozenset(at for at, c in enumerate(heard) if _before(chunks, c) == "some")
    reader.part = lambda some: read(some, index, lexicon, choices, context, topic, today)
    trace = Trace(reader)
    while reader.at < len(heard):
        began = reader.at
        if any(rule(reader) for rule in RULES):
            trace.note(began)
            continue
        chunk = reader.see()
        if chunk.unknown:
            reader.lost.append(chunk)
        reader.step()
    trace.close()
    reader.asked_at_all()
    if reader.fns and all(item.fn == "count" for item in reader.draft.select) and not reader.unsupported:
        reader.unsupported = "something to work out the figure of"
    if reader.negated and not reader.unsupported:
        reader.unsupported = "to know what exactly should not be"
    draft = reader.draft
    reader.headed = bool(draft.select or draft.shown or draft.focus or draft.groups)
    return reader


def _before(chunks: Sequence[Chunk], here: Chunk) -> str:
    """The words right before a chunk, which the rules may not hear."""
    return next((c.text.lower() for c in chunks if c.end == here.start), "")


def _mute(chunk: Chunk) -> bool:
    if len(chunk.text) == 1 and chunk.capital and chunk.start:
        return False
    if chunk.text.lower() == "same":
        return False
    return bool(chunk.roles) and all(role in ("ignore", "possessive", "their") for role, _ in chunk.roles)
