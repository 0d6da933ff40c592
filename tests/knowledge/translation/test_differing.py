"""A question back is asked only where its readings really give different rows."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlglot import exp

from knowledge.errors import SourceUnavailable
from knowledge.sources.sqlite import SqliteSource
from knowledge.translation.assisted import Rows
from knowledge.translation.differing import differing
from knowledge.translation.model import Ask, Assumption, Interpretation, Option, Read
from knowledge.trial import LightTrial
from tests.fakes.sources import ANYBODY, engine
from tests.knowledge.translation.shop import Shop

OPTIONS = tuple(Option(f"t.{name}", f"{name} (t)") for name in "abc")


def reading(at: int, *, ordered: bool = False) -> Interpretation:
    query = exp.select("abc"[at]).from_("t")
    return Interpretation(query.order_by("abc"[at]) if ordered else query, "s", "sqlite", 0.5)


def ask(many: int, *, ordered: bool = False) -> Ask:
    options = OPTIONS[:many]
    return Ask(
        "What do you mean by “x”?",
        tuple(reading(at, ordered=ordered) for at in range(many)),
        tuple(option.label for option in options),
        Assumption("link:x", "x", "“x” was taken as the a of t.", options, "t.a"),
    )


class Told:
    """Rows by the column that is read; an error or None where there are none."""

    def __init__(self, *rows: Rows | SourceUnavailable | None) -> None:
        self._rows = rows

    async def __call__(self, reading: Interpretation) -> Rows | None:
        column = reading.query.find(exp.Column)
        assert column is not None
        rows = self._rows["abc".index(column.name)]
        if isinstance(rows, SourceUnavailable):
            raise rows
        return rows


@pytest.mark.parametrize("rows", [[(1,), (2,)], [], [(0,)], [(None,)]])
async def test_readings_of_the_same_rows_are_answered_with_an_assumption(rows: Sequence[tuple[int]]) -> None:
    found = await differing(ask(2), Told(rows, list(reversed(rows))))
    assert isinstance(found, Read)
    (assumption,) = found.interpretations[0].assumptions
    assert assumption.text == "“x” was taken as a (t); as b (t) the answer is the same."
    assert assumption.chosen == "t.a"
    assert assumption.options == OPTIONS[:2]


async def test_readings_of_different_rows_are_asked_about() -> None:
    asked = ask(2)
    assert await differing(asked, Told([(1,)], [(2,)])) == asked
    assert await differing(asked, Told([(1,)], [(1,), (1,)])) == asked


async def test_the_order_counts_where_it_is_asked_for() -> None:
    rows = [(1,), (2,)]
    assert isinstance(await differing(ask(2, ordered=True), Told(rows, rows[::-1])), Ask)
    assert isinstance(await differing(ask(2, ordered=True), Told(rows, rows)), Read)


async def test_only_readings_that_differ_are_offered() -> None:
    found = await differing(ask(3), Told([(1,)], [(1,)], [(3,)]))
    assert isinstance(found, Ask)
    assert found.labels == ("a (t)", "c (t)")
    assert found.assumption.options == (OPTIONS[0], OPTIONS[2])
    assert len(found.candidates) == 2


@pytest.mark.parametrize("rows", [None, SourceUnavailable("The source is down.")])
async def test_rows_that_cannot_be_had_count_as_different(rows: SourceUnavailable | None) -> None:
    asked = ask(2)
    assert await differing(asked, Told(rows, [(1,)])) == asked
    assert await differing(asked, Told([(1,)], rows)) == asked
    assert await differing(asked, Told(rows, rows)) == asked


async def test_names_of_different_things_are_asked_about_on_real_rows(shop: Shop) -> None:
    source = SqliteSource("shop", shop.path)
    trial = LightTrial(engine(shop.catalog, source), ANYBODY)
    found = shop.ask("show the names")
    assert isinstance(found, Ask)
    try:
        assert isinstance(await differing(found, trial), Ask)
        twice = replace(found, candidates=(found.candidates[0],) * 2, labels=found.labels[:2])
        twice = replace(twice, assumption=replace(found.assumption, options=found.assumption.options[:2]))
        assert isinstance(await differing(twice, trial), Read)
    finally:
        await source.close()


def test_each_label_of_a_question_back_is_that_of_its_option(shop: Shop) -> None:
    found = shop.ask("show the names")
    assert isinstance(found, Ask)
    assert found.labels == tuple(option.label for option in found.assumption.options)
    assert len(found.candidates) == len(found.labels)
