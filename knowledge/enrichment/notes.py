"""Keys and tags that the scan found by itself, for an expert to confirm or refute."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from knowledge.catalog.model import Catalog, ForeignKey, Table
from knowledge.catalog.sensitive import findings
from knowledge.enrichment.model import Evidence, Note, Proposal
from knowledge.enrichment.naming import place_name

_SHARE = re.compile(r"(\d+) of (\d+) sampled values")
ENOUGH = 50
"""Sampled values from which a key is nearly sure."""


def notes(catalog: Catalog) -> Iterator[Proposal]:
    """Keys that no database declares, and tags by which columns are protected."""
    for table in catalog.tables:
        for key in table.keys:
            if not key.declared and key.evidence != CONFIRMED and len(key.columns) == 1:
                yield _key(table, key)
        for column in table.columns:
            for found in findings(table, column):
                note = Note("tag", table.source, place_name(table), column.name, found.tag)
                where = f"{note.table}.{note.column}"
                proof = Evidence("values" if "%" in found.evidence else "name", f"{where}: {found.evidence}.")
                yield Proposal(
                    "tag", f"{where} holds {found.tag}", 0.9 if "%" in found.evidence else 0.6, (proof,), note=note
                )


def _key(table: Table, key: ForeignKey) -> Proposal:
    target = ".".join(part for part in (key.source, key.schema or "", key.target) if part)
    note = Note("key", table.source, place_name(table), key.columns[0], f"{target}({key.target_columns[0]})")
    found = _SHARE.search(key.evidence)
    sure = (
        min(0.95, int(found[1]) / max(1, int(found[2])) * (0.95 if int(found[2]) >= ENOUGH else 0.7)) if found else 0.6
    )
    title = f"{note.table}.{note.column} points at {note.value}"
    return Proposal("key", title, sure, (Evidence("keys", f"{title}: {key.evidence}."),), note=note)


CONFIRMED = "confirmed by an expert"
"""Evidence of a key that somebody approved."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What experts said of a tenant's keys and tags."""

    confirmed: frozenset[Note] = frozenset()
    refuted: frozenset[Note] = frozenset()


class CatalogNotes(Protocol):
    """Where they are kept."""

    async def of(self, tenant: str) -> Notes:
        """Everything that was said; later words replace earlier ones."""

    async def say(self, tenant: str, note: Note, *, confirmed: bool, by: str) -> None:
        """Keep what an expert says of a fact."""


def noted(tables: Sequence[Table], said: Notes) -> tuple[Table, ...]:
    """The tables with what experts said of them: confirmed keys and tags stand, refuted ones are gone.

    Tables of which nothing was said are the same objects.
    """
    places = {(note.source, note.table) for note in said.confirmed | said.refuted}
    return tuple(_noted(table, said) if (table.source, place_name(table)) in places else table for table in tables)


def _noted(table: Table, said: Notes) -> Table:
    def about(aspect: str, column: str, value: str) -> Note:
        return Note(aspect, table.source, place_name(table), column, value)  # type: ignore[arg-type]

    keys = []
    for key in table.keys:
        note = _key(table, key).note if len(key.columns) == 1 else None
        if note is None or note not in said.refuted:
            keys.append(replace(key, evidence=CONFIRMED) if note in said.confirmed and not key.declared else key)
    columns = []
    for column in table.columns:
        tags = tuple(tag for tag in column.tags if about("tag", column.name, tag) not in said.refuted)
        columns.append(column if tags == column.tags else replace(column, tags=tags))
    return replace(table, keys=tuple(keys), columns=tuple(columns))
