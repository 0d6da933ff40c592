"""Tables, columns, keys, statistics and sample values of everything that can be asked."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property


class DataType(StrEnum):
    """What a column holds, whatever its database calls it."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    JSON = "json"
    BINARY = "binary"
    OTHER = "other"

    @property
    def numeric(self) -> bool:
        """True for integers and numbers."""
        return self in (DataType.INTEGER, DataType.NUMBER)

    @property
    def temporal(self) -> bool:
        """True for dates and timestamps."""
        return self in (DataType.DATE, DataType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Statistics are None where they were not measured.

    `values` are sampled distinct values as text, most frequent first; complete when `distinct == len(values)`. `counts`
    says how often each of them was seen, `mean` and `deviation` (standard) how numbers lie.
    `native` is the database's own type. `unit` is a currency code or a symbol such as kg, m² or %. `format` names what
    texts look like (email, uuid, url ...); `tags` say how sensitive a column is, such as `pii:email`.
    """

    name: str
    type: DataType
    native: str = ""
    nullable: bool = True
    comment: str = ""
    distinct: int | None = None
    nulls: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    values: tuple[str, ...] = ()
    unit: str = ""
    format: str = ""
    tags: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    mean: float | None = None
    deviation: float | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of this table point at `target_columns` of `target`, a table of the same source and schema.

    `schema` and `source` are given where the target's differ from this table's. A key that is not declared was
    inferred: `evidence` says from what.
    """

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    declared: bool = True
    evidence: str = ""
    schema: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Table:
    """A table or view of one source. `name` is as SQL names it there; `schema` is empty for the default schema.

    `definition` is the SQL of a view, `reads` the tables (`schema.name` or `name`) it is made from. `watermark` is
    the column that grows with every row added or changed, `fresh_at` its latest value seen. `owner` is whoever the
    database names.
    """

    source: str
    name: str
    columns: tuple[Column, ...]
    schema: str = ""
    primary_key: tuple[str, ...] = ()
    keys: tuple[ForeignKey, ...] = ()
    rows: int | None = None
    comment: str = ""
    kind: str = "table"
    definition: str = ""
    reads: tuple[str, ...] = ()
    owner: str = ""
    watermark: str = ""
    fresh_at: str = ""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by lower-case name."""
        return {column.name.lower(): column for column in self.columns}

    @cached_property
    def digest(self) -> str:
        """Changes whenever anything in the table does; made once for each object."""
        parts = tuple(getattr(self, item.name) for item in fields(self))
        return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True)
class Catalog:
    """All tables of all sources of one tenant, with the dialect (sqlglot's name) of each source."""

    tables: tuple[Table, ...] = ()
    dialects: dict[str, str] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """A digest that changes whenever anything in the catalog does; cheap where the tables know theirs."""
        digest = hashlib.sha256(repr(sorted(self.dialects.items())).encode())
        for table in self.tables:
            digest.update(table.digest.encode())
        return digest.hexdigest()[:16]

    @cached_property
    def by_key(self) -> dict[tuple[str, str, str], Table]:
        """Tables by source, schema and name, in lower case."""
        return {(table.source.lower(), table.schema.lower(), table.name.lower()): table for table in self.tables}

    def of(self, source: str) -> Iterator[Table]:
        """The tables of one source; all tables for `*`."""
        return (table for table in self.tables if source in ("*", table.source))
