"""The order of an answer for which none is asked."""

from dataclasses import replace

from knowledge.translation.ir import Item, Order, Query


def usual_order(query: Query) -> tuple[Order, ...]:
    """The order of an answer for which none is asked: time ascending, then the measure, largest first."""
    measures = [item for item in query.select if item.fn]
    times = [Order(item) for item in query.select if not item.fn and (item.grain or _years(item))]
    largest = [Order(item, True) for item in measures[:1] if query.group and len(times) < len(query.group)]
    if query.second or (not query.group and not query.limit):
        return tuple(times) if not query.second and any(o.item.grain for o in times) else ()
    return (*times, *largest) if query.limit is None else (*(Order(item, True) for item in measures[:1]),)


def _years(item: Item) -> bool:
    return item.field.column.lower().endswith("year")


def ordered(query: Query) -> Query:
    """The query in its usual order, unless it has one."""
    return query if query.order else replace(query, order=usual_order(query))
