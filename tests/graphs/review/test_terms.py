"""Talking of terms: what they mean, defining them, and what only becomes so when others approve it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Decision, Gate
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Answered, Outcome, Report, Run, Waiting
from graphs.asking import asker
from graphs.nlq.desk import Approval, Desk
from graphs.review.changing import Changing
from graphs.review.term_words import Said, said
from graphs.review.terms import TermsFlow
from knowledge.glossary import Glossary, Metric, Place, Term
from knowledge.sources.port import Limits
from knowledge.sources.sqlite import SqliteSource
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Read
from tests.fakes.gates import MemoryGates
from tests.fakes.glossary import MemoryGlossaries
from tests.fakes.results import MemoryResults
from tests.fakes.risks import FixedRisks
from tests.fakes.sources import engine
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

ANN = Principal("ann", "acme", "Ann", ("member",))
EVA = Principal("eva", "acme", "Eva", ("member", "expert"))
REVENUE = Term(
    "revenue",
    "Revenue",
    "metric",
    "approved",
    "What customers pay.",
    ("turnover",),
    ("eva",),
    Metric("shop", "orders", "SUM(total)", ("status <> 'cancelled'",), time="ordered_at", unit="EUR"),
)
WHERE = ConversationRef("web", "acme", "c/1", personal=True)


class Elsewhere:
    """Whatever is no talk of terms."""

    name = "nlq"

    def handles(self, activity: Message | CardAction) -> float:
        return 0.5

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        return Answered(Card((), fallback="asked of the data"))

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        raise NotImplementedError


class Talk:
    """A conversation about terms, with its memory."""

    def __init__(self, desk: Desk, glossaries: MemoryGlossaries) -> None:
        now = "2026-11-21T10:00:00+00:00"
        changing = Changing(glossaries, FixedRisks(), lambda: now, engine=desk.engine, gates=MemoryGates())
        self.desk, self.glossaries = desk, glossaries
        self.flow = TermsFlow(desk, glossaries, changing, Elsewhere())
        self.memory: JsonObject = {"history": []}

    async def say(self, text: str, who: Principal = EVA) -> Outcome:
        message = Message("m1", WHERE, Sender("web", "acme", who.id, who.name), text)
        assert self.flow.handles(message) > 0.5
        outcome = await self.flow.start(self._run(text, who), message, self.memory, lambda *_: None)
        if isinstance(outcome, Answered):
            self.memory = outcome.memory
        return outcome

    async def words(self, text: str, who: Principal = EVA) -> str:
        outcome = await self.say(text, who)
        assert isinstance(outcome, Answered)
        return outcome.card.fallback_text

    async def press(self, verb: str, term: str, who: Principal = EVA) -> Outcome:
        action = CardAction("p1", WHERE, Sender("web", "acme", who.id, who.name), verb, {"run": "m1", "term": term}, {})
        assert self.flow.handles(action) == 1.0
        return await self.flow.start(self._run("", who), action, self.memory, lambda *_: None)

    async def glossary(self) -> Glossary:
        return await self.glossaries.of("acme")

    async def sql(self, question: str) -> str:
        catalog = await self.desk.engine.catalog(asker(EVA))
        context = Context(TODAY, glossary=await self.glossary())
        found = self.desk.translator.translate(question, catalog, context)
        assert isinstance(found, Read)
        return found.interpretations[0].query.sql(dialect="sqlite")

    @staticmethod
    def _run(text: str, who: Principal) -> Run:
        return Run("m1", "acme", WHERE, who, text, "terms")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    path = tmp_path / "shop.sqlite"
    from knowledge.catalog.model import Catalog
    from knowledge.catalog.scan import scan

    await _written(path)
    source = SqliteSource("shop", path)
    catalog = Catalog(await scan(source), {"shop": "sqlite"})
    glossaries = MemoryGlossaries(REVENUE)
    desk = Desk(
        engine(catalog, source),
        RuleTranslator(),
        MemoryResults(),
        Limits(1_000, 5.0, 1_000_000),
        Approval(10**9, 10**9, ("approver",), False),
        lambda: TODAY,
        glossary=glossaries,
    )
    yield Talk(desk, glossaries)
    await source.close()


async def _written(path: Path) -> None:
    import asyncio

    await asyncio.to_thread(write_warehouse, path)


async def test_a_term_is_told_with_its_formula_in_words_its_status_and_who_owns_it(talk: Talk) -> None:
    words = await talk.words("what does revenue mean?", ANN)
    formula = "Sum of total of orders, where status is not “cancelled”"
    for part in ("Approved", "What customers pay.", formula, "Also called: turnover", "Owners: eva", "Version: 1"):
        assert part in words
    assert "Revenue" in await talk.words("Was bedeutet turnover?", ANN)


async def test_an_unknown_word_is_said_to_be_no_term(talk: Talk) -> None:
    assert "No term is called “churn”" in await talk.words("what does churn mean?")


async def test_an_expert_defines_rows_of_a_table_and_the_next_answer_uses_them(talk: Talk) -> None:
    words = await talk.words("define active customer as customers with an order in the last 90 days")
    assert "“Active customer” is a draft now." in words
    assert "Customers where" in words
    term = (await talk.glossary()).get("active-customer")
    assert term is not None
    assert (term.status, term.version, term.owners) == ("draft", 1, ("eva",))
    assert "DATE('now', '-90 days')" in term.places[0].condition
    assert term.places[0].condition in (await talk.sql("how many active customers are there")).replace(
        "customers.", "", 1
    )


async def test_a_metric_is_defined_in_words_and_called_by_another_name_right_after(talk: Talk) -> None:
    words = await talk.words("net sales means sum of order_lines.revenue")
    assert "Sum of revenue of order lines." in words
    assert "also called “proceeds”" in await talk.words("also call it proceeds")
    assert (await talk.glossary()).get("net-sales").synonyms == ("proceeds",)  # type: ignore[union-attr]
    assert "SUM(order_lines.revenue)" in await talk.sql("proceeds by channel")


async def test_defining_the_same_twice_makes_one_version(talk: Talk) -> None:
    for _ in range(2):
        await talk.words("net sales means sum of order_lines.revenue")
    assert (await talk.glossary()).get("net-sales").version == 1  # type: ignore[union-attr]


async def test_what_a_member_defines_waits_for_approval_and_changes_nothing_yet(talk: Talk) -> None:
    outcome = await talk.say("define insider as customers with newsletter", ANN)
    assert isinstance(outcome, Waiting)
    assert outcome.gate.target == "term:insider"
    assert outcome.gate.parameters["status"] == "approved"
    assert (await talk.glossary()).get("insider") is None


async def test_an_approved_meaning_is_changed_by_a_gate_even_for_an_expert(talk: Talk) -> None:
    outcome = await talk.say("define revenue as sum of order_lines.revenue")
    assert isinstance(outcome, Waiting)
    assert (outcome.gate.target, outcome.gate.target_version) == ("term:revenue", "1")
    assert "SUM(total) → SUM(revenue)" in outcome.card.fallback_text
    assert isinstance(await talk.say("deprecate revenue"), Waiting)
    assert (await talk.glossary()).get("revenue") == replace(REVENUE, version=1)


async def test_a_draft_is_undone_step_by_step_and_its_history_stays(talk: Talk) -> None:
    await talk.say("net sales means sum of order_lines.revenue")
    await talk.say("also call it proceeds")
    assert "Version 2" in await talk.words("history of net sales")
    assert "again as it was in version 1" in await talk.words("undo the last change of net sales")
    assert (await talk.glossary()).get("net-sales").synonyms == ()  # type: ignore[union-attr]


async def test_a_draft_is_handed_to_approval_by_a_button(talk: Talk) -> None:
    await talk.say("net sales means sum of order_lines.revenue")
    outcome = await talk.press("terms.approve", "net-sales")
    assert isinstance(outcome, Waiting)
    assert outcome.gate.parameters["status"] == "approved"


async def test_words_that_can_not_be_read_are_kept_in_words(talk: Talk) -> None:
    words = await talk.words("define churn as the sadness of leaving")
    assert "answers can’t use it yet" in words
    term = (await talk.glossary()).get("churn")
    assert term is not None
    assert (term.metric, term.places, term.definition) == (None, (), "The sadness of leaving")


async def test_the_history_of_something_that_is_no_term_is_a_question_of_data(talk: Talk) -> None:
    assert await talk.words("history of orders") == "asked of the data"


async def test_a_change_of_no_term_says_so(talk: Talk) -> None:
    with pytest.raises(PersonError, match="No term is called"):
        await talk.say("deprecate nothing at all")
    with pytest.raises(PersonError, match="which term"):
        await talk.say("also call it proceeds")


async def test_a_name_that_another_term_has_is_refused_with_a_reason(talk: Talk) -> None:
    await talk.say("net sales means sum of order_lines.revenue")
    term = Term("old", "Old", places=(Place("shop", "nothing"),))
    await talk.glossaries.put("acme", term, by="x")
    assert "data that you can’t see" in await talk.words("what does old mean?", ANN)
    with pytest.raises(NotAllowed):
        await talk.press("terms.undo", "revenue")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what does the average customer spend?", None),
        ("what is the mean revenue by month", None),
        ("which customers means trouble", None),
        ("show orders as a table", None),
        ("what does revenue mean?", Said("ask", "revenue")),
        ("¿Qué significa ingresos?", Said("ask", "ingresos")),
        ("que signifie chiffre d'affaires ?", Said("ask", "chiffre d'affaires")),
        ("Was verstehen wir unter aktiver Kunde?", Said("ask", "aktiver Kunde")),
        ("definiere Umsatz als Summe von Beträgen", Said("define", "Umsatz", "Summe von Beträgen")),
        ("définis client actif comme clients avec une commande",
         Said("define", "client actif", "clients avec une commande")),
        ("define cliente como clientes", Said("define", "cliente", "clientes")),
        ("nenne es auch Erlös", Said("also", "", "Erlös")),
        ("llámalo también ventas", Said("also", "", "ventas")),
        ("what terms are there?", Said("list")),
        ("undo the last change of revenue", Said("undo", "revenue")),
        ("x" * 3_000, None),
    ],
)  # fmt: skip
def test_words_about_terms_are_told_from_questions_of_data(text: str, expected: Said | None) -> None:
    assert said(text) == expected
