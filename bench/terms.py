"""`python -m bench.terms [--quick]`: questions read with glossaries of 0 to 5,000 terms, over the small warehouse.

The business questions of the tests as they are, and the same with words of the glossary in place of some of theirs.
Measured: milliseconds of processor time a question, once the glossary is known, and milliseconds to make a glossary
known; both beside reading without any.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from knowledge.catalog.model import Catalog
from knowledge.glossary import Glossary, Metric, Place, Term
from knowledge.translation import RuleTranslator
from knowledge.translation.meaning import phrases
from knowledge.translation.model import Context, Read
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

RESULTS = Path(__file__).parent / "results"
QUESTIONS = Path("tests/knowledge/translation/business.yaml")
SIZES = (0, 100, 1_000, 5_000)
_WIDTHS = (7, 9, 8, 8, 13, 13, 7)
_FIRST = ("net", "gross", "active", "new", "lost", "open", "total", "average", "monthly", "regional", "direct", "key")
_SECOND = ("revenue", "margin", "customer", "order", "return", "visit", "basket", "stock", "lead", "ticket", "payment")


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(prog="bench.terms")
    parser.add_argument("--quick", action="store_true", help="one round instead of ten; not kept")
    options = parser.parse_args()
    names = ("terms", "known ms", "p50 ms", "p95 ms", "with terms p50", "with terms p95", "used")
    print(" ".join(f"{name:>{width}}" for name, width in zip(names, _WIDTHS, strict=True)))
    with tempfile.TemporaryDirectory() as folder:
        catalog = write_warehouse(Path(folder) / "warehouse.sqlite")
    plain = [case["ask"] for case in yaml.safe_load(QUESTIONS.read_text("utf-8"))]
    rows = [measured(size, catalog, plain, 1 if options.quick else 10) for size in SIZES]
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "terms.json").write_text(json.dumps({"sizes": rows}, indent=1) + "\n")
    print(json.dumps({"sizes": rows}))


def measured(size: int, catalog: Catalog, plain: Sequence[str], rounds: int) -> dict[str, object]:
    """The figures of one size."""
    glossary = Glossary(terms(size), f"v{size}")
    spent = time.process_time()
    phrases(glossary)
    known = (time.process_time() - spent) * 1000
    told = [one.replace("revenue", "takings").replace("customers", "clients") for one in plain]
    said = [one for one, other in zip(told, plain, strict=True) if one != other]
    took, _ = _read(plain, catalog, glossary, rounds)
    with_terms, used = _read(said, catalog, glossary, rounds)
    row: dict[str, object] = {"terms": size, "known_ms": round(known, 1)}
    for name, found in (("", took), ("with_terms_", with_terms)):
        row[f"{name}p50_ms"] = round(found[len(found) // 2], 2)
        row[f"{name}p95_ms"] = round(found[int(len(found) * 0.95)], 2)
    row["used"] = f"{used}/{len(said)}"
    print(" ".join(f"{value!s:>{width}}" for value, width in zip(row.values(), _WIDTHS, strict=True)))
    return row


def _read(questions: Sequence[str], catalog: Catalog, glossary: Glossary, rounds: int) -> tuple[list[float], int]:
    """Milliseconds of processor time of each reading, sorted, and how many questions used a term."""
    translator, context = RuleTranslator(), Context(TODAY, glossary=glossary)
    translator.translate("how many orders", catalog, context)
    took, used = [], 0
    for at in range(rounds):
        for question in questions:
            began = time.process_time()
            found = translator.translate(question, catalog, context)
            took.append((time.process_time() - began) * 1000)
            used += at == 0 and isinstance(found, Read) and bool(found.interpretations[0].terms)
    return sorted(took), used


def terms(size: int) -> tuple[Term, ...]:
    """So many terms of two or three words, and two that questions speak of."""
    if not size:
        return ()
    own = (
        Term("takings", "Takings", "metric", "approved", metric=Metric("shop", "order_lines", "SUM(revenue)")),
        Term("client", "Client", status="approved", places=(Place("shop", "customers"),)),
    )
    made = []
    for at in range(size - len(own)):
        words = (_FIRST[at % len(_FIRST)], _SECOND[at // len(_FIRST) % len(_SECOND)], f"area {at // 132}")
        name = " ".join(words)
        place = Place("shop", "customers", condition=f"segment = '{at}'")
        made.append(Term(f"t{at}", name, status="approved", synonyms=(f"{name} today",), places=(place,)))
    return (*own, *made)


if __name__ == "__main__":
    main()
