"""A change of what a word means, as a gate: nothing of it holds before people approved it.

No graph: all that waits stands in the gate itself (the whole term as it would be, the version it was changed from), so
a checkpoint would be a second copy that could disagree. The gate's `interrupt` is its own id, and `resume` acts on that
gate's parameters alone: an old button can't approve a newer change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from conversation.codec import JsonObject
from conversation.errors import PersonError
from conversation.gates import VERDICTS, Deciders, Decision, Gate, Gates, Stage
from conversation.gates.risks import Risks
from conversation.principal import Principal
from conversation.review import ROLES, ReviewItem
from conversation.run import Answered, Run, Standing, Waiting
from graphs.asking import asker
from graphs.review import change_cards
from graphs.review.impact import Impact
from graphs.review.term_schema import schema_of
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import Conflict, KnowledgeError
from knowledge.glossary import Glossaries, Term
from knowledge.glossary.checking import insist
from knowledge.glossary.codec import content, from_json
from knowledge.glossary.diff import FieldChange, diff

FLOW = "review"


class Catalogs(Protocol):
    """What a person may see of the data."""

    async def catalog(self, asker: Asker) -> Catalog:
        """Their catalog."""


TARGET = "term:"


@dataclass(frozen=True, slots=True)
class Changing:
    """Opens gates for changes of terms, and makes the change once it is approved. `now` gives ISO times in UTC.

    `approvers` are roles that may be the second pair of eyes on a metric, beside experts and admins. `engine` gives
    catalogs to check terms against; `impact` shows the effect on past answers.
    """

    glossaries: Glossaries
    risks: Risks
    now: Callable[[], str]
    approvers: tuple[str, ...] = ("approver",)
    self_approval: bool = False
    engine: Catalogs | None = None
    gates: Gates | None = None
    impact: Impact | None = None

    async def propose(
        self,
        before: Term | None,
        after: Term,
        who: Principal,
        run: Run,
        reason: str,
    ) -> Waiting:
        """The gate of a change from `before` (None makes a new term) to `after`, and the card that its deciders see.

        One run proposes one change. Raises PersonError where nothing would change, where `after` is another term, and
        for one that the catalog or the glossary contradicts.
        """
        if before is not None and before.id != after.id:
            raise PersonError("A term keeps its id.", next_step="Change its name instead.")
        after = await self._sound(after, who)
        changes = diff(before, after)
        if not changes:
            raise PersonError("Nothing of the term would change.", next_step="Change it, then propose that.")
        effect = await self.impact.of(before, after, who) if self.impact else ()
        shown = (*change_cards.changed_fields((*changes, *_unapproved(before, after, changes))), *effect)
        gate = replace(self._gate(before, after, who, run, reason), evidence=shown)
        return Waiting(gate, change_cards.proposed(gate))

    async def _sound(self, term: Term, who: Principal) -> Term:
        """The term as it is once approved. Raises PersonError for one that can't be used."""
        term = replace(term, status="deprecated" if term.status == "deprecated" else "approved")
        try:
            if self.engine is not None:
                insist(term, await self.glossaries.of(who.tenant), await self.engine.catalog(asker(who)))
        except KnowledgeError as wrong:
            raise PersonError(wrong.what, next_step=wrong.next_step) from wrong
        return term

    def _gate(self, before: Term | None, after: Term, who: Principal, run: Run, reason: str) -> Gate:
        id = f"{run.id}:gate"
        ruling = self.risks.risk(action(after), who)
        stages = ruling.stages or self._stages(before, after, who)
        verb = "Define" if before is None else "Change"
        return Gate(
            id=id,
            tenant=run.tenant,
            run=run.id,
            flow=FLOW,
            interrupt=id,
            title=f"{verb} the {after.kind} “{after.name[:80]}” for {who.name}?",
            reason=reason,
            parameters=content(after),
            asked_by=who,
            roles=stages[0].deciders.roles,
            policy=ruling.policy,
            allowed=VERDICTS,
            self_approval=self.self_approval,
            stages=stages,
            risk=ruling.risk,
            schema=schema_of(after),
            target=f"{TARGET}{after.id}",
            target_version=str(before.version if before else 0),
            created_at=self.now(),
            remind_at=_later(self.now(), ruling.remind_seconds),
            escalate_at=_later(self.now(), ruling.escalate_seconds),
            escalate_to=ruling.escalate_to,
            due_at=_later(self.now(), ruling.due_seconds),
        )

    def _stages(self, before: Term | None, after: Term, who: Principal) -> tuple[Stage, ...]:
        """Two pairs of eyes; on a metric that neither an owner nor an expert proposed, three.

        An owner's or expert's own proposal counts as their approval: they can't give it again. Owners are those of the
        term as it stands, for whoever proposes one could name themselves.
        """
        owners = before.owners if before else ()
        knowing = Deciders(users=owners, roles=tuple(dict.fromkeys((*ROLES, *owners))))
        seconds = Deciders(roles=tuple(dict.fromkeys((*self.approvers, *ROLES))))
        first, second = Stage(knowing, name="Owner or expert"), Stage(seconds, name="Second approver")
        if "metric" not in (after.kind, before.kind if before else ""):
            return (first,)
        return (second,) if knowing.include(who) else (first, second)

    async def standing(self, gate: Gate) -> Standing:
        """The rules on risk, and the version of the term that the gate would change; 0 for one that is not there."""
        term = (await self.glossaries.of(gate.tenant)).get(gate.target.removeprefix(TARGET))
        return Standing(self.risks.policy, str(term.version if term else 0))

    async def resume(self, run: Run, gate: Gate, decision: Decision) -> tuple[Answered, Term | None]:
        """What became of the change: made, exactly once however often this is called, or why not."""
        if decision.verdict == "reject":
            return Answered(change_cards.rejected(decision, run.id)), None
        try:
            after = await self._sound(term_of(gate, decision), decision.by)
        except KnowledgeError as wrong:
            raise PersonError(wrong.what, next_step=wrong.next_step) from wrong
        before = await self.base(gate)
        try:
            made = await self._made(gate, after, decision)
        except Conflict as conflict:
            standing = (await self.glossaries.of(gate.tenant)).get(after.id)
            return Answered(change_cards.conflict(gate.id, conflict, standing, after, run.id), state="failed"), None
        card = change_cards.changed(made, diff(before, made), decision, run.id)
        return Answered(card), made

    async def make(self, item: ReviewItem, after: Term, who: Principal, before: Term | None) -> Term:
        """The version that an approved proposal makes, once. Raises Conflict, and PersonError for an unsound term."""
        mark = f"[review:{item.id}]"
        for version in await self.glossaries.history(item.tenant, after.id):
            if version.note.endswith(mark):
                return version
        base = before.version if before else 0
        if base != item.parameters.get("base", base):
            raise Conflict(f"“{after.name}” was changed after this was proposed.", next_step="Reject this proposal.")
        after = await self._sound(after, who)
        note = f"{item.question[:200]} {mark}"
        return await self.glossaries.put(item.tenant, after, by=who.name, note=note, base=base)

    async def open_gates(self, tenant: str) -> list[Gate]:
        """The changes of terms that wait for a decision."""
        waiting = await self.gates.waiting(tenant) if self.gates else ()
        return [gate for gate in waiting if gate.flow == FLOW and gate.target.startswith(TARGET)]

    async def _made(self, gate: Gate, after: Term, decision: Decision) -> Term:
        """The version that this gate made, making it where none stands. Raises Conflict."""
        for version in await self.glossaries.history(gate.tenant, after.id):
            if version.note.endswith(_mark(gate)):
                return version
        note = f"{decision.reason or gate.reason or 'approved'} {_mark(gate)}".strip()
        return await self.glossaries.put(
            gate.tenant, after, by=decision.by.name, note=note, base=int(gate.target_version)
        )

    async def base(self, gate: Gate) -> Term | None:
        """The version that was changed."""
        id = gate.target.removeprefix(TARGET)
        history = await self.glossaries.history(gate.tenant, id)
        return next((one for one in history if str(one.version) == gate.target_version), None)


def action(after: Term) -> JsonObject:
    """The action in the words of the rules on risk."""
    return {"do": "change a term", **content(after)}


def term_of(gate: Gate, decision: Decision | None = None) -> Term:
    """The term that was approved: the gate's, or the editor's of it. Raises Refused, and Conflict for another term."""
    edited = decision is not None and decision.verdict == "edit" and bool(decision.inputs)
    term = from_json(decision.inputs if edited and decision else gate.parameters)
    if f"{TARGET}{term.id}" != gate.target or term.kind != gate.parameters.get("kind"):
        raise Conflict("What was edited is another term or another kind.", next_step="Propose that by itself.")
    return term


def _mark(gate: Gate) -> str:
    """Ends the note of the version that a gate made, so that it is made once, and blame leads to the gate."""
    return f"[{gate.id}]"


def _unapproved(before: Term | None, after: Term, changes: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """What stays of a term that nobody approved yet: its deciders are asked for all of it."""
    if before is None or before.status not in ("draft", "proposed"):
        return ()
    changed = {one.field for one in changes}
    return tuple(one for one in diff(None, after) if one.field not in changed)


def _later(at: str, seconds: int) -> str:
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat() if seconds else ""
