"""References kept in memory."""

from bots.teams.references import TeamsReference
from conversation.principal import ConversationRef


class MemoryReferences:
    """The twin of the stored references."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], TeamsReference] = {}
        self.writes = 0

    async def keep(self, reference: TeamsReference) -> None:
        self.kept[(reference.where.workspace, reference.where.space)] = reference
        self.writes += 1

    async def find(self, where: ConversationRef) -> TeamsReference | None:
        return self.kept.get((where.workspace, where.space))

    async def personal(self, workspace: str, person: str) -> TeamsReference | None:
        for (tenant, _), reference in self.kept.items():
            if tenant == workspace and reference.kind == "personal" and reference.person == person:
                return reference
        return None
