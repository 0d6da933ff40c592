"""The files of a new source package. It works as it is: each line of the text files in a folder is a row."""

from string import Template

_PYPROJECT = """\
[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "quillux-source-$name"
version = "0.1.0"
description = "Quillux asks $name:// sources."
requires-python = ">=3.11"
dependencies = ["quillux"]

[project.entry-points."quillux.sources"]
$name = "quillux_source_$name:open_source"

[tool.setuptools]
packages = ["quillux_source_$name"]

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--source tests.examples:source"
"""

_SOURCE = '''\
"""$name:///folder: each line of its text files is a row of the table `lines`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from knowledge.sources.opening import Opening
from knowledge.sources.sdk.pushdown import Filter
from knowledge.sources.sdk.reader import batches
from knowledge.sources.sdk.tabular import TabularSource

LINES = pa.schema({"file": pa.string(), "number": pa.int64(), "text": pa.string()})


class Lines:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tables(self) -> Mapping[str, pa.Schema]:
        return {"lines": LINES}

    def read(
        self, table: str, columns: Sequence[str], filters: Sequence[Filter], limit: int | None
    ) -> Iterator[pa.RecordBatch]:
        yield from batches(self._rows(), LINES)

    def _rows(self) -> Iterator[Mapping[str, object]]:
        for file in sorted(path for path in self._folder.iterdir() if path.suffix == ".txt"):
            for number, text in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
                yield {"file": file.name, "number": number, "text": text}


def open_source(opening: Opening) -> TabularSource:
    return TabularSource(opening.name, Lines(Path(opening.address.removeprefix("$name://"))))
'''

_EXAMPLES = '''\
"""A source over data of its own, for the tests."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge.sources.opening import Opening
from knowledge.sources.port import Source

from quillux_source_$name import open_source


def source() -> Iterator[Source]:
    """Two files, open."""
    with TemporaryDirectory() as folder:
        Path(folder, "first.txt").write_text("one\\ntwo\\nthree\\n")
        Path(folder, "second.txt").write_text("".join(f"line {number}\\n" for number in range(50)))
        yield open_source(Opening("example", f"$name://{folder}"))
'''

_TESTS = '''\
"""What this source does beside the promises of all sources, which `--source` in pyproject.toml checks."""

import asyncio
from contextlib import contextmanager

from knowledge.sources.port import Limits

from tests.examples import source


def test_every_line_is_a_row() -> None:
    async def count() -> list[dict[str, object]]:
        sql = "SELECT file, count(*) AS n FROM lines GROUP BY file ORDER BY file"
        with contextmanager(source)() as opened:
            rows = [row async for batch in opened.execute(sql, Limits()) for row in batch.to_pylist()]
            await opened.close()
        return rows

    assert asyncio.run(count()) == [{"file": "first.txt", "n": 3}, {"file": "second.txt", "n": 50}]
'''

_README = """\
# quillux-source-$name

Quillux asks `$name://` sources with this package.

    pip install -e .
    pytest                                    # its own tests, and the promises of every source
    quillux source kinds                      # shows it
    quillux source add notes $name:///path/of/folder

Change `quillux_source_$name/__init__.py`: `tables()` says which tables there are, `read()` gives the rows of one.
`columns`, `filters` and `limit` say what is needed; more may be given. Say in `tests/examples.py` what to test with.
"""


def files(name: str) -> dict[str, str]:
    """Text by path within the package's folder."""
    templates = {
        "pyproject.toml": _PYPROJECT,
        f"quillux_source_{name}/__init__.py": _SOURCE,
        "tests/__init__.py": "",
        "tests/examples.py": _EXAMPLES,
        "tests/test_source.py": _TESTS,
        "README.md": _README,
    }
    return {path: Template(text).substitute(name=name) for path, text in templates.items()}
