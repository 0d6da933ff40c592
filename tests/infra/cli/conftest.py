"""A folder of its own for every command, with a small SQLite shop in it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parents[3]
Done: TypeAlias = "subprocess.CompletedProcess[str]"
Quillux: TypeAlias = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.executescript(
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
            CREATE TABLE orders (
                id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), status TEXT, amount REAL
            );
            INSERT INTO customers VALUES (1, 'Ada', 'Germany'), (2, 'Ben', 'France'), (3, 'Eve', 'Germany');
            INSERT INTO orders VALUES (1, 1, 'shipped', 10.5), (2, 1, 'open', 20), (3, 2, 'shipped', 5),
                (4, 3, 'shipped', 7), (5, 3, 'shipped', 1);
            """
        )
    shop.close()
    return tmp_path


@pytest.fixture
def quillux(folder: Path) -> Quillux:
    """Run the real command in the folder: `quillux("source", "list")`."""

    def command(*words: str, env: dict[str, str] | None = None, timeout: float = 60) -> Done:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("QUILLUX_")}
        return subprocess.run(
            [sys.executable, "-m", "infra.cli.main", *words],
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1", **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return command
