"""Orders and what follows from them: lines, shipments, payments, returns; one pass in the order of time."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from knowledge.demo import seasons, words
from knowledge.demo.money import Promotion, Rates
from knowledge.demo.people import People, Product, Row

LINES = 200_000
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5, 6), (36, 27, 17, 10, 6, 4)
_QUANTITIES = (1,) * 14 + (2,) * 4 + (3, 4)
_CHANNELS = ("online",) * 62 + ("store",) * 30 + ("phone",) * 8


class Sales:
    """Draws orders one after another; `tables` holds the rows by table name."""

    def __init__(self, rng: Random, today: date, people: People, rates: Rates, promotions: list[Promotion]) -> None:
        self._rng = rng
        self._now = datetime.combine(today, time(8))
        self._today = today
        self._people = people
        self._rates = rates
        self._promotions = promotions
        self._shelves: dict[int, tuple[list[Product], list[float]]] = {}
        self.tables: dict[str, list[Row]] = defaultdict(list)
        self.first_order: dict[int, date] = {}

    def draw(self) -> None:
        """Exactly `LINES` order lines, spread over the days by demand."""
        rng, days = self._rng, seasons.days(self._today)
        sizes = self._sizes()
        weights = [seasons.demand(day, self._today) for day in days]
        calendar = sorted(rng.choices(range(len(days)), weights, k=len(sizes)))
        loyalty = list(accumulate(min(rng.paretovariate(1.3), 25.0) for _ in self._people.country_of))
        buyers = rng.choices(range(1, len(loyalty) + 1), cum_weights=loyalty, k=len(sizes))
        channels = rng.choices(_CHANNELS, k=len(sizes))
        moments = self._moments([days[index] for index in calendar])
        for number, (size, buyer, channel, moment) in enumerate(zip(sizes, buyers, channels, moments, strict=True), 1):
            self._order(number, size, buyer, channel, moment)

    def _sizes(self) -> list[int]:
        sizes: list[int] = []
        left = LINES
        while left > 0:
            size = min(left, self._rng.choices(_SIZES, _SIZE_WEIGHTS)[0])
            sizes.append(size)
            left -= size
        return sizes

    def _moments(self, days: list[date]) -> list[datetime]:
        rng = self._rng
        hours = rng.choices(range(24), seasons.HOURS, k=len(days))
        seconds = [
            (hour % 8 if day == self._today else hour) * 3600 + int(rng.random() * 3600)
            for day, hour in zip(days, hours, strict=True)
        ]
        moments = [
            datetime.combine(day, time()) + timedelta(seconds=second) for day, second in zip(days, seconds, strict=True)
        ]
        return sorted(moments)

    def _order(self, number: int, size: int, buyer: int, channel: str, moment: datetime) -> None:
        rng, people = self._rng, self._people
        self.first_order.setdefault(buyer, moment.date())
        country = people.country_of[buyer - 1]
        store = rng.choice(people.stores_in[country]) if channel == "store" else None
        seller = rng.choice(people.staff_of[store]) if store and rng.random() < 0.9 else None
        running = [item for item in self._promotions if item.runs(moment.date())]
        promotion = running[0] if running and rng.random() < 0.55 else None
        total = self._lines(number, size, moment, promotion, cancelled=(cancelled := rng.random() < 0.025))
        currency = words.COUNTRIES[country - 1][3]
        local = round(total * self._rates.at(moment.date(), currency), 2)
        status = "cancelled" if cancelled else "completed" if store else self._ship(number, country, moment, size)
        if not cancelled:
            self._pay(number, moment, local, currency)
        campaign = promotion.id if promotion else None
        self.tables["orders"].append(
            (number, buyer, store, seller, campaign, _stamp(moment), channel, status, currency, total, local)
        )

    def _lines(self, order: int, size: int, moment: datetime, promotion: Promotion | None, *, cancelled: bool) -> float:
        rng, lines = self._rng, self.tables["order_lines"]
        products, pulls = self._shelf(moment.month)
        inflation = 1 - 0.03 * (self._today - moment.date()).days / 365
        total = 0.0
        for product in rng.choices(products, cum_weights=pulls, k=size):
            quantity = rng.choice(_QUANTITIES)
            price = round(product.price * inflation, 2)
            discount = promotion.share if promotion else rng.choice((0, 0, 0, 0, 0, 0, 0, 0.05, 0.1))
            revenue = round(quantity * price * (1 - discount), 2)
            lines.append((len(lines) + 1, order, product.id, quantity, price, discount, revenue))
            total += revenue
            if not cancelled and rng.random() < words.CATEGORIES[product.category][5]:
                self._give_back(len(lines), moment, quantity, revenue)
        return round(total, 2)

    def _shelf(self, month: int) -> tuple[list[Product], list[float]]:
        if month not in self._shelves:
            products = self._people.products
            pulls = (item.pull * seasons.appeal(month, *words.CATEGORIES[item.category][4]) for item in products)
            self._shelves[month] = products, list(accumulate(pulls))
        return self._shelves[month]

    def _give_back(self, line: int, moment: datetime, quantity: int, revenue: float) -> None:
        rng = self._rng
        when = moment + timedelta(days=rng.uniform(3, 32))
        units = rng.randint(1, quantity)
        reason = None if rng.random() < 0.1 else rng.choice(words.REASONS)
        if when < self._now:
            rows = self.tables["returns"]
            rows.append((len(rows) + 1, line, _stamp(when), units, reason, round(revenue * units / quantity, 2)))

    def _ship(self, order: int, country: int, moment: datetime, size: int) -> str:
        """Ship in one parcel, big orders sometimes in two; the order's status follows from the parcels."""
        rng, rows = self._rng, self.tables["shipments"]
        state = "processing"
        for _ in range(2 if size > 3 and rng.random() < 0.2 else 1):
            shipped = moment + timedelta(days=rng.uniform(0.3, 2.8))
            if shipped >= self._now:
                continue
            carrier, pace = rng.choices(words.CARRIERS, (5, 3, 2, 1))[0]
            arrival = shipped + timedelta(days=pace * rng.uniform(0.5, 2.2))
            fate = rng.random()
            parcel = "lost" if fate < 0.004 else "delivered" if arrival < self._now else "in transit"
            arrived = _stamp(arrival) if parcel == "delivered" else None
            name = rng.choice(words.ODD_CARRIERS) if fate > 0.995 else carrier
            cost = round(2.9 + pace * rng.uniform(0.6, 1.9) + size * 0.7, 2)
            warehouse = self._people.warehouse_for[country]
            rows.append((len(rows) + 1, order, warehouse, name, parcel, _stamp(shipped)))
            rows[-1] += (arrived, cost)
            state = "delivered" if parcel == "delivered" else "shipped"
        return state

    def _pay(self, order: int, moment: datetime, amount: float, currency: str) -> None:
        rng, rows = self._rng, self.tables["payments"]
        method = rng.choices([item[0] for item in words.METHODS], [item[1] for item in words.METHODS])[0]
        late = rng.uniform(4, 28) if method in ("Invoice", "Bank Transfer") else rng.random() * 0.002
        if rng.random() < 0.012:
            rows.append((len(rows) + 1, order, method, "failed", _stamp(moment), amount, currency))
        paid = moment + timedelta(days=late)
        if paid < self._now:
            rows.append((len(rows) + 1, order, method, "paid", _stamp(paid), amount, currency))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")
