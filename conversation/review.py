"""What is wrong or missing in answers, as items that an expert decides: approve, or reject with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypedDict, Unpack

from conversation.codec import JsonObject, portable
from conversation.gates import Deciders, Decision, Gate, Stage
from conversation.principal import ConversationRef, Principal

Status = Literal["open", "approved", "rejected"]
State = Literal["open", "asked", "assigned", "approved", "rejected"]
"""`asked` waits for an answer of whoever complained, `assigned` for one person; both are open."""
ROLES = ("expert", "admin")
"""Who may decide, beside those that an item is routed to."""
KINDS = {
    "answer": "Found wrong",
    "unsure": "Answered with little confidence",
    "unanswered": "Not answered",
    "drift": "The data changed",
    "proposal": "Proposed",
    "broken": "A verified query fails",
}
REASONS = {
    "meaning": "Wrong meaning of a word",
    "rows": "Wrong rows or numbers",
    "table": "Wrong table or column",
    "other": "Something else",
}
CORRECTION_LIMIT = 3_000


@portable
@dataclass(frozen=True, slots=True)
class Complaint:
    """What one person said of an answer, and where they are told what became of it.

    `user` is their id in that channel. `reason` is one of `REASONS` or empty; `correction` is a question in other
    words, or SQL.
    """

    who: Principal
    where: ConversationRef
    user: str
    run: str
    reason: str = ""
    words: str = ""
    correction: str = ""
    at: str = ""


@portable
@dataclass(frozen=True, slots=True)
class ReviewItem:
    """Something to be decided by an expert. `fingerprint` is equal for the same matter, of which one item is open.

    `sql` is what was shown, in `source`; both are empty where there was no answer. `follows` is the question before,
    where this one does not stand alone. `reason` and `correction` are the latest that were given, `people` how many it
    hurts. What was found by itself has a `version` of what it is about: once decided, it does not come back for that
    version. `parameters` is what the item is about, as its kind has it. It is routed to owners (ids of people or names
    of roles; experts where there are none), may be assigned to a person, may wait for the answer to `asked`, or for
    `change`, the gate of a change of a term that would settle it.
    """

    id: str
    tenant: str
    kind: str
    fingerprint: str
    source: str
    question: str
    sql: str
    run: str
    asked_by: Principal
    follows: str = ""
    reason: str = ""
    words: str = ""
    correction: str = ""
    people: int = 1
    created_at: str = ""
    decision: Decision | None = None
    version: str = ""
    parameters: JsonObject = field(default_factory=dict)
    routed_to: tuple[str, ...] = ()
    assignee: str = ""
    asked: str = ""
    change: str = ""

    @property
    def status(self) -> Status:
        """Open until the first decision."""
        if self.decision is None:
            return "open"
        return "rejected" if self.decision.verdict == "reject" else "approved"

    @property
    def _people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(id for id in (*self.routed_to, self.assignee) if id))

    @property
    def state(self) -> State:
        """The status, and for an open item what it waits for."""
        if self.status != "open":
            return self.status
        return "asked" if self.asked else "assigned" if self.assignee else "open"

    def belongs_to(self, who: Principal) -> bool:
        """Whether it is this person's to decide first: assigned to them, or routed to them and assigned to nobody."""
        if self.assignee:
            return self.assignee == who.id
        if self.routed_to:
            return who.id in self.routed_to or bool(set(self.routed_to) & set(who.roles))
        return bool(set(ROLES) & set(who.roles))

    def gate(self, self_approval: bool) -> Gate:
        """The rules of who may decide, as those of any other gate."""
        return Gate(
            id=f"review:{self.id}",
            tenant=self.tenant,
            run=self.run,
            flow="review",
            interrupt="",
            title=self.question[:150],
            reason=self.reason,
            parameters={"do": "verify a query", "question": self.question, "sql": self.sql},
            asked_by=self.asked_by,
            roles=ROLES,
            policy="review-1",
            self_approval=self_approval,
            stages=(Stage(Deciders(self._people, tuple(dict.fromkeys((*ROLES, *self.routed_to))))),),
            decision=self.decision,
        )


class Waits(TypedDict, total=False):
    """What may change of an open item."""

    assignee: str
    asked: str
    change: str


class Reviews(Protocol):
    """Where review items are kept. Every look-up is bound to a tenant."""

    async def report(self, item: ReviewItem, complaint: Complaint | None = None) -> ReviewItem:
        """Open an item, or join the open one of the same fingerprint; a person's latest complaint counts.

        An item with a version of which one was decided already gives that one, and nothing is opened.
        """

    async def get(self, tenant: str, id: str) -> ReviewItem | None:
        """The item of this tenant, or None."""

    async def all(self, tenant: str, status: Status = "open", limit: int = 200) -> Sequence[ReviewItem]:
        """Items in a status: those that hurt most people first, then the oldest."""

    async def amend(self, tenant: str, id: str, **changes: Unpack[Waits]) -> ReviewItem | None:
        """Change what an open item waits for; a decided one stays as it is. None if it is unknown."""

    async def waits_for(self, tenant: str, change: str) -> Sequence[ReviewItem]:
        """Open items that wait for this change of a term."""

    async def complaints(self, tenant: str, id: str) -> Sequence[Complaint]:
        """Who complained, oldest first."""

    async def decide(self, tenant: str, id: str, decision: Decision) -> ReviewItem | None:
        """Set the decision if none stands, and give the item with the decision that stands; None if it is unknown."""


class Complaints(Protocol):
    """Takes complaints about answers."""

    async def take(self, complaint: Complaint) -> None:
        """Make or join the item of the answer of `complaint.run`; nothing where that was no answer."""
