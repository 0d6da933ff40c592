"""`python -m bench.linking [--quick]`: questions linked against catalogs of 100, 1,000 and 10,000 tables.

A catalog is generated with names as departments make them; the questions ask for things in it. Measured: seconds until
the first answer (index included), seconds after a change of one table, milliseconds a question, memory, and how many
questions are read over the tables that they were made from.
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from knowledge.catalog.model import Catalog, Column, DataType
from knowledge.translation import RuleTranslator
from knowledge.translation.library import library
from knowledge.translation.model import Context, Read
from tests.knowledge.translation.big import NUMBERS, generated

RESULTS = Path(__file__).parent / "results"
TODAY = date(2026, 11, 21)
_WIDTHS = (7, 8, 9, 8, 6, 8, 7, 7, 7, 7, 8)


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(prog="bench.linking")
    parser.add_argument("--quick", action="store_true", help="100 and 1,000 tables, fewer questions; not kept")
    parser.add_argument("--tables", type=int, default=0, help="one size only; not kept")
    options = parser.parse_args()
    sizes = [options.tables] if options.tables else [100, 1_000] if options.quick else [100, 1_000, 10_000]
    names = ("tables", "columns", "version s", "build s", "cpu s", "again s", "p50 ms", "p95 ms", "cpu p95", "RSS MB")
    print(" ".join(f"{name:>{width}}" for name, width in zip((*names, "right %"), _WIDTHS, strict=True)))
    rows = [measured(size, 60 if options.quick else 300) for size in sizes]
    if not (options.quick or options.tables):
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "linking.json").write_text(json.dumps({"sizes": rows}, indent=1) + "\n")
    print(json.dumps({"sizes": rows}))


def measured(size: int, count: int) -> dict[str, object]:
    """The figures of one size."""
    rng = random.Random(size)
    catalog = generated(size, rng)
    began = time.perf_counter()
    assert catalog.version
    version = time.perf_counter() - began
    began, spent = time.perf_counter(), time.process_time()
    library(catalog)
    built, worked = time.perf_counter() - began, time.process_time() - spent
    asked = questions(catalog, rng, count)
    took, busy, right = _answered(asked, catalog)
    again = _changed(catalog)
    row: dict[str, object] = {
        "tables": size,
        "columns": sum(len(table.columns) for table in catalog.tables),
        "version_s": round(version, 2),
        "build_s": round(built, 2),
        "build_cpu_s": round(worked, 2),
        "rebuild_one_changed_s": round(again, 2),
        "p50_ms": round(took[len(took) // 2], 1),
        "p95_ms": round(took[int(len(took) * 0.95)], 1),
        "p95_cpu_ms": round(busy[int(len(busy) * 0.95)], 1),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "right_percent": round(100 * right / len(asked), 1),
    }
    print(" ".join(f"{value!s:>{width}}" for value, width in zip(row.values(), _WIDTHS, strict=True)))
    return row


def _answered(asked: Sequence[tuple[str, frozenset[str]]], catalog: Catalog) -> tuple[list[float], list[float], int]:
    translator, context = RuleTranslator(), Context(TODAY)
    translator.translate("warm up", catalog, context)
    took, busy, right = [], [], 0
    for question, wanted in asked:
        began, spent = time.perf_counter(), time.process_time()
        found = translator.translate(question, catalog, context)
        took.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - spent) * 1000)
        right += isinstance(found, Read) and wanted <= set(found.interpretations[0].tables)
    return sorted(took), sorted(busy), right


def _changed(catalog: Catalog) -> float:
    """Seconds that the index takes for a catalog in which one table has one more column."""
    first, *rest = catalog.tables
    more = replace(first, columns=(*first.columns, Column("extra_score", DataType.NUMBER)))
    changed = Catalog((more, *rest), catalog.dialects)
    assert changed.version
    began = time.perf_counter()
    library(changed)
    return time.perf_counter() - began


def questions(catalog: Catalog, rng: random.Random, count: int) -> list[tuple[str, frozenset[str]]]:
    """Questions with the tables that they were made from."""
    known = {(table.source, table.name): table for table in catalog.tables}
    made: list[tuple[str, frozenset[str]]] = []
    while len(made) < count:
        table = rng.choice(catalog.tables)
        said = table.name.replace("_", " ")
        text = next(c.name for c in table.columns[7:] if c.type is DataType.TEXT or c.name == "status")
        number = next((c.name for c in table.columns[7:] if c.name in NUMBERS), "amt")
        value = next((v for c in table.columns[7:] for v in c.values), "open")
        other = known[table.source, rng.choice(table.keys).target] if table.keys else table
        away = other.name.replace("_", " ")
        typo = said[:-2] + said[-1] + said[-2] if len(said.split()[-1]) > 5 else said
        asked = rng.choice((
            f"how many {said} per {text}", f"average {number} of {said} by month", f"{said} with {text} {value}",
            f"top 5 {text} by total {number} in {said}", f"total {number} of {said} per {away}",
            f"how many {typo} were created last month", f"show {said} created in 2026 with {number} above 20",
        ))  # fmt: skip
        made.append((asked, frozenset((table.name,))))
    return made


if __name__ == "__main__":
    main()
