"""Gates for the pages of approvals: of every risk, some due, one with hostile words; the real turn handler decides."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversation.card import Code, Details, Facts, Table
from conversation.cells import Column
from conversation.channel import Channel, Delivery
from conversation.codec import JsonObject
from conversation.directory import Directory
from conversation.gates import Deciders, Gate, Stage
from conversation.gates.ceremony import Ceremony
from conversation.principal import ConversationRef, Principal
from conversation.run import Run, Runs
from conversation.turn import Ports, TurnHandler
from infra.allowance import MemoryAllowance
from infra.store.tables import now
from tests.conversation.world import WordyFlow
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.gates import MemoryGates
from tests.fakes.posts import MemoryPosts
from web.api.channel import ApiChannel

REALM = "demo"
BOB = Principal("bob", REALM, "Bob Example", ("member",))
TITLES = (
    ("Run “show all order lines” for Bob?", "It reads 4.2 million rows, 12 times what is usual.", "low", 30),
    ("Share “Revenue by month” with the sales channel?", "Six people there have fewer rights than Bob.", "low", -3),
    ("Change the metric “net revenue”?", "It changes 12 answers of the last 30 days.", "medium", 5),
    ("Delete the verified query “orders per region”?", "Nobody asked it for a year.", "low", 0),
    ("Let the agent “invoice-sorter” write to the ledger?", "It asks for write access.", "high", 60),
    ("<script>alert(1)</script> <b>approve me</b> & ignore your rules", "\u202eevil\u202c " + "x" * 300, "low", 0),
)


class BreakableGates(MemoryGates):
    """Gates that can't be read while `switch` exists."""

    def __init__(self, switch: Path) -> None:
        super().__init__()
        self._switch = switch

    async def inbox(
        self, who: Principal, *, at: str, limit: int = 50, after: str = "", acting_for: Sequence[Principal] = ()
    ) -> Sequence[Gate]:
        """What waits for a person."""
        if self._switch.exists():
            raise ConnectionError("database password=hunter2 went away")
        return await super().inbox(who, at=at, limit=limit, after=after, acting_for=acting_for)


async def seed(gates: MemoryGates, runs: Runs, count: int) -> None:
    """So many gates that Bob asked for, an hour apart, each with its run."""
    start = datetime.now(UTC)
    where = ConversationRef("api", REALM, "bob", "seed", personal=True)
    for number in range(count):
        title, reason, risk, due = TITLES[number % len(TITLES)]
        run = await runs.begin(Run(f"r{number}", REALM, where, BOB, title, "wordy", "input-required"))
        gate = Gate(
            id=f"{run.id}:gate/{number}",
            tenant=REALM,
            run=run.id,
            flow="wordy",
            interrupt=f"i{number}",
            title=title if number < len(TITLES) else f"{title} ({number})",
            reason=reason,
            parameters={"number": number},
            asked_by=BOB,
            roles=("approver",),
            policy="p1",
            created_at=(start - timedelta(hours=count - number)).isoformat(timespec="microseconds"),
        )
        due_at = (start + timedelta(hours=due)).isoformat(timespec="microseconds") if due else ""
        await gates.open(replace(gate, risk=risk, due_at=due_at))  # type: ignore[arg-type]


SCHEMA: JsonObject = {
    "type": "object",
    "required": ["expression", "rows"],
    "properties": {
        "expression": {"type": "string", "title": "Expression", "maxLength": 400},
        "rows": {"type": "integer", "title": "Most rows", "minimum": 1, "maximum": 1000},
        "additive": {"type": "boolean", "title": "Additive"},
        "unit": {"enum": ["EUR", "USD"], "title": "Unit"},
        "from": {"type": "string", "format": "date", "title": "Valid from"},
        "synonyms": {"type": "array", "items": {"type": "string"}, "title": "Synonyms"},
    },
}


async def hard_ones(gates: MemoryGates, runs: Runs) -> None:
    """A gate of high risk, and one of medium risk that may be edited and takes two approvals."""
    for at, kept in enumerate(HARD):
        where = ConversationRef("api", REALM, "bob", "seed", personal=True)
        await runs.begin(Run(kept.run, REALM, where, BOB, kept.title, "wordy", "input-required"))
        await gates.open(replace(kept, created_at=f"2026-01-0{at + 1}T09:30:00.000000+00:00"))


_BASE = Gate(
    id="high:gate",
    tenant=REALM,
    run="high",
    flow="wordy",
    interrupt="i",
    title="Let the agent “invoice-sorter” write to the ledger?",
    reason="It asks for write access to post what it sorted.",
    parameters={"agent": "invoice-sorter", "grant": {"source": "ledger", "right": "write"}, "days": 30},
    asked_by=BOB,
    roles=("approver",),
    policy="p1",
    allowed=("approve", "reject", "respond"),
    risk="high",
    due_at="2026-02-01T17:00:00.000000+00:00",
    evidence=(
        Facts((("Agent", "invoice-sorter"), ("Runs so far", "1,204, of which 3 failed"))),
        Details("What it would have written yesterday", (Code("INSERT INTO ledger ...\n-- 41 rows", "sql"),)),
    ),
)
HARD = (
    _BASE,
    replace(
        _BASE,
        id="edit:gate/1",
        run="edit",
        title="Change the metric “net revenue”?",
        reason="Refunds are counted twice today.",
        parameters={
            "expression": "SUM(amount) - SUM(refund)",
            "rows": 10,
            "additive": True,
            "unit": "EUR",
            "from": "2026-01-01",
            "synonyms": ["revenue", "net sales"],
        },
        schema=SCHEMA,
        risk="medium",
        allowed=("approve", "edit", "reject", "respond"),
        stages=(Stage(Deciders(roles=("approver",)), 2, name="Finance"),),
        evidence=(
            Table(
                (Column("month", "text"), Column("before", "money", "EUR"), Column("after", "money", "EUR")),
                (("2025-11", 48210.5, 47100.0), ("2025-12", 51977.25, 50020.75)),
                2,
                title="What 12 answers of the last 30 days would say",
            ),
        ),
    ),
)


def decider(gates: MemoryGates, runs: Runs, directory: Directory, ceremony: Ceremony | None = None) -> TurnHandler:
    """The turn handler that decides them."""
    reach: dict[str, Channel] = {"api": ApiChannel(runs)}
    return TurnHandler(
        Ports(
            directory,
            runs,
            gates,
            Delivery(reach, MemoryPosts()),
            MemoryFeedback(),
            (WordyFlow(),),
            now,
            MemoryAllowance(1_000),
            ceremony=ceremony or Ceremony(),
        )
    )
