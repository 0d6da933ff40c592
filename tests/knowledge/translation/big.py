"""Catalogs of any size, with names as departments make them: prefixes, abbreviations, columns that most tables have."""

import random
from dataclasses import replace

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table

_AREAS = (
    "fin", "hr", "crm", "scm", "mfg", "log", "mkt", "ops", "it", "legal", "risk", "audit", "retail", "web", "mobile",
    "stg", "dwh", "mart", "legacy", "eu", "us", "apac", "b2b", "svc", "qa",
)  # fmt: skip
_THINGS = (
    "customer", "order", "invoice", "payment", "shipment", "product", "supplier", "contract", "employee", "ticket",
    "campaign", "account", "ledger", "budget", "asset", "machine", "vehicle", "route", "warehouse", "store", "claim",
    "policy", "policyholder", "lead", "visit", "session", "subscription", "license", "project", "task", "timesheet",
    "vacancy", "applicant", "training", "incident", "inspection", "defect", "batch", "recipe", "sensor", "alarm",
    "outage", "meter", "tariff", "reading", "delivery", "pallet", "container", "customs", "return", "refund", "coupon",
    "survey", "review", "complaint", "device", "firmware", "certificate", "patient", "appointment", "prescription",
    "diagnosis", "room", "booking", "flight", "crew", "passenger", "baggage", "terminal", "loan", "deposit", "card",
    "merchant", "dispute", "portfolio", "trade", "position", "quote", "broker", "parcel", "locker", "courier",
)  # fmt: skip
_KINDS = ("", "", "", "_hist", "_daily", "_item", "_status", "_detail", "_summary", "_arch", "_snapshot", "_map")
_TRAITS = (
    "weight", "height", "volume", "duration", "score", "rating", "discount", "margin", "tax", "fee", "quantity",
    "temperature", "pressure", "voltage", "distance", "capacity", "priority", "severity", "channel", "segment",
    "region", "city", "postcode", "language", "currency", "colour", "material", "grade", "reason", "outcome", "stage",
    "owner", "approver", "carrier", "origin", "destination", "brand", "category", "vendor", "plant", "shift",
)  # fmt: skip
NUMBERS = frozenset(_TRAITS[: _TRAITS.index("priority")])


def generated(size: int, rng: random.Random) -> Catalog:
    """Tables of several sources, with prefixes, abbreviations and columns that most of them have."""
    sources = [f"src{at}" for at in range(1, max(2, min(6, size // 40)) + 1)]
    names = [(s, f"{a}_{t}{k}") for s in sources for a in _AREAS for t in _THINGS for k in dict.fromkeys(_KINDS)]
    rng.shuffle(names)
    tables = [_table(source, name, rng) for source, name in names[:size]]
    homes: dict[tuple[str, str], list[Table]] = {}
    for table in tables:
        homes.setdefault((table.source, table.name.split("_")[0]), []).append(table)
    return Catalog(tuple(_keyed(table, homes, rng) for table in tables), dict.fromkeys(sources, "postgres"))


def _table(source: str, name: str, rng: random.Random) -> Table:
    thing = name.split("_")[1]
    columns = [Column("id", DataType.INTEGER), Column("created_at", DataType.TIMESTAMP)]
    if rng.random() < 0.8:
        columns += [
            Column("name", DataType.TEXT, distinct=5000, values=_values(rng, 12)),
            Column("updated_by", DataType.TEXT),
        ]
    columns += [Column(f"{thing}_no", DataType.TEXT), Column("amt", DataType.NUMBER)]
    columns.append(Column("status", DataType.TEXT, distinct=3, values=("open", "closed", "waiting")))
    for trait in rng.sample(_TRAITS, 8):
        numeric = trait in NUMBERS
        values = () if numeric else _values(rng, 8)
        kind = DataType.NUMBER if numeric else DataType.TEXT
        columns.append(Column(trait, kind, distinct=len(values) or 900, values=values))
    return Table(
        source, name, tuple(columns), primary_key=("id",), rows=rng.randrange(10**6), comment=f"All {thing} rows"
    )


def _values(rng: random.Random, many: int) -> tuple[str, ...]:
    return tuple(f"{rng.choice(_THINGS)} {rng.choice(_TRAITS)} {rng.randrange(400)}".title() for _ in range(many))


def _keyed(table: Table, homes: dict[tuple[str, str], list[Table]], rng: random.Random) -> Table:
    """Two keys to other tables of the same department."""
    others = homes[table.source, table.name.split("_")[0]]
    chosen = [other for other in rng.sample(others, min(2, len(others))) if other is not table]
    columns = [Column(f"{other.name.split('_', 1)[1]}_id", DataType.INTEGER) for other in chosen]
    keys = [ForeignKey((column.name,), other.name, ("id",)) for column, other in zip(columns, chosen, strict=True)]
    return replace(table, columns=(*table.columns, *columns), keys=(*table.keys, *keys))
