"""What a query will take, told from its text and the row counts of its tables."""

from collections.abc import Mapping

from sqlglot import exp

from knowledge.sources.port import Estimate
from knowledge.sources.shape import rows_returned


def expected(query: exp.Query | None, rows: Mapping[str, int]) -> Estimate:
    """All rows of the tables it names; joins without a condition give each row with each. `rows` by lower-case name."""
    if query is None or not rows:
        return Estimate()
    counts = [rows.get(table.name.lower(), 0) for table in query.find_all(exp.Table)]
    return Estimate(sum(counts), rows_returned(query, _looped(query, counts)))


def _looped(query: exp.Query, counts: list[int]) -> int:
    joins = list(query.find_all(exp.Join))
    conditions = sum(1 for equal in query.find_all(exp.EQ) if _joins(equal))
    conditions += sum(1 for join in joins if join.args.get("using") or join.method.upper() == "NATURAL")
    product = 1
    for count in sorted(counts, reverse=True)[: 1 + max(len(joins) - conditions, 0)]:
        product *= max(count, 1)
    return product if counts else 1


def _joins(equal: exp.EQ) -> bool:
    """Whether columns of two tables are compared."""
    sides = (equal.this, equal.expression)
    return all(isinstance(side, exp.Column) for side in sides) and len({side.table for side in sides}) == 2
