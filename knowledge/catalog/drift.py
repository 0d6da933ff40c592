"""What changed between two looks at a source."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from knowledge.catalog.model import Column, ForeignKey, Table
from knowledge.catalog.pairing import alike_columns, alike_tables, paired
from knowledge.catalog.shift import FEW, shifted

ROWS_TIMES = 2.0
"""A table whose rows became so many times more, or fewer, is worth a word."""
ROWS_LEAST = 100


class What(StrEnum):
    """Kinds of change."""

    TABLE_ADDED = "table added"
    TABLE_DROPPED = "table dropped"
    TABLE_RENAMED = "table renamed"
    COLUMN_ADDED = "column added"
    COLUMN_DROPPED = "column dropped"
    COLUMN_RENAMED = "column renamed"
    RETYPED = "type changed"
    NULLABLE = "nullability changed"
    KEYS = "keys changed"
    DEFINITION = "view redefined"
    ROWS = "rows jumped"
    SHIFTED = "values shifted"
    SENSITIVITY = "sensitivity changed"

    @property
    def breaking(self) -> bool:
        """Whether queries that worked may fail, or mean something else, after such a change."""
        return self in _BREAKING


_BREAKING = frozenset(
    {
        What.TABLE_DROPPED,
        What.TABLE_RENAMED,
        What.COLUMN_DROPPED,
        What.COLUMN_RENAMED,
        What.RETYPED,
        What.DEFINITION,
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `column` is empty where the table as a whole is meant; names are those of before, if there was one.

    `before` and `after` say what was and what is; `likelihood` is below 1 for what was concluded (a renaming).
    """

    what: What
    source: str
    schema: str
    table: str
    column: str = ""
    before: str = ""
    after: str = ""
    likelihood: float = 1.0

    @property
    def place(self) -> str:
        """The table or column, as a person writes it."""
        return ".".join(part for part in (self.schema, self.table, self.column) if part)

    @property
    def text(self) -> str:
        """The change as one line."""
        told = f"{self.place}: {self.what}"
        if self.what in (What.TABLE_RENAMED, What.COLUMN_RENAMED):
            return f"{told} to {self.after} ({self.likelihood:.0%} likely)"
        if self.what is What.SHIFTED:
            return f"{told}: {self.after}"
        return f"{told}: {self.before or 'none'} → {self.after or 'none'}" if self.before or self.after else told

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "what": str(self.what)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Change":
        """The change behind `to_json`."""
        return cls(**{**value, "what": What(value["what"])})


def diff(before: Sequence[Table], after: Sequence[Table]) -> tuple[Change, ...]:
    """Everything that changed between two scans of one source, what may break queries first."""
    old = {(table.schema, table.name): table for table in before}
    new = {(table.schema, table.name): table for table in after}
    gone = [table for place, table in old.items() if place not in new]
    come = [table for place, table in new.items() if place not in old]
    renamed = paired(gone, come, alike_tables)
    changes = [*_tables(gone, come, renamed)]
    pairs = [(old[place], new[place]) for place in old if place in new] + [(was, now) for was, now, _ in renamed]
    for was, now in pairs:
        if was.digest != now.digest:
            changes += _table(was, now)
    return tuple(sorted(changes, key=lambda change: (not change.what.breaking, change.place, change.what)))


def _tables(
    gone: Sequence[Table], come: Sequence[Table], renamed: Sequence[tuple[Table, Table, float]]
) -> Iterator[Change]:
    for was, now, likelihood in renamed:
        name = f"{now.schema}.{now.name}" if now.schema != was.schema else now.name
        yield _of(was, What.TABLE_RENAMED, after=name, likelihood=round(likelihood, 2))
    known = {id(table) for was, now, _ in renamed for table in (was, now)}
    yield from (_of(table, What.TABLE_DROPPED) for table in gone if id(table) not in known)
    yield from (_of(table, What.TABLE_ADDED) for table in come if id(table) not in known)


def _table(was: Table, now: Table) -> Iterator[Change]:
    yield from _columns(was, now)
    if was.primary_key != now.primary_key:
        yield _of(was, What.KEYS, before=", ".join(was.primary_key), after=", ".join(now.primary_key))
    ours, theirs = _pointing(was), _pointing(now)
    for key in sorted(ours ^ theirs):
        yield _of(was, What.KEYS, before=key if key in ours else "", after=key if key in theirs else "")
    if was.definition != now.definition:
        yield _of(was, What.DEFINITION)
    if was.rows is not None and now.rows is not None and _jumped(was.rows, now.rows):
        yield _of(was, What.ROWS, before=f"{was.rows:,}", after=f"{now.rows:,}")


def _pointing(table: Table) -> set[str]:
    """Declared keys as text; those that were inferred come and go with the values."""
    return {_shown(key) for key in table.keys if key.declared}


def _shown(key: ForeignKey) -> str:
    target = ".".join(part for part in (key.source, key.schema or "", key.target) if part)
    return f"({', '.join(key.columns)}) → {target}({', '.join(key.target_columns)})"


def _jumped(was: int, now: int) -> bool:
    if abs(now - was) < ROWS_LEAST:
        return was >= FEW and now == 0
    return now > ROWS_TIMES * was or was > ROWS_TIMES * now


def _columns(was: Table, now: Table) -> Iterator[Change]:
    gone = [(at, column) for at, column in enumerate(was.columns) if column.name.lower() not in now.by_name]
    come = [(at, column) for at, column in enumerate(now.columns) if column.name.lower() not in was.by_name]
    renamed = paired(gone, come, alike_columns)
    for (_, old), (_, new), likelihood in renamed:
        yield _of(was, What.COLUMN_RENAMED, old, after=new.name, likelihood=round(likelihood, 2))
    known = {column.name for (_, old), (_, new), _ in renamed for column in (old, new)}
    yield from (_of(was, What.COLUMN_DROPPED, column) for _, column in gone if column.name not in known)
    yield from (_of(was, What.COLUMN_ADDED, column) for _, column in come if column.name not in known)
    kept = [(column, now.by_name[column.name.lower()]) for column in was.columns if column.name.lower() in now.by_name]
    for old, new in [*kept, *((old, new) for (_, old), (_, new), _ in renamed)]:
        if old != new:
            yield from _column(was, now, old, new)


def _column(was: Table, now: Table, old: Column, new: Column) -> Iterator[Change]:
    if (old.type, old.native.lower()) != (new.type, new.native.lower()):
        yield _of(was, What.RETYPED, old, before=old.native or old.type, after=new.native or new.type)
    if old.nullable != new.nullable:
        words = {True: "may be empty", False: "never empty"}
        yield _of(was, What.NULLABLE, old, before=words[old.nullable], after=words[new.nullable])
    if set(old.tags) != set(new.tags):
        yield _of(was, What.SENSITIVITY, old, before=", ".join(old.tags), after=", ".join(new.tags))
    if old.type is new.type and not _moves_by_itself(was, old, new) and was.rows and now.rows:
        said = shifted(old, new, was.rows, now.rows)
        if said:
            yield _of(was, What.SHIFTED, old, after=said)


def _moves_by_itself(table: Table, old: Column, new: Column) -> bool:
    """Dates go on and keys grow: no news."""
    keyed = {name for key in table.keys for name in key.columns} | set(table.primary_key)
    unique = old.type.numeric and old.distinct is not None and old.distinct >= 0.9 * (table.rows or 0) > FEW
    return old.type.temporal or new.type.temporal or old.name in keyed or (unique and _identifier(old))


def _identifier(column: Column) -> bool:
    return column.type.value == "integer"


def _of(
    table: Table,
    what: What,
    column: Column | None = None,
    *,
    before: str = "",
    after: str = "",
    likelihood: float = 1.0,
) -> Change:
    name = column.name if column else ""
    return Change(what, table.source, table.schema, table.name, name, before, after, likelihood)
