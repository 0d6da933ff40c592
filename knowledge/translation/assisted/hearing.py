"""Several candidates at the same time: each checked and run on trial, sent back once, and heard until enough agree."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.translation.assisted.budget import Purse
from knowledge.translation.assisted.compare import Voice
from knowledge.translation.assisted.port import Complete, ModelFailed, Prompt, Trial
from knowledge.translation.assisted.prompt import nothing, repair
from knowledge.translation.assisted.reply import Unusable, checked, parse, unusable

TURNS = 2
"""Calls of the model for a candidate: the proposal and one repair."""
ALONE = 0.6
"""Confidence in a model's query that no rule could read."""


@dataclass(slots=True)
class Heard:
    """The candidates that could be used, in the order in which they came, and why the others could not."""

    voices: list[Voice] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Asks for candidates of one question; every call is paid from one purse."""

    complete: Complete
    purse: Purse
    catalog: Catalog
    trial: Trial

    async def hear(self, prompts: Sequence[Prompt], enough: Callable[[Sequence[Voice]], bool], seconds: float) -> Heard:
        """One candidate per prompt, until `enough`, or until the time is up; the rest is given up."""
        heard = Heard()
        tasks = [asyncio.create_task(self.candidate(prompt)) for prompt in prompts]
        try:
            async with asyncio.timeout(seconds):
                for done in asyncio.as_completed(tasks):
                    try:
                        heard.voices.append(await done)
                    except ModelFailed as failed:
                        heard.failures.append(failed.why)
                    if enough(heard.voices):
                        break
        except TimeoutError:
            heard.failures.append(f"it did not answer within {seconds:g} seconds")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return heard

    async def candidate(self, prompt: Prompt) -> Voice:
        """A query that passed the guard and the source, with its rows. Raises ModelFailed.

        A reply that can't be used, or whose query gives no rows, is sent back once with what was wrong.
        """
        why, kept = "", None
        for _ in range(TURNS):
            try:
                reply = await self.purse.ask(self.complete, prompt)
            except ModelFailed:
                if kept:
                    return kept
                raise
            try:
                voice = await self._tried(reply.text)
            except Unusable as bad:
                why, prompt = bad.why, repair(prompt, reply.text, bad.problem)
                continue
            if voice.rows is None or voice.rows:
                return voice
            kept, prompt = voice, nothing(prompt, reply.text)
        if kept:
            return kept
        raise ModelFailed(why)

    async def _tried(self, reply: str) -> Voice:
        reading = checked(parse(reply), self.catalog, ALONE, "model, checked; the rules could not read the question")
        if reading is None:
            return Voice(None)
        try:
            return Voice(reading, await self.trial(reading))
        except SourceUnavailable as away:
            raise ModelFailed("the source that its query asks is away") from away
        except KnowledgeError as refused:
            raise unusable(refused) from refused
