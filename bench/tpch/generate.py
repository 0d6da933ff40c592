"""The eight tables of TPC-H at a scale, the same ones each time, after the rules of its specification (section 4.2.3).

Where this departs from the specification's own generator: random numbers are NumPy's, so values differ from dbgen's;
comments are drawn from a few thousand sentences of the specification's words instead of a pool of 300 MB; addresses are
made of letters only. Key spaces, distributions, dates, prices and the texts that queries look for follow the rules.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from bench.tpch.words import (
    ADJECTIVES,
    ADVERBS,
    COLOURS,
    CONTAINERS,
    INSTRUCTIONS,
    MODES,
    NATIONS,
    NOUNS,
    PRIORITIES,
    REGIONS,
    SEGMENTS,
    TYPES,
    VERBS,
)

Numbers = np.ndarray[Any, np.dtype[np.int64]]

TABLES = ("region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem")
KEYS = {
    "region": ("r_regionkey",),
    "nation": ("n_nationkey",),
    "part": ("p_partkey",),
    "supplier": ("s_suppkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"),
    "customer": ("c_custkey",),
    "orders": ("o_orderkey",),
    "lineitem": ("l_orderkey", "l_linenumber"),
}
MONEY = frozenset(
    ("p_retailprice", "s_acctbal", "ps_supplycost", "c_acctbal", "o_totalprice", "l_extendedprice", "l_discount",
     "l_tax", "l_quantity")
)  # fmt: skip
_FIRST, _LAST, _NOW = np.datetime64("1992-01-01"), np.datetime64("1998-08-02"), np.datetime64("1995-06-17")
_SENTENCES = 4_000


def generate(database: duckdb.DuckDBPyConnection, scale: float) -> None:
    """Makes the tables in a database; amounts are DECIMAL(15,2), keys BIGINT, days DATE."""
    made = _Made(scale)
    for name, table in made.tables().items():
        database.register("made", table)
        columns = ", ".join(
            f"CAST({column} * 0.01::DECIMAL(3,2) AS DECIMAL(15,2)) AS {column}" if column in MONEY else column
            for column in table.column_names
        )
        database.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM made")
        database.unregister("made")


class _Made:
    """One run of the generator; amounts are in cents."""

    def __init__(self, scale: float) -> None:
        self._chance = np.random.default_rng(19_920_101)
        self._scale = scale
        self._suppliers = max(round(10_000 * scale), 4)
        self._parts = max(round(200_000 * scale), 4)
        self._customers = max(round(150_000 * scale), 3)
        self._comments = self._sentences()

    def tables(self) -> dict[str, pa.Table]:
        """All tables by name."""
        orders, lines = self._orders_and_lines()
        return {
            "region": self._regions(),
            "nation": self._nations(),
            "part": self._part(),
            "supplier": self._supplier(),
            "partsupp": self._partsupp(),
            "customer": self._customer(),
            "orders": orders,
            "lineitem": lines,
        }

    def _regions(self) -> pa.Table:
        keys = np.arange(5)
        return pa.table({"r_regionkey": keys, "r_name": list(REGIONS), "r_comment": self._comment(5)})

    def _nations(self) -> pa.Table:
        return pa.table(
            {
                "n_nationkey": np.arange(25),
                "n_name": [name for name, _ in NATIONS],
                "n_regionkey": np.array([region for _, region in NATIONS], np.int64),
                "n_comment": self._comment(25),
            }
        )

    def _part(self) -> pa.Table:
        keys = np.arange(1, self._parts + 1)
        maker = self._between(1, 5, self._parts)
        brand = maker * 10 + self._between(1, 5, self._parts)
        colours = np.argsort(self._chance.random((self._parts, len(COLOURS))), axis=1)[:, :5]
        return pa.table(
            {
                "p_partkey": keys,
                "p_name": [" ".join(COLOURS[at] for at in row) for row in colours],
                "p_mfgr": [f"Manufacturer#{number}" for number in maker],
                "p_brand": [f"Brand#{number}" for number in brand],
                "p_type": self._one_of(TYPES, self._parts),
                "p_size": self._between(1, 50, self._parts),
                "p_container": self._one_of(CONTAINERS, self._parts),
                "p_retailprice": _price(keys),
                "p_comment": self._comment(self._parts),
            }
        )

    def _supplier(self) -> pa.Table:
        count = self._suppliers
        keys = np.arange(1, count + 1)
        nation = self._between(0, 24, count)
        comments = self._comment(count).to_pylist()
        told = self._chance.permutation(count)[: max(round(10 * self._scale), 2)]
        for at, row in enumerate(told):
            comments[row] = f"slyly Customer even {'Complaints' if at % 2 else 'Recommends'} among the deposits"
        return pa.table(
            {
                "s_suppkey": keys,
                "s_name": [f"Supplier#{key:09d}" for key in keys],
                "s_address": self._letters(count),
                "s_nationkey": nation,
                "s_phone": self._phones(nation),
                "s_acctbal": self._between(-99_999, 999_999, count),
                "s_comment": comments,
            }
        )

    def _partsupp(self) -> pa.Table:
        parts = np.repeat(np.arange(1, self._parts + 1), 4)
        count = len(parts)
        return pa.table(
            {
                "ps_partkey": parts,
                "ps_suppkey": self._seller(parts, np.tile(np.arange(4), self._parts)),
                "ps_availqty": self._between(1, 9_999, count),
                "ps_supplycost": self._between(100, 100_000, count),
                "ps_comment": self._comment(count),
            }
        )

    def _customer(self) -> pa.Table:
        count = self._customers
        nation = self._between(0, 24, count)
        keys = np.arange(1, count + 1)
        return pa.table(
            {
                "c_custkey": keys,
                "c_name": [f"Customer#{key:09d}" for key in keys],
                "c_address": self._letters(count),
                "c_nationkey": nation,
                "c_phone": self._phones(nation),
                "c_acctbal": self._between(-99_999, 999_999, count),
                "c_mktsegment": self._one_of(SEGMENTS, count),
                "c_comment": self._comment(count),
            }
        )

    def _orders_and_lines(self) -> tuple[pa.Table, pa.Table]:
        """Orders use 8 of 32 keys; every third customer has none."""
        count = self._customers * 10
        at = np.arange(count)
        keys = (at // 8) * 32 + at % 8 + 1
        days = self._between(0, int((_LAST - _FIRST).astype(int)), count)
        lines_each = self._between(1, 7, count)
        lines = self._lines(np.repeat(keys, lines_each), np.repeat(_FIRST + days, lines_each), lines_each)
        order = np.repeat(at, lines_each)
        gross = (lines["l_extendedprice"] * (100 - lines["l_discount"]) * (100 + lines["l_tax"]) + 5_000) // 10_000
        total = np.zeros(count, np.int64)
        np.add.at(total, order, gross)
        is_open = np.bincount(order, weights=lines["open"], minlength=count).astype(np.int64)
        status = np.where(is_open == 0, "F", np.where(is_open == lines_each, "O", "P"))
        buyers = self._between(0, self._customers - 1 - self._customers // 3, count)
        orders = pa.table(
            {
                "o_orderkey": keys,
                "o_custkey": (buyers // 2) * 3 + buyers % 2 + 1,
                "o_orderstatus": pa.array(status),
                "o_totalprice": total,
                "o_orderdate": pa.array(_FIRST + days, pa.date32()),
                "o_orderpriority": self._one_of(PRIORITIES, count),
                "o_clerk": self._named("Clerk", max(round(1_000 * self._scale), 1), count),
                "o_shippriority": np.zeros(count, np.int64),
                "o_comment": self._comment(count),
            }
        )
        del lines["open"]
        return orders, pa.table(lines)

    def _lines(self, orders: Numbers, dates: Any, lines_each: Numbers) -> dict[str, Any]:
        count = len(orders)
        parts = self._between(1, self._parts, count)
        quantity = self._between(1, 50, count)
        shipped = dates + self._between(1, 121, count)
        received = shipped + self._between(1, 30, count)
        returned = np.where(self._chance.random(count) < 0.5, "R", "A")
        starts = np.cumsum(lines_each) - lines_each
        return {
            "l_orderkey": orders,
            "l_partkey": parts,
            "l_suppkey": self._seller(parts, self._between(0, 3, count)),
            "l_linenumber": np.arange(count) - np.repeat(starts, lines_each) + 1,
            "l_quantity": quantity * 100,
            "l_extendedprice": quantity * _price(parts),
            "l_discount": self._between(0, 10, count),
            "l_tax": self._between(0, 8, count),
            "l_returnflag": pa.array(np.where(received <= _NOW, returned, "N")),
            "l_linestatus": pa.array(np.where(shipped > _NOW, "O", "F")),
            "l_shipdate": pa.array(shipped, pa.date32()),
            "l_commitdate": pa.array(dates + self._between(30, 90, count), pa.date32()),
            "l_receiptdate": pa.array(received, pa.date32()),
            "l_shipinstruct": self._one_of(INSTRUCTIONS, count),
            "l_shipmode": self._one_of(MODES, count),
            "l_comment": self._comment(count),
            "open": shipped > _NOW,
        }

    def _seller(self, parts: Numbers, which: Numbers) -> Numbers:
        """The four suppliers of a part, spread over all suppliers."""
        count = self._suppliers
        return (parts + which * (count // 4 + (parts - 1) // count)) % count + 1

    def _between(self, low: int, high: int, count: int) -> Numbers:
        return self._chance.integers(low, high, count, endpoint=True)

    def _one_of(self, words: Sequence[str], count: int) -> pa.Array:
        at = pa.array(self._between(0, len(words) - 1, count).astype(np.int32))
        return pa.DictionaryArray.from_arrays(at, pa.array(list(words))).cast(pa.string())

    def _named(self, name: str, kinds: int, count: int) -> pa.Array:
        return self._one_of([f"{name}#{number:09d}" for number in range(1, kinds + 1)], count)

    def _letters(self, count: int) -> pa.Array:
        letters = self._chance.integers(97, 123, (count, 24), dtype=np.uint8)
        return pa.array([row.tobytes().decode()[: 10 + row[0] % 15] for row in letters])

    def _phones(self, nation: Numbers) -> list[str]:
        parts = self._chance.integers((100, 100, 1_000), (1_000, 1_000, 10_000), (len(nation), 3))
        return [f"{code + 10}-{a}-{b}-{c}" for code, (a, b, c) in zip(nation.tolist(), parts.tolist(), strict=True)]

    def _sentences(self) -> list[str]:
        pick = self._chance.choice
        words = [pick(list, _SENTENCES).tolist() for list in (ADVERBS, ADJECTIVES, NOUNS, VERBS, ADJECTIVES, NOUNS)]
        return [" ".join(parts) for parts in zip(*words, strict=True)]

    def _comment(self, count: int) -> pa.Array:
        return self._one_of(self._comments, count)


def _price(parts: Numbers) -> Numbers:
    """The retail price of a part in cents."""
    return 90_000 + (parts // 10) % 20_001 + 100 * (parts % 1_000)
