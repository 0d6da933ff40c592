"""How far a dialect agrees with DuckDB; what is not known to mean the same stays here."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Texts: TypeAlias = Literal["bytes", "folded"]


@dataclass(frozen=True, slots=True)
class Speech:
    """What may be said to a database in its own words.

    `native` dialects are DuckDB itself. `texts` says whether `=` compares texts byte by byte, or by a collation under
    which more texts are equal. `collation` makes texts compare byte by byte where they would not by themselves;
    `ordered` says that texts can be sorted and compared by `<` with it. `like` is the operator for patterns: as
    DuckDB's, a GLOB, or with a binary collation. `booleans` and `dates` are types of their own, `decimals` are exact.
    `averages` have at least the digits of a double.
    """

    native: bool = False
    texts: Texts = "folded"
    collation: str = ""
    ordered: bool = False
    like: Literal["", "like", "glob", "binary"] = ""
    booleans: bool = False
    dates: bool = True
    parts: bool = False
    truncates: bool = False
    decimals: bool = True
    averages: bool = False


_BYTES = Speech(texts="bytes", booleans=True, parts=True)

SPEECHES: dict[str, Speech] = {
    "duckdb": Speech(native=True),
    "postgres": Speech(
        texts="bytes",
        collation="C",
        ordered=True,
        like="like",
        booleans=True,
        parts=True,
        truncates=True,
        averages=True,
    ),
    "sqlite": Speech(texts="bytes", collation="BINARY", ordered=True, like="glob", dates=False, decimals=False),
    "mysql": Speech(like="binary", parts=True),
    "trino": _BYTES,
    "snowflake": Speech(texts="bytes", booleans=True),
    "bigquery": Speech(texts="bytes", booleans=True),
    "databricks": _BYTES,
    "spark": _BYTES,
    "clickhouse": Speech(texts="bytes"),
}

CAUTIOUS = Speech()
"""For a dialect that is not listed: numbers, dates, and texts as far as a superset of the rows is safe."""


def speech_of(dialect: str) -> Speech:
    """What may be said in a dialect of sqlglot."""
    return SPEECHES.get(dialect, CAUTIOUS)
