"""The product, small, once for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.product import Product, product


@pytest.fixture
async def quillux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Product]:
    """Answers at once."""
    async with product(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
async def careful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Product]:
    """Lets a query of more than 20 rows wait for approval."""
    async with product(tmp_path, monkeypatch, approval_rows_returned=20) as running:
        yield running
