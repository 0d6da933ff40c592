"""The warehouse, written once for all tests of this folder."""

import pytest

from knowledge.catalog.model import Catalog
from tests.knowledge.translation.warehouse import write_warehouse
from tests.knowledge.verified.world import World, pair

QUESTIONS = (
    "revenue in France in Q1 2026",
    "How many orders did we ship per region last month?",
    "top 5 customers by revenue in Germany this year",
    "orders with total above 100 per store",
    "revenue by month in 2025",
    "average order value in March 2026",
    "customers without orders",
    "number of returns with reason Defective",
)


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return write_warehouse(tmp_path_factory.mktemp("warehouse") / "warehouse.sqlite")


@pytest.fixture(scope="session")
def world(catalog: Catalog) -> World:
    return World(catalog, tuple(pair(question, catalog) for question in QUESTIONS))
