"""Whether a question back is worth asking: only where its readings give different rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from knowledge.errors import KnowledgeError
from knowledge.translation.assisted.port import Rows, Trial
from knowledge.translation.model import Ask, Interpretation, Option, Read


async def differing(ask: Ask, trial: Trial) -> Read | Ask:
    """The question with readings of different rows only; the first reading where all rows are the same.

    A reading whose rows can't be had, because they are too many or its source is away, counts as different.
    """
    kept: list[int] = []
    seen: list[object] = []
    for at, candidate in enumerate(ask.candidates):
        rows = await _rows(candidate, trial)
        if rows is None or rows not in seen:
            kept.append(at)
            seen.append(rows)
        if rows is None and at == 0:
            return ask
    if len(kept) == 1:
        return _settled(ask)
    options = ask.assumption.options
    if len(options) != len(ask.candidates) or len(kept) == len(options):
        return ask
    return replace(
        ask,
        candidates=tuple(ask.candidates[at] for at in kept),
        labels=tuple(ask.labels[at] for at in kept),
        assumption=replace(ask.assumption, options=tuple(options[at] for at in kept)),
    )


def _settled(ask: Ask) -> Read:
    """The likeliest reading; that the others give the same is said, with a button for each."""
    first = ask.candidates[0]
    chosen = ask.assumption.options[0].id if ask.assumption.options else ask.assumption.chosen
    text = f"“{ask.assumption.phrase}” was taken as {ask.labels[0]}; as {_or(ask.labels[1:])} the answer is the same."
    told = replace(ask.assumption, text=text, options=_offered(ask), chosen=chosen)
    return Read((replace(first, assumptions=(told, *(a for a in first.assumptions if a.id != told.id))),))


def _offered(ask: Ask) -> tuple[Option, ...]:
    return ask.assumption.options[: len(ask.candidates)]


def _or(labels: Sequence[str]) -> str:
    return f"{', '.join(labels[:-1])} or {labels[-1]}" if len(labels) > 1 else "".join(labels)


async def _rows(reading: Interpretation, trial: Trial) -> object | None:
    """What the rows are known by: in their order only where the query sorts them."""
    try:
        rows: Rows | None = await trial(reading)
    except KnowledgeError:
        return None
    if rows is None:
        return None
    told = [tuple(map(repr, row)) for row in rows]
    return told if isinstance(reading.query, exp.Query) and reading.query.args.get("order") else Counter(told)
