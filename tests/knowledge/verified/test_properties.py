"""What holds for every question: paraphrases are the same, other words are not, and tenants stay apart."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from knowledge.asker import Asker
from knowledge.translation.lexicon import load
from knowledge.verified.segment import segment
from tests.knowledge.translation.warehouse import TODAY
from tests.knowledge.verified.conftest import QUESTIONS
from tests.knowledge.verified.world import ANN, World

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

OPENINGS = ("", "show me", "Please show me", "What is", "what are the", "Give me", "hello, tell me")
IDLE = ("", "the", "our", "please", "of the")
SAME = {"per": ("by", "for each", "per"), "without": ("with no", "without"), "above": ("over", "more than", "above")}
ENDS = ("", "?", "!", " ?", ".")
OTHERS = (
    "not", "without", "never", "more than", "less than", "at least", "average", "total", "highest", "lowest", "top",
    "last year", "today", "since 2024", "7", "only", "except", "or", "different", "cumulative", "share of", "growth",
    "orders", "revenue", "customers", "region", "store", "price", "month", "cost", "shipped", "open", "Berlin",
)  # fmt: skip


@st.composite
def paraphrases(draw: st.DrawFn) -> tuple[str, str]:
    """A question and the same with other function words, phrases of the same meaning, case and punctuation."""
    question = draw(st.sampled_from(QUESTIONS))
    words: list[str] = []
    for word in question.rstrip("?").split():
        said = draw(st.sampled_from(SAME.get(word, (word,))))
        small = said if said in ("March",) else draw(st.sampled_from((said, said.lower(), said.upper())))
        before = draw(st.sampled_from(IDLE)) if words and words[-1] not in _TIGHT and word not in _TIGHT else ""
        words += [before, small] if before else [small]
    opening = "" if question.startswith("How") else draw(st.sampled_from(OPENINGS))
    return question, f"{opening} {' '.join(words)}{draw(st.sampled_from(ENDS))}".strip()


_TIGHT = {"Q1", "March", "last", "this", "in", "2026", "2025", "How", "many", "month", "year", "number", "of"}
"""Words of times and phrases that are one with their neighbours."""


@relaxed
@given(paraphrases())
def test_function_words_case_and_phrases_of_the_same_meaning_change_nothing(
    world: World, said: tuple[str, str]
) -> None:
    question, other = said
    assert world.sql(other) == world.sql(question) != "", other


@relaxed
@given(st.sampled_from(QUESTIONS), st.sampled_from(OTHERS), st.integers(0, 12))
def test_a_word_more_that_says_something_is_another_question(
    world: World, question: str, more: str, place: int
) -> None:
    words = question.split()
    at = min(place, len(words))
    other = " ".join([*words[:at], more, *words[at:]])
    own, new = (segment(text, "en", TODAY).items for text in (question, other))
    assume([(item.kind, item.text, item.number) for item in own] != [(i.kind, i.text, i.number) for i in new])
    found = world.ask(other)
    if found is not None:
        _only_values_differ(found.query.question, other)


@relaxed
@given(st.sampled_from(QUESTIONS), st.integers(0, 12))
def test_a_word_less_that_says_something_is_another_question(world: World, question: str, place: int) -> None:
    items = segment(question, "en", TODAY).items
    gone = items[place % len(items)]
    tokens = [token.text for token in segment(question, "en", TODAY).tokens]
    other = " ".join([*tokens[: gone.start], *tokens[gone.end :]])
    found = world.ask(other)
    if found is not None:
        _only_values_differ(found.query.question, other)


@relaxed
@given(st.sampled_from(QUESTIONS), st.sampled_from(OTHERS), st.integers(0, 12))
def test_another_word_in_the_place_of_one_is_another_question_unless_both_are_values(
    world: World, question: str, other: str, place: int
) -> None:
    said = segment(question, "en", TODAY)
    gone = said.items[place % len(said.items)]
    tokens = [token.text for token in said.tokens]
    text = " ".join([*tokens[: gone.start], other, *tokens[gone.end :]])
    found = world.ask(text)
    if found is not None:
        _only_values_differ(found.query.question, text)


def _only_values_differ(question: str, other: str) -> None:
    """All words are the same but for values of parameters, or stand for the same by the lexicon."""
    own, new = (segment(text, "en", TODAY).items for text in (question, other))
    synonyms = load().synonyms
    before = {item.text for item in own if item.kind == "word"}
    after = {item.text for item in new if item.kind == "word"}
    values = {"france", "germany", "defective", "sweden", "berlin"}
    strange = {word for word in after - before if not ({word, *synonyms.get(word, ())} & before)} - values
    assert strange == set(), (question, other, strange)
    missing = {word for word in before - after if not ({word, *synonyms.get(word, ())} & after)} - values
    assert missing == set(), (question, other, missing)


@relaxed
@given(st.sampled_from(QUESTIONS), st.text(max_size=12), st.lists(st.text(max_size=8), max_size=3))
def test_no_other_tenant_is_ever_answered(world: World, question: str, tenant: str, roles: list[str]) -> None:
    assume(tenant != ANN.tenant)
    assert world.ask(question, Asker(tenant, "ann", tuple(roles), tuple(roles))) is None


@relaxed
@given(st.text(max_size=200))
def test_no_text_breaks_it(world: World, text: str) -> None:
    world.ask(text)
