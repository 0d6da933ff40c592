"""Random queries over the three tables of `world.py`, as SQL."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

_NUMBERS, _TEXTS, _DAYS, _FLAGS = "number", "text", "day", "flag"
COLUMNS = {
    "lite.people": {"id": _NUMBERS, "name": _TEXTS, "city": _TEXTS, "born": _DAYS, "score": _NUMBERS, "member": _FLAGS},
    "lake.visits": {"id": _NUMBERS, "person": _NUMBERS, "day": _DAYS, "amount": _NUMBERS, "page": _TEXTS},
    "sales.orders": {
        "id": _NUMBERS, "person": _NUMBERS, "status": _TEXTS, "total": _NUMBERS, "placed": _DAYS, "paid": _FLAGS,
    },
}  # fmt: skip
KEYS = {"lite.people": ("id", "score"), "lake.visits": ("id", "person"), "sales.orders": ("id", "person")}
WORDS = ("Ann", "ann", "Bob", "Bob ", "Oslo", "oslo", "open", "home", "100%", "a_b", "", "O''Hara", "Åse")
PATTERNS = ("%o%", "B%", "A__", "%b", "100%", "a_b", "_s_", "%''%")
DAYS = ("1990-01-31", "2000-02-29", "2024-03-02", "2024-06-15", "2024-01-02")


@dataclass
class Scope:
    """The relations that a condition may read: columns by alias."""

    relations: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outer: dict[str, dict[str, str]] = field(default_factory=dict)

    def columns(self, kind: str | None = None) -> list[str]:
        """Columns of a kind, written with their alias."""
        return [
            f"{alias}.{name}"
            for alias, columns in self.relations.items()
            for name, found in columns.items()
            if kind in (None, found)
        ]

    def kind(self, column: str) -> str:
        """What a column holds."""
        alias, name = column.split(".")
        return self.relations[alias][name]


class Writer:
    """Writes one query, drawing every choice."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw
        self._aliases = 0

    def query(self) -> tuple[str, bool]:
        """A whole query, and whether its rows have an order."""
        kind = self.one("select", "select", "select", "group", "group", "star", "union", "with")
        if kind == "union":
            word = self.one("UNION", "UNION ALL", "EXCEPT", "INTERSECT")
            return f"{self._single()} {word} {self._single()}", False
        if kind == "with":
            return self._with(), False
        if kind == "star":
            return self._star(), False
        sql, count = self.select() if kind == "select" else self.grouped()
        if self.chance(4):
            order = ", ".join(f"{at} {self.one('', 'DESC')}" for at in range(1, count + 1))
            return f"{sql} ORDER BY {order} LIMIT {self.number(1, 12)}", True
        return sql, False

    def select(self) -> tuple[str, int]:
        """Rows of joined relations, with how many columns."""
        scope, from_ = self.relations()
        count = self.number(1, 4)
        columns = [self.value(scope) for _ in range(count)]
        if self.chance(6):
            part, key = self.one(*scope.columns()), self.one(*scope.columns(_NUMBERS))
            columns.append(f"count(*) OVER (PARTITION BY {part})")
            columns.append(f"sum({key}) OVER (PARTITION BY {part})")
        items = ", ".join(f"{column} AS c{at}" for at, column in enumerate(columns))
        distinct = self.one("", "", "DISTINCT ")
        return f"SELECT {distinct}{items} FROM {from_}{self.where(scope)}", len(columns)

    def grouped(self) -> tuple[str, int]:
        """Groups of joined relations."""
        scope, from_ = self.relations()
        keys = [self.one(*scope.columns()) for _ in range(self.number(0, 2))]
        sums = [self.aggregate(scope) for _ in range(self.number(1, 3))]
        items = ", ".join(f"{item} AS c{at}" for at, item in enumerate([*keys, *sums]))
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        having = f" HAVING count(*) > {self.number(0, 2)}" if keys and self.chance(4) else ""
        return f"SELECT {items} FROM {from_}{self.where(scope)}{group}{having}", len(keys) + len(sums)

    def aggregate(self, scope: Scope) -> str:
        """One total."""
        match self.number(0, 6):
            case 0:
                return "count(*)"
            case 1:
                return f"count({self.one(*scope.columns())})"
            case 2:
                return f"count(DISTINCT {self.one(*scope.columns())})"
            case 3:
                return f"min({self.one(*scope.columns())})"
            case 4:
                return f"max({self.one(*scope.columns(_NUMBERS))})"
            case 5:
                return f"avg({self.one(*scope.columns(_NUMBERS))})"
            case _:
                return f"sum({self.one(*scope.columns(_NUMBERS))})"

    def relations(self) -> tuple[Scope, str]:
        """One to three relations, joined."""
        scope = Scope()
        text = self.relation(scope)
        for _ in range(self.number(0, 2)):
            before = dict(scope.relations)
            keys = dict(scope.keys)
            item = self.relation(scope)
            alias = next(reversed(scope.relations))
            left = self.one(*(f"{name}.{key}" for name in before for key in keys[name]))
            condition = f"{left} = {alias}.{self.one(*scope.keys[alias])}"
            if self.chance(3):
                condition += f" AND {self.condition(scope, simple=True)}"
            kind = self.one("JOIN", "JOIN", ",", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
            if kind == ",":
                text = f"{text} CROSS JOIN {item}" if not self.chance(3) else f"{text} JOIN {item} ON {condition}"
            else:
                text = f"{text} {kind} {item} ON {condition}"
        return scope, text

    def relation(self, scope: Scope) -> str:
        """A table, or a query over one."""
        table = self.one(*COLUMNS)
        alias = self.alias()
        if self.chance(4):
            inner = Scope({"i": COLUMNS[table]}, {"i": KEYS[table]})
            key = self.one(*KEYS[table])
            if self.chance(2):
                scope.relations[alias], scope.keys[alias] = {"k": _NUMBERS, "n": _NUMBERS}, ("k",)
                body = f"SELECT i.{key} AS k, count(*) AS n FROM {table} i{self.where(inner)} GROUP BY i.{key}"
                return f"({body}) AS {alias}"
            scope.relations[alias], scope.keys[alias] = COLUMNS[table], KEYS[table]
            return f"(SELECT * FROM {table} i{self.where(inner)}) AS {alias}"
        scope.relations[alias], scope.keys[alias] = COLUMNS[table], KEYS[table]
        return f"{table} AS {alias}"

    def where(self, scope: Scope) -> str:
        """A condition, or none."""
        if self.chance(3):
            return ""
        parts = [self.condition(scope) for _ in range(self.number(1, 2))]
        return f" WHERE {' AND '.join(parts)}"

    def condition(self, scope: Scope, *, simple: bool = False) -> str:
        """Something that holds or not."""
        match self.number(0, 9 if not simple else 5):
            case 0:
                return f"{self.one(*scope.columns())} IS {self.one('', 'NOT ')}NULL"
            case 1:
                left, right = self.one(*scope.columns(_NUMBERS)), self.one(*scope.columns(_NUMBERS))
                return f"{left} {self.compare()} {right}"
            case 2 | 3 | 4 | 5:
                return self.compared(self.one(*scope.columns()), scope)
            case 6:
                return f"({self.condition(scope, simple=True)} OR {self.condition(scope, simple=True)})"
            case 7:
                return f"NOT ({self.condition(scope, simple=True)})"
            case _:
                return self.nested(scope)

    def compared(self, column: str, scope: Scope) -> str:
        """A column beside values that are written out."""
        match scope.kind(column):
            case "text":
                return self.text(column)
            case "day":
                day = self.one(*DAYS)
                return self.one(
                    f"{column} {self.compare()} DATE '{day}'",
                    f"{column} {self.compare()} '{day}'",
                    f"{column} >= DATE '{day}' - INTERVAL '1' MONTH",
                    f"extract(year FROM {column}) {self.compare()} 2024",
                )
            case "flag":
                return self.one(column, f"NOT {column}", f"{column} = TRUE", f"{column} <> FALSE")
            case _:
                return self.one(
                    f"{column} {self.compare()} {self.number(-2, 9)}",
                    f"{column} BETWEEN {self.number(0, 3)} AND {self.number(4, 9)}",
                    f"{column} IN ({self.number(0, 4)}, {self.number(5, 9)})",
                    f"{column} * 2 + 1 {self.compare()} {self.number(0, 20)}",
                    f"{column} {self.compare()} 1.25",
                )

    def text(self, column: str) -> str:
        """A condition on a text."""
        word = self.one(*WORDS)
        return self.one(
            f"{column} = '{word}'",
            f"{column} <> '{word}'",
            f"{column} {self.compare()} '{word}'",
            f"{column} IN ('{word}', '{self.one(*WORDS)}')",
            f"{column} NOT IN ('{word}', 'x')",
            f"{column} LIKE '{self.one(*PATTERNS)}'",
            f"{column} NOT LIKE '{self.one(*PATTERNS)}'",
            f"lower({column}) = '{word}'",
        )

    def nested(self, scope: Scope) -> str:
        """A condition with a query of its own."""
        table = self.one(*COLUMNS)
        inner = Scope({"n": COLUMNS[table]}, {"n": KEYS[table]})
        outer, key = self.one(*scope.columns(_NUMBERS)), self.one(*KEYS[table])
        filtered = f" AND {self.condition(inner, simple=True)}" if self.chance(2) else ""
        only = f" WHERE {self.condition(inner, simple=True)}" if self.chance(2) else ""
        return self.one(
            f"EXISTS (SELECT 1 FROM {table} n WHERE n.{key} = {outer}{filtered})",
            f"NOT EXISTS (SELECT 1 FROM {table} n WHERE n.{key} = {outer}{filtered})",
            f"{outer} IN (SELECT n.{key} FROM {table} n{only})",
            f"{outer} NOT IN (SELECT n.{key} FROM {table} n{only})",
            f"{outer} > (SELECT avg(n.{key}) FROM {table} n WHERE n.{key} = {outer}{filtered})",
            f"{outer} >= (SELECT min(n.{key}) FROM {table} n{only})",
            f"(SELECT count(*) FROM {table} n WHERE n.{key} = {outer}{filtered}) > {self.number(0, 2)}",
        )

    def value(self, scope: Scope) -> str:
        """A column, or something made of one."""
        column = self.one(*scope.columns())
        if not self.chance(4):
            return column
        match scope.kind(column):
            case "text":
                return self.one(f"upper({column})", f"coalesce({column}, 'none')", f"length({column})")
            case "day":
                return self.one(f"extract(month FROM {column})", f"date_trunc('month', {column})")
            case "flag":
                return f"CASE WHEN {column} THEN 1 ELSE 0 END"
            case _:
                return self.one(f"{column} + 1", f"coalesce({column}, 0)", f"-{column}", f"{column} / 4")

    def _single(self) -> str:
        scope, from_ = self.relations()
        return f"SELECT {self.one(*scope.columns(_NUMBERS))} AS c0 FROM {from_}{self.where(scope)}"

    def _star(self) -> str:
        """Totals of one relation by what another says of its keys."""
        fact, other = self.one(*COLUMNS), self.one(*COLUMNS)
        facts, groups = Scope({"f": COLUMNS[fact]}, {"f": KEYS[fact]}), Scope({"d": COLUMNS[other]}, {"d": KEYS[other]})
        number = self.one(*facts.columns(_NUMBERS))
        totals = [
            self.one("count(*)", f"count({self.one(*facts.columns())})", f"sum({number})", f"min({number})")
            for _ in range(self.number(1, 3))
        ]
        key, mine = self.one(*KEYS[other]), KEYS[fact][1]
        keys = [self.one(f"f.{mine}", *groups.columns()) for _ in range(self.number(0, 2))]
        items = ", ".join(f"{item} AS c{at}" for at, item in enumerate([*keys, *totals]))
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        kind = self.one("JOIN", "JOIN", "LEFT JOIN")
        return f"SELECT {items} FROM {fact} f {kind} {other} d ON f.{mine} = d.{key}{self.where(groups)}{group}"

    def _with(self) -> str:
        table = self.one(*COLUMNS)
        inner = Scope({"i": COLUMNS[table]}, {"i": KEYS[table]})
        body = f"SELECT * FROM {table} i{self.where(inner)}"
        other = self.one(*COLUMNS)
        key, mine = self.one(*KEYS[other]), self.one(*KEYS[table])
        kind = self.one("JOIN", "LEFT JOIN", "FULL JOIN")
        twice = f" WHERE w.{mine} IN (SELECT v.{mine} FROM w AS v)" if self.chance(2) else ""
        return (
            f"WITH w AS ({body}) SELECT w.{mine} AS c0, o.{key} AS c1 FROM w "
            f"{kind} {other} o ON w.{mine} = o.{key}{twice}"
        )

    def compare(self) -> str:
        """A comparison."""
        return self.one("=", "<>", "<", "<=", ">", ">=")

    def alias(self) -> str:
        """A new alias."""
        self._aliases += 1
        return f"r{self._aliases}"

    def one(self, *choices: str) -> str:
        """One of these."""
        return self._draw(st.sampled_from(choices))

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._draw(st.integers(low, high))

    def chance(self, among: int) -> bool:
        """True once in so many times."""
        return self._draw(st.integers(1, among)) == among


@st.composite
def queries(draw: DrawFn) -> tuple[str, bool]:
    """SQL in DuckDB's dialect, and whether its rows have an order."""
    return Writer(draw).query()
