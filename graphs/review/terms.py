"""The glossary in chat: “what does revenue mean?”, “define ... as ...”. No graph: each turn is whole."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Decision, Gate
from conversation.principal import Principal
from conversation.review import ROLES
from conversation.run import Answered, Flow, Outcome, Report, Run
from graphs.asking import asker
from graphs.errors import told
from graphs.nlq.desk import Desk
from graphs.review import term_cards as cards
from graphs.review.defining import Defining
from graphs.review.proposing import Changes
from graphs.review.term_words import Said, Verb, said
from knowledge.glossary import Glossaries, Glossary, Term
from knowledge.glossary.checking import insist, table_of
from knowledge.glossary.codec import content
from knowledge.glossary.past import back_to
from knowledge.translation.library import library
from knowledge.translation.meaning import matches, named
from knowledge.translation.words import clean, tokenise

IT = "term"
"""The key of a conversation's memory under which the term spoken of last is kept."""
_BUTTONS: Mapping[str, Verb] = {
    "terms.show": "ask",
    "terms.history": "history",
    "terms.undo": "undo",
    "terms.approve": "approve",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted of which term, by whom; `term` is None for one that there is not yet."""

    run: Run
    said: Said
    term: Term | None
    glossary: Glossary
    memory: JsonObject

    @property
    def who(self) -> Principal:
        return self.run.asked_by

    @property
    def expert(self) -> bool:
        return bool(set(ROLES) & set(self.who.roles))

    def answered(self, card: Card, term: Term | None = None) -> Answered:
        """The card; the term is what “it” means next."""
        about = term or self.term
        return Answered(card, {**self.memory, IT: about.id} if about else self.memory)


class TermsFlow:
    """`conversation.run.Flow` for what words mean. `otherwise` takes texts that turn out to be no talk of terms.

    Drafts are changed at once by experts; every other change waits for approval, and so does all that members say.
    """

    name = "terms"

    def __init__(self, desk: Desk, glossaries: Glossaries, changes: Changes, otherwise: Flow) -> None:
        self._desk = desk
        self._glossaries = glossaries
        self._changes = changes
        self._otherwise = otherwise
        self._defining = Defining(desk)
        self._steps: Mapping[Verb, Callable[[_Asked], Awaitable[Outcome]]] = {
            "ask": self._meaning,
            "list": self._list,
            "define": self._define,
            "also": self._also,
            "deprecate": self._deprecate,
            "history": self._history,
            "undo": self._undo,
            "approve": self._approve,
        }

    def handles(self, activity: Message | CardAction) -> float:
        """Words that speak of terms, and its own buttons."""
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb in _BUTTONS else 0.0
        return 0.8 if said(activity.text) else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """Answer, change a draft, or ask for the approval of a change."""
        wanted = self._wanted(activity)
        glossary = await self._glossaries.of(run.tenant)
        if isinstance(activity, CardAction):
            term = glossary.get(str(activity.payload.get(IT, "")))
        else:
            it = str(memory.get(IT, "")) if not wanted.name and wanted.verb != "list" else ""
            term = glossary.get(it) if it else named(wanted.name, glossary)
        if isinstance(activity, Message) and await self._of_data(run, wanted, term, glossary):
            return await self._otherwise.start(run, activity, memory, report)
        with told():
            return await self._steps[wanted.verb](_Asked(run, wanted, term, glossary, memory))

    async def _of_data(self, run: Run, wanted: Said, term: Term | None, glossary: Glossary) -> bool:
        """Whether the words ask for data: the history of orders, or all terms where a table holds some."""
        if wanted.verb == "history":
            return term is None
        if wanted.verb != "list" or glossary.terms:
            return False
        catalog = await self._desk.engine.catalog(asker(run.asked_by))
        return library(catalog).names("term")

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """Changes wait at gates of the flow `review`, which makes them."""
        raise NotAllowed("Nothing here waits for a decision.")

    def _wanted(self, activity: Message | CardAction) -> Said:
        if isinstance(activity, CardAction):
            return Said(_BUTTONS[activity.verb])
        found = said(activity.text)
        if found is None:
            raise PersonError("I can't tell what this asks of the glossary.", next_step="Ask “what terms are there?”.")
        return found

    async def _meaning(self, asked: _Asked) -> Outcome:
        if asked.term is None:
            return asked.answered(cards.unknown(asked.said.name, near(asked.said.name, asked.glossary), asked.run.id))
        return asked.answered(await self._card(asked, asked.term))

    async def _card(self, asked: _Asked, term: Term, note: str = "") -> Card:
        catalog = await self._desk.engine.catalog(asker(asked.who))
        homes = [(place.source, place.table) for place in (*term.places, *((term.metric,) if term.metric else ()))]
        visible = all(table_of(catalog, source, table) is not None for source, table in homes)
        used = await self._used(asked, term)
        return cards.meaning(term, asked.glossary, used, asked.run.id, visible=visible, note=note)

    async def _used(self, asked: _Asked, term: Term) -> list[str]:
        """What speaks of a term: other terms, and questions whose answers somebody verified."""
        others = asked.glossary.terms
        found = [
            f"{one.name} ({one.kind})" for one in others if term.id in (*one.levels, *(r.other for r in one.relations))
        ]
        for query in await self._desk.verified.of(asked.who.tenant) if self._desk.verified else ():
            tokens = tokenise(clean(query.question))
            if any(term in match.terms for match in matches(tokens, asked.glossary)):
                found.append(f"“{query.question}” (verified)")
        return found

    async def _list(self, asked: _Asked) -> Outcome:
        return asked.answered(cards.listing(asked.glossary.terms, asked.run.id))

    async def _define(self, asked: _Asked) -> Outcome:
        """A draft of what the right side was read as, at once for experts; else a proposal."""
        catalog = await self._desk.engine.catalog(asker(asked.who))
        made = await self._defining.term(
            asked.said.name, asked.said.rest, asked.term, asked.who, asked.glossary, catalog
        )
        insist(made.term, asked.glossary, catalog)
        return await self._changed(
            asked,
            made.term,
            lambda term: cards.defined(term, made.evidence, made.dates, asked.run.id),
        )

    async def _changed(self, asked: _Asked, after: Term, card: Callable[[Term], Card]) -> Outcome:
        """Write a draft where an expert may; else wait for those who answer for the term."""
        before = asked.glossary.get(after.id)
        if asked.expert and (before is None or before.status == "draft"):
            if before is not None and content(before) == content(after):
                return asked.answered(card(before), before)
            base = before.version if before else 0
            note = asked.run.text[:200]
            term = await self._glossaries.put(asked.who.tenant, after, by=asked.who.name, note=note, base=base)
            return asked.answered(card(term), term)
        wanted = after if after.status == "deprecated" else replace(after, status="approved")
        return await self._changes.propose(before, wanted, asked.who, asked.run, f"“{asked.run.text[:300]}”")

    def _known(self, asked: _Asked) -> Term:
        if asked.term is None:
            name = asked.said.name
            which = f"No term is called “{name[:80]}”." if name else "I can't tell which term is meant."
            raise PersonError(which, next_step="Ask “what terms are there?”.")
        return asked.term

    async def _also(self, asked: _Asked) -> Outcome:
        term = self._known(asked)
        word = " ".join(asked.said.rest.split())
        if word.lower() in (one.lower() for one in term.words):
            return asked.answered(await self._card(asked, term, f"“{term.name}” is called “{word}” already."))
        after = replace(term, synonyms=(*term.synonyms, word))
        insist(after, asked.glossary, await self._desk.engine.catalog(asker(asked.who)))
        shown = await self._card(asked, after, f"“{term.name}” is also called “{word}” from now on.")
        return await self._changed(asked, after, lambda _: shown)

    async def _deprecate(self, asked: _Asked) -> Outcome:
        term = self._known(asked)
        after = replace(term, status="deprecated")
        shown = await self._card(asked, after, f"“{term.name}” is not used in answers any more.")
        return await self._changed(asked, after, lambda _: shown)

    async def _approve(self, asked: _Asked) -> Outcome:
        term = self._known(asked)
        if term.status == "approved":
            return asked.answered(await self._card(asked, term, f"“{term.name}” is approved already."))
        return await self._changes.propose(
            term, replace(term, status="approved"), asked.who, asked.run, "Asked for its approval"
        )

    async def _history(self, asked: _Asked) -> Outcome:
        term = self._known(asked)
        versions = await self._glossaries.history(asked.who.tenant, term.id)
        return asked.answered(cards.history(term, versions, asked.run.id))

    async def _undo(self, asked: _Asked) -> Outcome:
        """The version before; a draft that has none is taken away."""
        term = self._known(asked)
        versions = [one for one in await self._glossaries.history(asked.who.tenant, term.id) if not one.removed]
        if len(versions) > 1:
            after = back_to(versions, versions[1].version)
            shown = await self._card(
                asked, after, f"“{term.name}” is again as it was in version {versions[1].version}."
            )
            return await self._changed(asked, after, lambda _: shown)
        if not (asked.expert and term.status == "draft"):
            raise NotAllowed(f"“{term.name}” has no earlier version.", next_step="Deprecate it instead.")
        await self._glossaries.remove(asked.who.tenant, term.id, by=asked.who.name, note=asked.run.text[:200])
        return asked.answered(cards.listing([one for one in asked.glossary.terms if one.id != term.id], asked.run.id))


def near(name: str, glossary: Glossary) -> list[Term]:
    """Terms that share a word with a name."""
    words = {token.lemma for token in tokenise(clean(name)) if len(token.lemma) > 2}
    found = [term for term in glossary.terms if words & {t.lemma for word in term.words for t in tokenise(word)}]
    return found[:3]
