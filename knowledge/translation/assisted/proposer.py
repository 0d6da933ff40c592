"""The model proposes, the guard checks, the rules are held against it; whatever fails, the rules' reading goes on."""

import asyncio
import logging
from dataclasses import dataclass, replace

from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.translation.assisted import prompt as prompts
from knowledge.translation.assisted.compare import agree, fingerprint
from knowledge.translation.assisted.port import Complete, ModelFailed, Rows, Trial
from knowledge.translation.assisted.reply import Unusable, checked, parse, unusable
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
RULES, MODEL = "rules", "model"
_OPTIONS = (Option(RULES, "the rules’ reading"), Option(MODEL, "the model’s proposal"))

TRUSTED = 0.9
"""Rules that are so sure keep their reading against another one of the model."""
ALONE, DISPUTED = 0.6, 0.5
"""Confidence in a model's query that no rule could read, and in one that the rules read differently."""
TURNS = 2
"""Calls of the model for a question: the proposal and one repair."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Improves translations with a chat model, within `seconds` a question.

    `samples` says whether stored values may be sent with the tables.
    """

    complete: Complete
    seconds: float = 20.0
    samples: bool = True

    async def improve(
        self, question: str, catalog: Catalog, context: Context, translation: Translation, trial: Trial
    ) -> Translation:
        """The better of the rules' translation and the model's; the rules' own where the model is of no use.

        Never raises for anything that the model says, does or leaves undone.
        """
        if _settled(question, context):
            return _as_chosen(translation, context)
        try:
            async with asyncio.timeout(self.seconds):
                proposed, rows = await self._propose(question, catalog, context, translation, trial)
        except TimeoutError:
            return _without(translation, f"it did not answer within {self.seconds:g} seconds")
        except ModelFailed as failed:
            return _without(translation, failed.why)
        if proposed is None:
            return _unproposed(translation)
        return await _weighed(translation, proposed, rows, context, trial)

    async def _propose(
        self, question: str, catalog: Catalog, context: Context, translation: Translation, trial: Trial
    ) -> tuple[Interpretation | None, Rows | None]:
        """A query that passed the guard and the source, with its rows; one bad reply is sent back with its error."""
        prompt = prompts.ask(question, catalog, context, translation, samples=self.samples)
        why = ""
        for _ in range(TURNS):
            reply = await self.complete(prompt)
            try:
                return await _tried(reply, catalog, trial)
            except Unusable as bad:
                why = bad.why
                prompt = prompts.repair(prompt, reply, bad.problem)
        raise ModelFailed(why)


async def _tried(reply: str, catalog: Catalog, trial: Trial) -> tuple[Interpretation | None, Rows | None]:
    proposed = checked(parse(reply), catalog, ALONE, "model, checked; the rules could not read the question")
    if proposed is None:
        return None, None
    try:
        return proposed, await trial(proposed)
    except SourceUnavailable as away:
        raise ModelFailed("the source that its query asks is away") from away
    except KnowledgeError as refused:
        raise unusable(refused) from refused


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
    translation: Translation, proposed: Interpretation, rows: Rows | None, context: Context, trial: Trial
) -> Translation:
    match translation:
        case Read(interpretations=(best, *_)):
            if await agree(best, proposed, rows, trial):
                return Read((_agreed(best),))
            return Read((_choice(best, proposed, context),))
        case Ask(candidates=candidates):
            same = [one for one in candidates if fingerprint(one.query) == fingerprint(proposed.query)]
            return Read((_agreed(same[0]),)) if len(same) == 1 else translation
        case _:
            alone = Assumption(CHOICE, "", "Only the model could read this question; look at how it was made.")
            return Read((replace(proposed, assumptions=(alone,)),))


def _agreed(best: Interpretation) -> Interpretation:
    """Two that read it alike are surer than one."""
    return replace(best, confidence=round(1 - (1 - best.confidence) / 2, 3), made_by="rules; the model agrees")


def _choice(best: Interpretation, proposed: Interpretation, context: Context) -> Interpretation:
    """The reading that a person chose, else the rules' if they are sure, else the model's; the other is a button."""
    if context.choices.get(CHOICE) != MODEL and best.confidence >= TRUSTED:
        sure = replace(
            best, confidence=round(best.confidence * 0.8, 3), made_by="rules; the model reads it differently"
        )
        return _disputed(sure, RULES, f"The model reads this differently: {proposed.explanation}")
    made_by = "model, checked; the rules read it differently"
    return _disputed(
        replace(proposed, confidence=DISPUTED, made_by=made_by),
        MODEL,
        f"Proposed by the model; the rules read this differently: {best.explanation}",
    )


def _disputed(reading: Interpretation, chosen: str, text: str) -> Interpretation:
    assumption = Assumption(CHOICE, "", text, _OPTIONS, chosen)
    return replace(reading, assumptions=(assumption, *reading.assumptions))
