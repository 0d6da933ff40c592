"""The shop, written once for all tests of this folder."""

from pathlib import Path

import pytest

from tests.knowledge.translation.shop import Shop, write_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    path: Path = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    return Shop(path, write_shop(path))
