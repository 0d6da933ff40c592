"""What a query gives the person who looks at it."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from conversation.cells import Column
from conversation.codec import Scalar
from conversation.principal import Principal
from graphs.asking import asker
from graphs.nlq.desk import Desk
from knowledge.federation import Request
from knowledge.sources.port import Limits
from knowledge.table_view import column_kinds, scalars

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a query gives the person who looks at it: the first rows of so many, or why there are none."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Scalar, ...], ...] = ()
    total: int = 0


async def evidence(desk: Desk, tree: exp.Expr, source: str, who: Principal, limits: Limits) -> Evidence:
    """The first rows, run with this person's rights. Raises KnowledgeError."""
    request = Request(tree, source, asker(who), limits)
    answer = await desk.engine.run(request)
    catalog = await desk.engine.catalog(request.asker)
    kinds: Any = column_kinds(answer.table, tree, tuple(catalog.of(source)))
    columns = tuple(Column(name.replace("_", " "), kind, unit) for name, kind, unit in kinds)
    rows = tuple(tuple(row) for row in scalars(answer.table, 0, SHOWN))
    return Evidence(columns, rows, answer.table.num_rows)
