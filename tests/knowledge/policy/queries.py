"""Random queries over the shop: joins, subqueries, CTEs that shadow tables, set operations, aggregates, windows."""

from dataclasses import dataclass
from random import Random

import sqlglot
from sqlglot import exp

from knowledge.catalog.model import DataType
from knowledge.policy import key_of
from tests.knowledge.policy.world import RULES, SECRET, TABLES

Columns = tuple[tuple[str, str], ...]
_KINDS = {DataType.INTEGER: "number", DataType.TEXT: "text", DataType.DATE: "date"}
SHOWN: dict[str, Columns] = {
    table.name: tuple((c.name, _KINDS[c.type]) for c in table.columns if c.name not in RULES[key_of(table)].hidden)
    for table in TABLES
}
_VALUES = {
    "number": ("0", "1", "20", "30", "40", "44", "7741"),
    "text": ("'EU'", "'US'", "'Ada'", "'***'", "'***xx'", f"'{SECRET}'", "'Oslo'", "''"),
    "date": ("'2024-03-01'", "'2024-05-06'", "'2024-05-01'"),
}


@dataclass(frozen=True)
class Relation:
    """Something that stands in FROM: its SQL with an alias, and its columns."""

    sql: str
    alias: str
    columns: Columns


def query(random: Random, dialect: str) -> exp.Expr:
    """A query tree; every column in it exists, so that it runs."""
    return sqlglot.parse_one(_Writer(random).query(), read=dialect)


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.aliases = 0

    def query(self) -> str:
        parts, ctes = "", dict[str, Columns]()
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            name = self.random.choice(("customers", "orders", "big", "Small"))
            if name in ctes:
                continue
            body, columns = self.select(2, ctes)
            parts += f"{', ' if parts else 'WITH '}{name} AS ({body})"
            ctes[name] = columns
        body, columns = self.select(3, ctes)
        if self.random.random() < 0.2:
            numbers = range(1, len(columns) + 1)
            body += f" ORDER BY {', '.join(map(str, numbers))} LIMIT {self.random.randrange(1, 20)}"
        return f"{parts} {body}"

    def select(self, depth: int, ctes: dict[str, Columns]) -> tuple[str, Columns]:
        if depth > 1 and self.random.random() < 0.15:
            return self.union(depth, ctes)
        source, relations = self.source(depth, ctes)
        columns = [(f"{one.alias}.{name}", kind) for one in relations for name, kind in one.columns]
        where = f" WHERE {self.condition(depth, columns, ctes)}" if self.random.random() < 0.7 else ""
        shape = self.random.random()
        if shape < 0.3:
            return self.grouped(source + where, columns)
        if shape < 0.45:
            return self.windowed(source + where, columns)
        if shape < 0.55 and len({name for one in relations for name, _ in one.columns}) == len(columns):
            return f"SELECT * FROM {source}{where}", tuple(pair for one in relations for pair in one.columns)
        return self.plain(source + where, columns, depth, ctes)

    def source(self, depth: int, ctes: dict[str, Columns]) -> tuple[str, list[Relation]]:
        relations = [self.relation(depth, ctes)]
        sql = relations[0].sql
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            other = self.relation(depth, ctes)
            kind = self.random.choice(("JOIN", "JOIN", "LEFT JOIN", "CROSS JOIN", "USING", "NATURAL JOIN"))
            mine = dict(relations[-1].columns)
            shared = [name for name, its in other.columns if mine.get(name) == its]
            # Of unlike types a join makes DuckDB cast, and its plan decides whether that is reached and fails.
            alike = all(mine.get(name, its) == its for name, its in other.columns)
            if kind == "CROSS JOIN":
                sql += f" CROSS JOIN {other.sql}"
            elif kind == "NATURAL JOIN" and alike and len(relations) == 1:
                sql += f" NATURAL JOIN {other.sql}"
            elif kind == "USING" and shared and len(relations) == 1:
                sql += f" JOIN {other.sql} USING ({self.random.choice(shared)})"
            else:
                join = kind if kind == "LEFT JOIN" else "JOIN"
                sql += f" {join} {other.sql} ON {self.matching(relations, other)}"
            relations.append(other)
        return sql, relations

    def matching(self, relations: list[Relation], other: Relation) -> str:
        pairs = [
            f"{one.alias}.{left} {self.random.choice(('=', '=', '=', '<', '<>'))} {other.alias}.{right}"
            for one in relations for left, kind in one.columns for right, same in other.columns if kind == same
        ]  # fmt: skip
        return self.random.choice(pairs) if pairs else "1 = 1"

    def relation(self, depth: int, ctes: dict[str, Columns]) -> Relation:
        self.aliases += 1
        alias = f"a{self.aliases}"
        if depth > 1 and self.random.random() < 0.25:
            body, columns = self.select(depth - 1, ctes)
            return Relation(f"({body}) AS {alias}", alias, columns)
        known = {**SHOWN, **ctes}
        name = self.random.choice(list(known))
        written = self.random.choice((name, name, name.upper(), f'"{name}"')) if name not in ctes else name
        if name not in ctes and self.random.random() < 0.1:
            written = f"main.{name}"
        return Relation(f"{written} AS {alias}", alias, known[name])

    def condition(self, depth: int, columns: list[tuple[str, str]], ctes: dict[str, Columns]) -> str:
        shape = self.random.random()
        name, kind = self.random.choice(columns)
        if shape < 0.25:
            joiner = self.random.choice((" AND ", " OR "))
            return f"({joiner.join(self.condition(depth - 1, columns, ctes) for _ in range(2))})"
        if shape < 0.32:
            return f"NOT ({self.condition(depth - 1, columns, ctes)})"
        if shape < 0.4:
            return f"{name} IS {self.random.choice(('', 'NOT '))}NULL"
        if shape < 0.48 and kind == "text":
            return f"{name} LIKE {self.random.choice((chr(39) + '%e%' + chr(39), chr(39) + '***%' + chr(39)))}"
        if shape < 0.56:
            return f"{name} IN ({', '.join(self.random.sample(_VALUES[kind], 2))})"
        if shape < 0.68 and depth > 1:
            return self.nested(depth, name, kind, ctes)
        if shape < 0.74 and kind == "number":
            return f"{name} % 3 + {self.random.choice(_VALUES[kind])} > {name} / 7"
        return f"{name} {self.random.choice(('=', '<', '>=', '<>'))} {self.random.choice(_VALUES[kind])}"

    def nested(self, depth: int, name: str, kind: str, ctes: dict[str, Columns]) -> str:
        inner = self.relation(depth - 1, ctes)
        same = [column for column, other in inner.columns if other == kind]
        if not same:
            return f"EXISTS (SELECT 1 FROM {inner.sql})"
        column = f"{inner.alias}.{self.random.choice(same)}"
        own = [(f"{inner.alias}.{each}", its) for each, its in inner.columns]
        if self.random.random() < 0.5:
            return f"EXISTS (SELECT 1 FROM {inner.sql} WHERE {column} = {name} AND {self.condition(0, own, ctes)})"
        return f"{name} IN (SELECT {column} FROM {inner.sql} WHERE {column} IS NOT NULL)"

    def grouped(self, source: str, columns: list[tuple[str, str]]) -> tuple[str, Columns]:
        keys = self.random.sample(columns, min(len(columns), self.random.choice((0, 1, 2))))
        what, _ = self.random.choice(columns)
        number = next((name for name, kind in columns if kind == "number"), None)
        parts = [f"{name} AS k{index}" for index, (name, _) in enumerate(keys)]
        parts += [f"count({self.random.choice(('*', what, 'DISTINCT ' + what))}) AS n"]
        parts += [f"{self.random.choice(('sum', 'min', 'max'))}({number}) AS s"] if number else []
        found = [(f"k{index}", kind) for index, (_, kind) in enumerate(keys)] + [("n", "number")]
        found += [("s", "number")] if number else []
        group = f" GROUP BY {', '.join(name for name, _ in keys)}" if keys else ""
        having = f" HAVING count({what}) > {self.random.randrange(3)}" if keys and self.random.random() < 0.3 else ""
        return f"SELECT {', '.join(parts)} FROM {source}{group}{having}", tuple(found)

    def windowed(self, source: str, columns: list[tuple[str, str]]) -> tuple[str, Columns]:
        (part, _), (order, _), (shown, kind) = (self.random.choice(columns) for _ in range(3))
        function = self.random.choice(("rank()", "dense_rank()", "count(*)", f"max({shown})"))
        window = f"{function} OVER (PARTITION BY {part} ORDER BY {order})"
        return f"SELECT {shown} AS v, {window} AS w FROM {source}", (
            ("v", kind), ("w", kind if function.startswith("max") else "number"),
        )  # fmt: skip

    def plain(
        self, source: str, columns: list[tuple[str, str]], depth: int, ctes: dict[str, Columns]
    ) -> tuple[str, Columns]:
        chosen = self.random.sample(columns, min(len(columns), self.random.randrange(1, 5)))
        parts = [f"{name} AS c{index}" for index, (name, _) in enumerate(chosen)]
        found = [(f"c{index}", kind) for index, (_, kind) in enumerate(chosen)]
        name, kind = self.random.choice(columns)
        if self.random.random() < 0.25:
            parts.append(f"CASE WHEN {self.condition(0, columns, ctes)} THEN {name} END AS e")
            found.append(("e", kind))
        if depth > 1 and self.random.random() < 0.15:
            inner = self.relation(1, ctes)
            same = [column for column, other in inner.columns if other == kind] or [inner.columns[0][0]]
            parts.append(
                f"(SELECT count(*) FROM {inner.sql} WHERE {inner.alias}.{same[0]} IS NULL OR {name} IS NULL) AS q"
            )
            found.append(("q", "number"))
        distinct = self.random.choice(("", "", "DISTINCT "))
        return f"SELECT {distinct}{', '.join(parts)} FROM {source}", tuple(found)

    def union(self, depth: int, ctes: dict[str, Columns]) -> tuple[str, Columns]:
        kinds = [self.random.choice(("number", "text")) for _ in range(self.random.randrange(1, 3))]
        word = self.random.choice((" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT "))
        sides = []
        for _ in range(2):
            one = self.relation(depth - 1, SHOWN)
            columns = [(f"{one.alias}.{name}", kind) for name, kind in one.columns]
            where = self.condition(0, columns, ctes)
            parts = [self.random.choice([n for n, k in columns if k == kind] or [_VALUES[kind][0]]) for kind in kinds]
            named = ", ".join(f"{part} AS u{index}" for index, part in enumerate(parts))
            sides.append(f"SELECT {named} FROM {one.sql} WHERE {where}")
        return word.join(sides), tuple((f"u{index}", kind) for index, kind in enumerate(kinds))
