"""Writes the second source: web analytics as Parquet files, without any declared key."""

from bisect import bisect
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from knowledge.demo import seasons, words
from knowledge.demo.people import CUSTOMERS, PRODUCTS, sku

SESSIONS = 45_000
_DEVICES = (("mobile", 0.58), ("desktop", 0.34), ("tablet", 0.08))
_SOURCES = (("search", 0.38), ("direct", 0.24), ("email", 0.12), ("social", 0.14), ("ads", 0.09), ("referral", 0.03))
_BROWSERS = ("Firefox", "Chrome", "Safari", "Edge")
_PAGES = ("home", "category", "product", "cart", "checkout", "help")
_CHAIN = ((4, 30, 52, 4, 0, 10), (3, 22, 65, 8, 0, 2), (2, 24, 48, 22, 2, 2), (2, 8, 24, 14, 50, 2))
_FIELDS = {
    "campaign_id": "Campaign that brought the visitor, where there was one",
    "country_code": "Two-letter code of the country",
    "user_id": "Who was signed in, by the number in the shop; empty for unknown visitors",
    "sku": "Stock keeping unit of the product on the page",
    "duration": "Length of the visit [s]",
    "seconds": "Time on the page [s]",
    "converted": "Whether the visit ended with an order",
    "budget": "Planned spend [EUR]",
    "started_at": "When the visit began",
    "viewed_at": "When the page was opened",
}


def write_web(folder: Path, rng: Random, today: date) -> None:
    """Three tables: `sessions/` and `page_views/` with a file a year, `campaigns.parquet`."""
    days = seasons.days(today)
    weights = [seasons.demand(day, today) * (1 + index / len(days)) for index, day in enumerate(days)]
    picked = sorted(rng.choices(range(len(days)), weights, k=SESSIONS))
    campaigns = _campaigns(rng, days)
    sessions: list[dict[str, object]] = []
    views: list[dict[str, object]] = []
    for number, index in enumerate(picked, 1):
        _visit(rng, number, days[index], today, campaigns, sessions, views)
    _write(folder / "sessions", sessions, "started_at")
    _write(folder / "page_views", views, "viewed_at")
    pq.write_table(_table(campaigns), folder / "campaigns.parquet")


def _campaigns(rng: Random, days: list[date]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for start in range(20, len(days) - 30, 55):
        theme = f"{rng.choice(words.ADJECTIVES)} {rng.choice(('Days', 'Picks', 'Deals', 'Stories'))}"
        channel = rng.choice(("email", "social", "ads"))
        length = rng.randint(10, 30)
        rows.append(
            {
                "campaign_id": len(rows) + 1,
                "name": f"{theme} {days[start].year}",
                "channel": channel,
                "starts_on": days[start],
                "ends_on": days[start] + timedelta(days=length),
                "budget": float(rng.randint(8, 90) * 250),
            }
        )
    return rows


def _visit(
    rng: Random,
    number: int,
    day: date,
    today: date,
    campaigns: list[dict[str, object]],
    sessions: list[dict[str, object]],
    views: list[dict[str, object]],
) -> None:
    hour = rng.choices(range(24), seasons.HOURS)[0] % (8 if day == today else 24)
    start = datetime.combine(day, time(hour)) + timedelta(seconds=rng.randrange(3600))
    source = _pick(rng, _SOURCES)
    device = _pick(rng, _DEVICES)
    pages = _walk(rng)
    moment = start
    for page in pages:
        seconds = min(int(rng.expovariate(1 / 38)) + 2, 900)
        views.append(
            {
                "page_view_id": len(views) + 1,
                "session_id": number,
                "viewed_at": moment,
                "page": page,
                "sku": sku(rng.randint(1, PRODUCTS)) if page == "product" else None,
                "seconds": seconds,
            }
        )
        moment += timedelta(seconds=seconds)
    running = [row["campaign_id"] for row in campaigns if row["channel"] == source and _runs(row, day)]
    sessions.append(
        {
            "session_id": number,
            "started_at": start,
            "user_id": rng.randint(1, CUSTOMERS) if rng.random() < 0.31 else None,
            "country_code": words.COUNTRIES[_country(rng)][1] if rng.random() > 0.02 else None,
            "device": device,
            "browser": rng.choice(_BROWSERS),
            "traffic_source": source,
            "campaign_id": running[0] if running else None,
            "pages": len(pages),
            "duration": int((moment - start).total_seconds()),
            "converted": pages[-1] == "checkout" and rng.random() < 0.8,
        }
    )


def _walk(rng: Random) -> list[str]:
    """Pages in the order of the visit, at most twelve; checkout and help end it."""
    page = rng.choices((0, 1, 2), (45, 20, 35))[0]
    walk = [_PAGES[page]]
    while page < 4 and len(walk) < 12 and rng.random() < 0.74:
        page = rng.choices(range(6), _CHAIN[page])[0]
        walk.append(_PAGES[page])
    return walk


def _pick(rng: Random, options: tuple[tuple[str, float], ...]) -> str:
    return rng.choices([item[0] for item in options], [item[1] for item in options])[0]


_SHARES = list(accumulate(item[4] for item in words.COUNTRIES))


def _country(rng: Random) -> int:
    return min(bisect(_SHARES, rng.random() * _SHARES[-1]), len(_SHARES) - 1)


def _runs(campaign: dict[str, object], day: date) -> bool:
    starts, ends = campaign["starts_on"], campaign["ends_on"]
    return isinstance(starts, date) and isinstance(ends, date) and starts <= day <= ends


def _table(rows: list[dict[str, object]]) -> pa.Table:
    table = pa.Table.from_pylist(rows)
    fields = []
    for field in table.schema:
        kind = pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type
        comment = _FIELDS.get(field.name, "")
        fields.append(pa.field(field.name, kind, metadata={"comment": comment} if comment else None))
    return table.cast(pa.schema(fields))


def _write(folder: Path, rows: list[dict[str, object]], time_column: str) -> None:
    """One file a year, so that a folder of files is one table."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.parquet"):
        stale.unlink()
    table = _table(rows)
    years = [moment.year for moment in (row[time_column] for row in rows) if isinstance(moment, datetime)]
    for year in sorted(set(years)):
        pq.write_table(table.filter(pa.array([item == year for item in years])), folder / f"{year}.parquet")
