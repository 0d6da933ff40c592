"""What changed in the sources, for people and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from knowledge.catalog.affected import Affected
from knowledge.catalog.drift import Change

if TYPE_CHECKING:
    from infra.catalogs import StoredCatalogs


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed in one source, and whom each change meets."""

    source: str
    changes: tuple[Change, ...]
    affected: Mapping[Change, Sequence[Affected]]

    @property
    def breaking(self) -> list[Change]:
        """Changes that may break questions."""
        return [change for change in self.changes if change.what.breaking]


async def compared(catalogs: "StoredCatalogs", names: Sequence[str], since: str) -> list[Drift]:
    """The drift of each source."""
    found = []
    for name in names:
        changes = await catalogs.drift(name, since)
        found.append(Drift(name, changes, await catalogs.affected(changes)))
    return found


def to_json(drift: Drift) -> dict[str, Any]:
    """Everything, for programs."""
    changes = [
        {
            **change.to_json(),
            "breaking": change.what.breaking,
            "text": change.text,
            "affected": [asdict(each) for each in drift.affected.get(change, ())],
        }
        for change in drift.changes
    ]
    return {"source": drift.source, "changes": changes}


def print_card(drift: Drift) -> None:
    """The card that chats get, here."""
    from rich.console import Console

    from graphs.admin.cards import drift as card
    from infra.cli.terminal import show

    met = [(each, change.text) for change, affected in drift.affected.items() for each in affected]
    others = [change.text for change in drift.changes if not change.what.breaking]
    shown = card(drift.source, [change.text for change in drift.breaking], others, met)
    show(shown, Console(), details=True)
