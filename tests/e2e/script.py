"""What the scripted core answers: cards of the shapes that the product makes."""

import math

from conversation.card import (
    Button,
    Card,
    Chart,
    Choice,
    Code,
    Details,
    Facts,
    File,
    Input,
    Table,
    Text,
)
from conversation.cells import Column
from conversation.codec import Json, JsonObject

SQL = """SELECT r.name AS region, COUNT(*) AS orders, SUM(l.amount) AS revenue
FROM orders AS o
JOIN regions AS r ON r.id = o.region_id
JOIN order_lines AS l ON l.order_id = o.id
WHERE o.shipped_at >= DATE '2025-05-01' AND o.shipped_at < DATE '2025-06-01' -- last month
GROUP BY r.name
ORDER BY orders DESC
LIMIT 1000"""
REGIONS = ("North Rhine-Westphalia", "Bavaria", "Île-de-France", "Lombardy", "Catalonia", "Greater London", "Skåne")


def answer(text: str, run: str) -> Card:
    """An answer to `text`; words in it choose the shape."""
    words = text.lower()
    if "fail" in words:
        return failed(run)
    if "month" in words and "region" not in words:
        return by_month(run)
    if "empty" in words:
        return empty(run)
    if "approve" in words or words == "gate.decide":
        return gate(run)
    return by_region(run, "germany" in words)


def by_region(run: str, only_germany: bool = False) -> Card:
    """Orders by region: table and bars."""
    regions = REGIONS[:2] if only_germany else REGIONS
    rows = tuple((name, 4211 // (n + 1), round(98_765.4 / (n + 1), 2)) for n, name in enumerate(regions))
    values: list[Json] = [{"region": name, "orders": orders} for name, orders, _ in rows]
    columns = (Column("Region"), Column("Orders", "integer"), Column("Revenue", "money", "EUR"))
    total = sum(row[1] for row in rows)
    return Card(
        (
            Text(f"{total:,} orders shipped in May 2025", "title"),
            Text(f"{regions[0]} leads with {rows[0][1]:,} orders."),
            Chart(_spec("bar", values, "region", "nominal", "orders"), "Bars: orders by region", "Orders by region"),
            Table(columns, rows, total=len(rows), result="res_demo"),
            Details("How this was made", _receipt()),
        ),
        (
            Button("By month", "ask", {"text": "Revenue by month"}),
            Button("Only Germany", "ask", {"text": "only Germany"}),
            Button("CSV", "run.csv", {"run": run}),
        ),
        (
            Button("“Shipped” means delivered", "nlq.choose", {"run": run, "choices": ["delivered"]}),
            Button("“Last month” means the last 30 days", "nlq.choose", {"run": run, "choices": ["days"]}),
        ),
        run=run,
    )


def by_month(run: str) -> Card:
    """Revenue by month and channel: lines over time."""
    months = [f"202{4 + n // 12}-{n % 12 + 1:02d}-01" for n in range(18)]
    rows = tuple(
        (month, channel, round(90_000 + 30_000 * math.sin(n / 2) + 20_000 * c + n * 1500, 2))
        for n, month in enumerate(months)
        for c, channel in enumerate(("Shop", "Marketplace", "Wholesale"))
    )
    values: list[Json] = [{"month": m, "channel": c, "revenue": r} for m, c, r in rows]
    spec = _spec("line", values, "month", "temporal", "revenue", "channel")
    columns = (Column("Month", "date"), Column("Channel"), Column("Revenue", "money", "EUR"))
    return Card(
        (
            Text("Revenue grew to €156,832 in June 2025", "title"),
            Chart(spec, "Lines: revenue by month and channel", "Revenue by month"),
            Table(columns, rows, total=len(rows), result="res_months"),
            Details("How this was made", _receipt()),
        ),
        (Button("Only 2025", "ask", {"text": "only 2025"}), Button("Details", "run.details", {"run": run})),
        run=run,
    )


def empty(run: str) -> Card:
    """No rows."""
    return Card(
        (
            Text("No orders match", "title"),
            Text("There are orders until 2025-06-30; the question asks for 2031.", "muted"),
            Table((Column("Region"), Column("Orders", "integer")), ()),
            Details("How this was made", _receipt()),
        ),
        (Button("Ask for June 2025", "ask", {"text": "orders in June 2025 per region"}),),
        run=run,
    )


def failed(run: str) -> Card:
    """An error, as the core shows it."""
    return Card(
        (
            Text("The warehouse could not be reached", "bad"),
            Text("The connection was refused after 5 seconds. Nothing was changed. Try again in a minute."),
            Facts((("Reference", "7f3a-11c2"),)),
        ),
        (Button("Try again", "run.retry", {"run": run}, "primary"),),
        run=run,
    )


def gate(run: str) -> Card:
    """A query that waits for somebody."""
    return Card(
        (
            Text("This query waits for an approval", "warning"),
            Text("It would read about 81,000,000 rows; the limit without approval is 50,000,000."),
            Facts((("Asked by", "Ann Example"), ("Tables", "web_events, sessions"), ("Estimated rows", "81,000,000"))),
            Code(SQL, "sql"),
            Input("reason", "Reason", "multiline", placeholder="Why this is fine, or is not"),
            Input("scope", "For", "choice", choices=(Choice("once", "This time"), Choice("day", "Today"))),
        ),
        (
            Button("Approve", "gate.decide", {"gate": "g1", "verdict": "approve"}, "primary"),
            Button("Reject", "gate.decide", {"gate": "g1", "verdict": "reject"}, "danger", confirm="Reject it?"),
        ),
        run=run,
    )


def _receipt() -> tuple[Facts | Code | File, ...]:
    return (
        Facts(
            (("Source", "warehouse (SQLite)"), ("Rows", "7 of 211,402 read"), ("Time", "38 ms"), ("Confidence", "94 %"))
        ),
        Code(SQL, "sql"),
        File("orders-by-region.csv", "res_demo", "csv"),
    )


def _spec(mark: str, values: list[Json], x: str, kind: str, y: str, color: str = "") -> JsonObject:
    encoding: JsonObject = {
        "x": {"field": x, "type": kind, "title": x},
        "y": {"field": y, "type": "quantitative", "title": y},
    }
    if color:
        encoding["color"] = {"field": color, "type": "nominal"}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}
