"""`python -m bench.translation.kinds FAILURES.jsonl`: what went wrong, by kind, from what `--failures` wrote.

A failure counts once, for the first kind in `KINDS` in which its query differs from the accepted one; declined ones
are a kind of their own. `alone` counts those that differ in that kind only, so that mending it would mend the question.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

Parts = Counter[str]


def main() -> None:
    """Print the table, then one JSON object."""
    parser = argparse.ArgumentParser(prog="bench.translation.kinds")
    parser.add_argument("failures", type=Path)
    parser.add_argument("--show", help="print the questions of one kind, with both queries")
    options = parser.parse_args()
    failures = [json.loads(line) for line in options.failures.read_text().splitlines() if line]
    found = [(differences(one), one) for one in failures]
    for kinds, one in found if options.show else ():
        if kinds[0] == options.show:
            print(f"{one['db']}: {one['question']}\n  gold {one.get('gold_sql')}\n  ours {one['sql']}\n")
    first = Counter(kinds[0] for kinds, _ in found)
    alone = Counter(kinds[0] for kinds, _ in found if len(kinds) == 1)
    print(f"{'kind':<16}{'first':>7}{'alone':>7}")
    for kind, count in first.most_common():
        print(f"{kind:<16}{count:>7}{alone[kind]:>7}")
    print(json.dumps({"failures": len(found), "first": dict(first), "alone": dict(alone)}))


def differences(failure: dict[str, Any]) -> list[str]:
    """The kinds in which the query differs from the accepted one; at least one."""
    if not failure["sql"]:
        return ["declined"]
    if not failure.get("gold_sql"):
        return ["should decline"]
    try:
        gold, ours = (_tree(sql) for sql in (failure["gold_sql"], failure["sql"]))
    except sqlglot.errors.SqlglotError:
        return ["unreadable gold"]
    return [kind for kind, parts in KINDS if parts(gold) != parts(ours)] or ["other"]


def _tree(sql: str) -> exp.Expr:
    tree = sqlglot.parse_one(sql, read="sqlite")
    tables = {t.alias_or_name.lower(): t.name.lower() for t in tree.find_all(exp.Table)}
    for column in tree.find_all(exp.Column):
        owner = tables.get(column.table.lower(), column.table.lower())
        column.set("table", exp.to_identifier(owner) if owner else None)
    return tree


def _sets(tree: exp.Expr) -> Parts:
    return Counter(type(node).__name__ for node in tree.find_all(exp.SetOperation))


def _nested(tree: exp.Expr) -> Parts:
    return Counter({"select": sum(1 for _ in tree.find_all(exp.Select))})


def _tables(tree: exp.Expr) -> Parts:
    return Counter(table.name.lower() for table in tree.find_all(exp.Table))


def _aggregates(tree: exp.Expr) -> Parts:
    return Counter(type(node).__name__ for node in tree.find_all(exp.AggFunc))


def _grouped(tree: exp.Expr) -> Parts:
    return Counter({"group": sum(1 for _ in tree.find_all(exp.Group, exp.Having))})


def _columns(tree: exp.Expr) -> Iterator[str]:
    for select in tree.find_all(exp.Select):
        for item in select.expressions:
            yield from (column.name.lower() for column in item.find_all(exp.Column, exp.Star))


def _selected(tree: exp.Expr) -> Parts:
    return Counter(_columns(tree))


def _conditions(tree: exp.Expr) -> Parts:
    tests = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.In, exp.Between, exp.Is)
    found: Parts = Counter()
    for where in tree.find_all(exp.Where, exp.Having):
        for test in where.find_all(*tests):
            found.update(f"{type(test).__name__} {column.name.lower()}" for column in [test.find(exp.Column)] if column)
    return found


def _values(tree: exp.Expr) -> Parts:
    nodes = (node for where in tree.find_all(exp.Where, exp.Having) for node in where.find_all(exp.Literal))
    return Counter(node.name.lower().strip("%") for node in nodes)


def _order(tree: exp.Expr) -> Parts:
    return Counter(
        [f"{o.this.sql().lower()} {bool(o.args.get('desc'))}" for o in tree.find_all(exp.Ordered)]
        + [node.sql() for node in tree.find_all(exp.Limit)]
    )


KINDS: tuple[tuple[str, Callable[[exp.Expr], Parts]], ...] = (
    ("set operation", _sets),
    ("nesting", _nested),
    ("join path", _tables),
    ("aggregate", _aggregates),
    ("grouping", _grouped),
    ("linking", _selected),
    ("condition", _conditions),
    ("value", _values),
    ("order", _order),
)


if __name__ == "__main__":
    main()
