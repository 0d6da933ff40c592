"""The model proposes, the guard checks, the rules are held against it; whatever fails, the rules' reading goes on."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from knowledge.catalog.model import Catalog
from knowledge.glossary import Term
from knowledge.translation.assisted.budget import Budget, Purse
from knowledge.translation.assisted.compare import Voice, alike, fingerprint, parties, voice
from knowledge.translation.assisted.hearing import Heard, Hearing
from knowledge.translation.assisted.port import Briefing, Complete, Trial
from knowledge.translation.assisted.prompt import NOTHING, asks
from knowledge.translation.meaning.heeding import applied_in, ignored_in
from knowledge.translation.model import (
    Ask,
    Assumption,
    Context,
    Decline,
    Interpretation,
    Option,
    Read,
    Translation,
)
from knowledge.translation.translator import LONGEST

log = logging.getLogger(__name__)

CHOICE = "reading"
"""The assumption by which a person says whose reading is meant."""
IGNORED = "note:terms"
RULES, MODEL = "rules", "model"
_OPTIONS = (Option(RULES, "the rules’ reading"), Option(MODEL, "the model’s proposal"))

TRUSTED, TRUSTED_MORE = 0.8, 0.9
"""Rules that are so sure keep their reading against another one of the model, or against one that it made twice."""
DISPUTED = 0.5
"""Confidence in a model's query that the rules read differently."""
ENOUGH = 2
"""Voices that say the same, the rules among them; then no more candidates are waited for."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Improves translations with so many candidates of a chat model, within `seconds` and a budget for each question.

    `samples` says whether stored values may be sent with the tables.
    """

    complete: Complete
    seconds: float = 20.0
    samples: bool = True
    candidates: int = 1
    budget: Budget = field(default_factory=Budget)

    async def improve(
        self,
        question: str,
        catalog: Catalog,
        context: Context,
        translation: Translation,
        trial: Trial,
        briefing: Briefing = NOTHING,
    ) -> Translation:
        """The better of the rules' translation and the model's; the rules' own where the model is of no use.

        Never raises for anything that the model says, does or leaves undone.
        """
        if _settled(question, context):
            return _as_chosen(translation, context)
        rules = await voice(translation.interpretations[0], trial) if isinstance(translation, Read) else None
        purse = Purse(self.budget)
        hearing = Hearing(self.complete, purse, catalog, trial)
        prompts = asks(question, catalog, context, translation, briefing, many=self.candidates, samples=self.samples)

        def enough(voices: Sequence[Voice]) -> bool:
            return len(parties([*([rules] if rules else []), *voices])[0]) >= ENOUGH if voices else False

        heard = await hearing.hear(prompts, enough, self.seconds)
        improved = await _weighed(translation, rules, heard, context, trial, _Meanings(question, context, catalog))
        return _with_spent(improved, purse.told())


@dataclass(frozen=True, slots=True)
class _Meanings:
    """What the words of the question mean by the glossary."""

    question: str
    context: Context
    catalog: Catalog

    def ignored(self, reading: Interpretation) -> tuple[Term, ...]:
        """Approved metrics that a model's query works out otherwise."""
        return ignored_in(reading.query, self.question, self.context.glossary, self.catalog)

    def told(self, reading: Interpretation) -> Interpretation:
        """A model's query with the terms that it keeps to; those that it does not are told."""
        terms = applied_in(reading.query, self.question, self.context.glossary, self.catalog)
        names = [f"“{term.name}” (version {term.version})" for term in self.ignored(reading)]
        if not names:
            return replace(reading, terms=terms)
        text = f"The model’s query does not work out {' and '.join(names)} as it is approved."
        doubt = Assumption(IGNORED, "", text)
        doubtful = round(reading.confidence / 2, 3)
        return replace(reading, terms=terms, confidence=doubtful, assumptions=(doubt, *reading.assumptions))


def _with_spent(translation: Translation, spent: str) -> Translation:
    match translation:
        case Read(interpretations=(best, *rest)):
            return Read((replace(best, spent=spent), *rest))
        case _:
            return translation


def _settled(question: str, context: Context) -> bool:
    """Nothing to propose: no question, or a person has already chosen how to read it."""
    chosen = [id for id in context.choices if id != CHOICE]
    return bool(chosen) or context.choices.get(CHOICE) == RULES or len(question) > LONGEST or not question.strip()


def _as_chosen(translation: Translation, context: Context) -> Translation:
    if not isinstance(translation, Read) or not context.choices:
        return translation
    best, *rest = translation.interpretations
    best = replace(best, made_by="rules, as chosen; the model was not asked")
    if context.choices.get(CHOICE) == RULES:
        best = _disputed(best, RULES, "Read by the rules, as chosen; the model reads it differently.")
    return Read((best, *rest))


def _without(translation: Translation, why: str) -> Translation:
    """The rules' translation, saying why the model has no part in it."""
    log.warning("the model was not used: %s", why)
    match translation:
        case Read(interpretations=(best, *rest)):
            return Read((replace(best, made_by=f"rules; the model was not used: {why}"), *rest))
        case Decline(reason=reason):
            return replace(translation, reason=f"{reason} The model was not used: {why}.")
        case _:
            return translation


def _unproposed(translation: Translation) -> Translation:
    """The model says that the data does not hold the answer."""
    if not isinstance(translation, Read):
        return translation
    best, *rest = translation.interpretations
    doubt = Assumption(CHOICE, "", "The model finds no answer to this in the data; this is how the rules read it.")
    best = replace(
        best,
        confidence=round(best.confidence * 0.7, 3),
        assumptions=(doubt, *best.assumptions),
        made_by="rules; the model finds no answer in the data",
    )
    return Read((best, *rest))


async def _weighed(
    translation: Translation, rules: Voice | None, heard: Heard, context: Context, trial: Trial, meanings: _Meanings
) -> Translation:
    """The candidates vote by their rows; the rules' reading votes with them and is the check."""
    if not heard.voices:
        return _without(translation, heard.failures[0] if heard.failures else "it gave no answer")
    said = len(heard.voices)
    party = parties(heard.voices)[0]
    match translation:
        case Read(interpretations=(best, *_)):
            return _held_against(translation, best, rules or Voice(best), heard.voices, context, meanings)
        case Ask():
            return await _answered(translation, party, trial)
        case _ if party[0].reading is None:
            return translation
        case _:
            alone = Assumption(CHOICE, "", "Only the model could read this question; look at how it was made.")
            made_by = f"{party[0].reading.made_by}{_tally(party, said)}"
            return Read((meanings.told(replace(party[0].reading, assumptions=(alone,), made_by=made_by)),))


def _held_against(
    translation: Read,
    best: Interpretation,
    rules: Voice,
    voices: Sequence[Voice],
    context: Context,
    meanings: _Meanings,
) -> Translation:
    agreeing: list[Voice] = []
    other: list[Voice] = []
    for one in voices:
        (agreeing if alike(one, rules) else other).append(one)
    others = parties(other)
    if agreeing and (not others or len(agreeing) + 1 >= len(others[0])):
        return Read((_agreed(best, agreeing, len(voices)),))
    party = others[0]
    if party[0].reading is None:
        return _unproposed(translation)
    trusted = TRUSTED_MORE if len(party) > 1 else TRUSTED
    if any(term.id in {one.id for one in best.terms} for term in meanings.ignored(party[0].reading)):
        trusted = 0.0  # What people approved is not outvoted by a model.
    chosen = _choice(best, party[0].reading, context, trusted, _tally(party, len(voices)))
    return Read((chosen if chosen.query is best.query else meanings.told(chosen),))


async def _answered(ask: Ask, party: Sequence[Voice], trial: Trial) -> Translation:
    """A question back is spared where the model takes one of its readings, and only one."""
    if party[0].reading is None:
        return ask
    trees = {id(one): fingerprint(one.query) for one in ask.candidates}
    same = [one for one in ask.candidates if trees[id(one)] == fingerprint(party[0].reading.query)]
    if not same:
        voices = [await voice(one, trial) for one in ask.candidates]
        same = [one.reading for one in voices if one.reading and alike(one, party[0])]
    return Read((_agreed(same[0], party, len(party)),)) if len(same) == 1 else ask


def _agreed(best: Interpretation, agreeing: Sequence[Voice], said: int) -> Interpretation:
    """Two that read it alike are surer than one."""
    words = "the model agrees" if len(agreeing) == said else f"the model agrees{_tally(agreeing, said)}"
    return replace(best, confidence=round(1 - (1 - best.confidence) / 2, 3), made_by=f"rules; {words}")


def _tally(party: Sequence[Voice], said: int) -> str:
    return f" ({len(party)} of {said} proposals)" if said > 1 else ""


def _choice(
    best: Interpretation, proposed: Interpretation, context: Context, trusted: float, tally: str
) -> Interpretation:
    """The reading that a person chose, else the rules' if they are sure, else the model's; the other is a button."""
    if context.choices.get(CHOICE) != MODEL and best.confidence >= trusted:
        sure = replace(
            best, confidence=round(best.confidence * 0.8, 3), made_by=f"rules; the model reads it differently{tally}"
        )
        return _disputed(sure, RULES, f"The model reads this differently: {proposed.explanation}")
    made_by = f"model, checked; the rules read it differently{tally}"
    return _disputed(
        replace(proposed, confidence=DISPUTED, made_by=made_by),
        MODEL,
        f"Proposed by the model; the rules read this differently: {best.explanation}",
    )


def _disputed(reading: Interpretation, chosen: str, text: str) -> Interpretation:
    assumption = Assumption(CHOICE, "", text, _OPTIONS, chosen)
    return replace(reading, assumptions=(assumption, *reading.assumptions))
