"""Proposals come once a week, from documents that everybody may read among others."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from infra.documents import passages, synchronise
from infra.reviewing import Chores
from infra.settings import Settings
from knowledge.enrichment import Proposal

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Told:
    """Times, kept in memory."""

    def __init__(self) -> None:
        self.at: dict[str, str] = {}

    async def last(self, tenant: str, person: str, kind: str) -> str:
        return self.at.get(kind, "")

    async def set(self, tenant: str, person: str, kind: str, at: str) -> None:
        self.at[kind] = at


class Quiet:
    """Nothing else to do."""

    async def round(self, *_given: object) -> None:
        return None


class Making:
    """Counts what was sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    async def proposals(self) -> tuple[Proposal, ...]:
        return tuple(Proposal("tag", f"p{n}", 0.5, ()) for n in range(9))

    async def send(self, proposals: Sequence[Proposal]) -> int:
        self.sent.append(len(proposals))
        return len(proposals)


async def test_experts_get_a_few_proposals_a_week_and_none_in_the_first() -> None:
    making = Making()
    chores = Chores("t", cast(Any, Quiet()), cast(Any, SimpleNamespace()), cast(Any, Told()), 0, cast(Any, making), 5)
    for day in range(22):
        await chores.round(START + timedelta(days=day))
    assert making.sent == [5, 5, 5]


async def test_definitions_are_read_only_from_documents_that_everybody_may_read(tmp_path: Path) -> None:
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "words.md").write_text(f"# Words\n\nThe {name} rate means the share of what is {name}.\n")
    documents = [
        {"name": "open", "path": str(tmp_path / "open")},
        {"name": "closed", "path": str(tmp_path / "closed"), "roles": ["board"]},
    ]
    settings = Settings.model_validate({"data": tmp_path / "data", "documents": documents})
    synchronise(settings)
    (found,) = await passages(settings)()
    assert "open rate" in found.text
    assert "Words" in found.where
