"""What people find wrong with answers, as items that an expert decides: approve a query, or reject with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from conversation.codec import portable
from conversation.gates import Decision, Gate
from conversation.principal import ConversationRef, Principal

Status = Literal["open", "approved", "rejected"]
ROLES = ("expert", "admin")
"""Who may decide."""
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
    """Something to be decided by an expert. `fingerprint` is equal for the same question, of which one item is open.

    `sql` is what was shown, in `source`; both are empty where there was no answer. `follows` is the question before,
    where this one does not stand alone. `reason` and `correction` are the latest that were given, `people` how many
    complained.
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

    @property
    def status(self) -> Status:
        """Open until the first decision."""
        if self.decision is None:
            return "open"
        return "rejected" if self.decision.verdict == "reject" else "approved"

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
            decision=self.decision,
        )


class Reviews(Protocol):
    """Where review items are kept. Every look-up is bound to a tenant."""

    async def report(self, item: ReviewItem, complaint: Complaint) -> ReviewItem:
        """Open an item, or join the open one of the same fingerprint; a person's latest complaint counts."""

    async def get(self, tenant: str, id: str) -> ReviewItem | None:
        """The item of this tenant, or None."""

    async def all(self, tenant: str, status: Status = "open", limit: int = 200) -> Sequence[ReviewItem]:
        """Items in a status: those that hurt most people first, then the oldest."""

    async def complaints(self, tenant: str, id: str) -> Sequence[Complaint]:
        """Who complained, oldest first."""

    async def decide(self, tenant: str, id: str, decision: Decision) -> ReviewItem | None:
        """Set the decision if none stands, and give the item with the decision that stands; None if it is unknown."""


class Complaints(Protocol):
    """Takes complaints about answers."""

    async def take(self, complaint: Complaint) -> None:
        """Make or join the item of the answer of `complaint.run`; nothing where that was no answer."""
