"""What answering a question needs of the world."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from conversation.codec import JsonObject
from conversation.gates import digest
from conversation.gates.canonical import EXACT
from conversation.gates.risks import Risks
from knowledge.federation import Engine
from knowledge.glossary import EMPTY, Glossaries, Glossary
from knowledge.results import Results
from knowledge.sources.port import Limits
from knowledge.translation.assisted import Proposer
from knowledge.translation.meaning import phrases
from knowledge.translation.model import Translator
from knowledge.verified import VerifiedQueries

MANY = 500
"""Terms from which on a changed glossary is indexed beside the loop."""


@dataclass(frozen=True, slots=True)
class Approval:
    """When a query waits for somebody's approval, and whose. Thresholds are estimates, in rows.

    `policy` names these very rules: an approval given under other ones runs nothing.
    """

    rows_read: int
    rows_returned: int
    roles: tuple[str, ...]
    self_approval: bool

    @property
    def policy(self) -> str:
        """The version of the rules: equal for equal rules."""
        rules: JsonObject = {
            "rows_read": min(self.rows_read, EXACT),
            "rows_returned": min(self.rows_returned, EXACT),
            "roles": ",".join(sorted(self.roles)),
            "self_approval": self.self_approval,
        }
        return f"query-cost-{digest(rules)[:12]}"


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools on the table. `today` gives the date that “last month” is counted from.

    `proposer` asks the chat model, and is None where none is configured; `verified` are looked at before all else.
    `glossary` says what words mean here, `risks` how much ceremony a query takes that waits: the least without them.
    """

    engine: Engine
    translator: Translator
    results: Results
    limits: Limits
    approval: Approval
    today: Callable[[], date]
    language: str = "en"
    proposer: Proposer | None = None
    verified: VerifiedQueries | None = None
    glossary: Glossaries | None = None
    risks: Risks | None = None

    @property
    def policy(self) -> str:
        """The version of all rules under which a query is approved."""
        own = self.approval.policy
        return f"{own}/{self.risks.policy}" if self.risks else own

    async def meanings(self, tenant: str) -> Glossary:
        """What words mean to a tenant; nothing where no glossary is kept."""
        found = await self.glossary.of(tenant) if self.glossary else EMPTY
        if len(found.terms) > MANY:
            await asyncio.to_thread(phrases, found)
        return found
