"""Customers and the people and places that serve them."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from knowledge.demo import words

CUSTOMERS = 8_000
DUPLICATES = 90
PRODUCTS = 600

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """What the sales need to know of a product; `category` counts from 0."""

    id: int
    category: int
    price: float
    pull: float


@dataclass(frozen=True, slots=True)
class People:
    """Rows of the small tables, and by country (from 1): stores, customers and the warehouse."""

    tables: dict[str, list[Row]]
    products: list[Product]
    country_of: list[int]
    stores_in: dict[int, list[int]]
    staff_of: dict[int, list[int]]
    warehouse_for: dict[int, int]


def sku(number: int) -> str:
    """The stock keeping unit of a product; products go round the categories in turn."""
    return f"{words.CATEGORIES[(number - 1) % len(words.CATEGORIES)][0][:3].upper()}-{number:04d}"


def populate(rng: Random, today: date) -> People:
    """Everything but the sales."""
    countries: list[Row] = [
        (index, name, code, currency, words.REGIONS.index(region) + 1)
        for index, (name, code, region, currency, _, _) in enumerate(words.COUNTRIES, 1)
    ]
    stores, stores_in = _stores(rng, today)
    employees, staff_of = _employees(rng, today, [int(str(store[0])) for store in stores])
    warehouses, warehouse_for = _warehouses()
    products, catalogue = _products(rng, today)
    customers = _customers(rng, today)
    tables: dict[str, list[Row]] = {
        "regions": list(enumerate(words.REGIONS, 1)),
        "countries": countries,
        "stores": stores,
        "warehouses": warehouses,
        "suppliers": _suppliers(rng),
        "categories": [(index, item[0], item[1]) for index, item in enumerate(words.CATEGORIES, 1)],
        "products": products,
        "employees": employees,
        "customers": customers,
    }
    country_of = [int(str(row[5])) for row in customers]
    return People(tables, catalogue, country_of, stores_in, staff_of, warehouse_for)


def _stores(rng: Random, today: date) -> tuple[list[Row], dict[int, list[int]]]:
    rows: list[Row] = []
    where: dict[int, list[int]] = {}
    for country, (_, _, _, _, share, cities) in enumerate(words.COUNTRIES, 1):
        for city in cities[: max(1, round(share * 22))]:
            opened = today - timedelta(days=rng.randint(1200, 6000))
            area = None if rng.random() < 0.05 else rng.randint(18, 160) * 10
            rows.append((len(rows) + 1, f"{city} {rng.choice(('Centre', 'Market', 'Station'))}", city, country))
            rows[-1] += (opened.isoformat(), area)
            where.setdefault(country, []).append(len(rows))
    return rows, where


def _employees(rng: Random, today: date, stores: list[int]) -> tuple[list[Row], dict[int, list[int]]]:
    rows: list[Row] = []
    staff: dict[int, list[int]] = {}
    for store in stores:
        for place in range(rng.randint(5, 9)):
            job, pay = words.JOBS[2] if place == 0 else words.JOBS[rng.choice((0, 0, 1, 3))]
            name = f"{rng.choice(words.GIVEN)} {rng.choice(words.SURNAMES)}"
            hired = today - timedelta(days=rng.randint(20, 3200))
            rows.append((len(rows) + 1, name, job, store, hired.isoformat(), round(pay * rng.uniform(0.92, 1.2), -2)))
            staff.setdefault(store, []).append(len(rows))
    return rows, staff


def _warehouses() -> tuple[list[Row], dict[int, int]]:
    """One warehouse a region, in the first country of it."""
    rows: list[Row] = []
    serves: dict[int, int] = {}
    for country, (_, _, region, _, _, cities) in enumerate(words.COUNTRIES, 1):
        number = words.REGIONS.index(region) + 1
        if number not in {row[0] for row in rows}:
            rows.append((number, f"{cities[-1]} Logistics Centre", cities[-1], country, 8_000 + 3_500 * number))
        serves[country] = number
    return sorted(rows, key=lambda row: int(str(row[0]))), serves


def _suppliers(rng: Random) -> list[Row]:
    rows: list[Row] = []
    for number, surname in enumerate(rng.sample(words.SURNAMES, 48), 1):
        rating = None if rng.random() < 0.08 else round(rng.uniform(2.4, 5.0), 1)
        days = None if rng.random() < 0.04 else rng.randint(2, 45)
        name = f"{surname} {rng.choice(words.SUPPLIER_KINDS)}"
        rows.append((number, name, rng.randint(1, len(words.COUNTRIES)), days, rating))
    return rows


def _products(rng: Random, today: date) -> tuple[list[Row], list[Product]]:
    rows: list[Row] = []
    catalogue: list[Product] = []
    names: set[str] = set()
    while len(rows) < PRODUCTS:
        category = len(rows) % len(words.CATEGORIES)
        title, _, (low, high), weight, _, _ = words.CATEGORIES[category]
        name = f"{rng.choice(words.ADJECTIVES)} {rng.choice(words.NOUNS[title])}"
        if name in names:
            name = f"{name} {rng.choice(('Mini', 'Plus', 'Pro', 'Max', 'Lite', 'Duo', 'XL', 'II', 'III'))}"
        if name in names:
            continue
        names.add(name)
        number = len(rows) + 1
        price = round(low * (high / low) ** rng.random()) - 0.01
        heavy = None if rng.random() < 0.06 else round(weight * rng.uniform(0.6, 1.7), 2)
        launched = today - timedelta(days=rng.randint(200, 2600))
        supplier = rng.randint(1, 48)
        cost, active = round(price * rng.uniform(0.45, 0.72), 2), int(rng.random() > 0.07)
        rows.append(
            (number, name, sku(number), category + 1, supplier, price, cost, heavy, launched.isoformat(), active)
        )
        pull = rng.paretovariate(1.6) * (60 / (price + 30)) ** 0.6
        catalogue.append(Product(number, category, price, min(pull, 8.0)))
    return rows, catalogue


def _customers(rng: Random, today: date) -> list[Row]:
    """Unique people first, then the same people once more as somebody typed them again."""
    shares = list(accumulate(item[4] for item in words.COUNTRIES))
    segments, weights = [item[0] for item in words.SEGMENTS], [item[1] for item in words.SEGMENTS]
    rows: list[Row] = []
    for number in range(1, CUSTOMERS + 1):
        country = rng.choices(range(len(shares)), cum_weights=shares)[0]
        given, surname = rng.choice(words.GIVEN), rng.choice(words.SURNAMES)
        segment = rng.choices(segments, weights)[0]
        name = f"{given} {surname}" if segment == "Consumer" else f"{surname} & {rng.choice(words.SURNAMES)} Ltd"
        email = None if rng.random() < 0.04 else f"{given}.{surname}{number}@example.com".lower()
        city = _city(rng, words.COUNTRIES[country][5])
        rows.append((number, name, email, None if rng.random() < 0.02 else segment, city, country + 1))
        rows[-1] += (today.isoformat(), int(rng.random() < 0.43))
    for original in rng.sample(rows, DUPLICATES):
        name = str(original[1])
        typed = rng.choice((name.upper(), name.lower(), f" {name}", name.replace(" ", "  ", 1)))
        rows.append((len(rows) + 1, typed, *original[2:]))
    return rows


def _city(rng: Random, cities: tuple[str, ...]) -> str | None:
    city = rng.choice(cities)
    chance = rng.random()
    if chance < 0.03:
        return None
    return rng.choice(words.ODD_CITIES.get(city, (city,))) if chance < 0.08 else city
