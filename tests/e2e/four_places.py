"""One small business in four places: sales in PostgreSQL, stock in MariaDB, visits in Parquet, tickets in an API."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pymysql

Row: TypeAlias = tuple[object, ...]

CITIES = ("Berlin", "Lyon", "Oslo", "Porto")
COUNTRIES = ("Germany", "France", "Norway")
KEY = "not-a-secret"

SALES = """
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, customer_name VARCHAR(60) NOT NULL, city VARCHAR(40) NOT NULL,
                        segment VARCHAR(20) NOT NULL);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(customer_id),
                     product_id INTEGER NOT NULL, ordered_on DATE NOT NULL, amount NUMERIC(10, 2) NOT NULL);
"""
STOCK = """
CREATE TABLE suppliers (supplier_id INTEGER PRIMARY KEY, supplier_name VARCHAR(60) NOT NULL, country VARCHAR(40) NOT NULL);
CREATE TABLE products (product_id INTEGER PRIMARY KEY, product_name VARCHAR(60) NOT NULL,
                       supplier_id INTEGER NOT NULL REFERENCES suppliers(supplier_id));
"""  # noqa: E501

CUSTOMERS: Sequence[Row] = [
    (n, f"Customer {n}", CITIES[n % 4], "business" if n % 3 else "private") for n in range(1, 121)
]
SUPPLIERS: Sequence[Row] = [(n, f"Supplier {n}", COUNTRIES[n % 3]) for n in range(1, 10)]
PRODUCTS: Sequence[Row] = [(n, f"Product {n}", n % 9 + 1) for n in range(1, 41)]
ORDERS: Sequence[Row] = [
    (n, n * 7 % 120 + 1, n * 11 % 40 + 1, date(2025, 1, 1) + timedelta(days=n % 330), f"{n * 37 % 500 + 0.25:.2f}")
    for n in range(1, 1_501)
]
VISITS: Sequence[Row] = [
    (n, n * 13 % 120 + 1, datetime(2025, 3, 1) + timedelta(minutes=31 * n), n % 9 + 1) for n in range(1, 4_001)
]
TICKETS: Sequence[Row] = [
    (n, n * 17 % 120 + 1, str(date(2025, 5, 1) + timedelta(days=n % 90)), "high" if n % 4 == 0 else "low")
    for n in range(1, 251)
]
VISIT_COLUMNS = ("visit_id", "customer_id", "visited_at", "pages")
TICKET_COLUMNS = ("ticket_id", "customer_id", "opened_on", "priority")

TICKETS_YAML = """
base: {address}/v1
limits: {{attempts: 1}}
auth: {{kind: key, header: X-Api-Key, value: "${{env:TICKETS_KEY}}"}}
tables:
  tickets:
    path: /tickets
    rows: tickets
    key: ticket_id
    columns:
      ticket_id: {{type: integer}}
      customer_id: {{type: integer}}
      opened_on: {{type: date}}
      priority: {{type: text}}
    pages: {{kind: page, param: page, first: 1}}
"""


def write_sales(address: str) -> None:
    """Customers and orders, in PostgreSQL."""
    with psycopg.connect(address) as database, database.cursor() as cursor:
        cursor.execute(SALES)
        cursor.executemany("INSERT INTO customers VALUES (%s, %s, %s, %s)", CUSTOMERS)
        cursor.executemany("INSERT INTO orders VALUES (%s, %s, %s, %s, %s)", ORDERS)


def write_stock(address: str) -> None:
    """Suppliers and products, in MariaDB."""
    parts = urlsplit(address)
    database = pymysql.connect(
        host=parts.hostname or "",
        port=parts.port or 0,
        user=parts.username,
        password=parts.password or "",
        database=parts.path.strip("/"),
        autocommit=True,
    )
    with database, database.cursor() as cursor:
        for statement in filter(str.strip, STOCK.split(";")):
            cursor.execute(statement)
        cursor.executemany("INSERT INTO suppliers VALUES (%s, %s, %s)", SUPPLIERS)
        cursor.executemany("INSERT INTO products VALUES (%s, %s, %s)", PRODUCTS)


def write_visits(folder: Path) -> None:
    """Visits to the web shop, a folder of two Parquet files."""
    (folder / "visits").mkdir(parents=True)
    for part, rows in enumerate((VISITS[:2_000], VISITS[2_000:])):
        columns = list(zip(*rows, strict=True))
        pq.write_table(pa.table(dict(zip(VISIT_COLUMNS, columns, strict=True))), folder / "visits" / f"{part}.parquet")


@contextmanager
def ticket_service() -> Iterator[str]:
    """The address of a service that gives tickets in pages of 100 to whoever knows the key."""

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            page = int(parse_qs(asked.query).get("page", ["1"])[0])
            if self.headers.get("X-Api-Key") != KEY:
                self._reply(401, {"error": "who are you?"})
            elif asked.path != "/v1/tickets":
                self._reply(404, {"error": "no such thing"})
            else:
                rows = TICKETS[(page - 1) * 100 : page * 100]
                self._reply(200, {"tickets": [dict(zip(TICKET_COLUMNS, row, strict=True)) for row in rows]})

        def _reply(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_one_place(sql: str) -> list[Row]:
    """The rows of a query over all tables in a single database."""
    with duckdb.connect() as database:
        for statement in filter(str.strip, (SALES + STOCK).split(";")):
            database.execute(statement)
        database.execute(
            "CREATE TABLE visits (visit_id INT, customer_id INT, visited_at TIMESTAMP, pages INT);"
            "CREATE TABLE tickets (ticket_id INT, customer_id INT, opened_on DATE, priority TEXT)"
        )
        for table, rows in (
            ("customers", CUSTOMERS), ("orders", ORDERS), ("suppliers", SUPPLIERS), ("products", PRODUCTS),
            ("visits", VISITS), ("tickets", TICKETS),
        ):  # fmt: skip
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        return database.execute(sql).fetchall()
