"""`python -m bench.verified [--quick]`: questions matched against 10,000 verified queries, over the demo's tables.

The pairs are questions in many forms, each with the query that the rules made for its kind. Asked are the same
questions, the same in other words, with other values, in another order, and others that nobody verified. Measured:
processor seconds until the pairs are indexed, milliseconds until a question is found or known to be new, and how many
were found, or found though they ask something else.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Read, Translation
from knowledge.verified import Book, VerifiedQuery, approved, checked, find
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

RESULTS = Path(__file__).parent / "results"
ASKER = Asker("bench", "ann", ("member",))
MEASURES = ("revenue", "average order total", "number of orders", "total discount", "number of returns")
GROUPS = ("country", "store", "category", "carrier", "month", "region")
COUNTRIES = ("Germany", "France", "Sweden", "Denmark", "Spain", "Italy")
PERIODS = ("in Q1 2026", "in Q2 2025", "last month", "in March 2026", "in 2025", "this year")
WORDS = ("net", "gross", "online", "wholesale", "retail", "renewal", "priority", "regional", "strategic", "loyal")
KINDS = ("same", "other words", "other values", "reordered", "another question")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what it is to its pair, and the pair that has to be found, if any."""

    text: str
    kind: str
    wanted: str


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="bench.verified")
    parser.add_argument("--quick", action="store_true", help="1,000 pairs and 200 questions; not kept")
    options = parser.parse_args()
    size, count = (1_000, 200) if options.quick else (10_000, 2_000)
    with tempfile.TemporaryDirectory() as folder:
        catalog = write_warehouse(Path(folder) / "warehouse.sqlite")
    rng = random.Random(5)
    pairs = made(catalog, size, rng)
    began = time.process_time()
    known = Book(pairs, "en")
    built = time.process_time() - began
    asked = questions(pairs, count, rng)
    row = {"pairs": len(pairs), "build_cpu_s": round(built, 2), **measured(asked, catalog, known)}
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "verified.json").write_text(json.dumps(row, indent=1) + "\n")
    print(json.dumps(row))


def made(catalog: Catalog, size: int, rng: random.Random) -> list[VerifiedQuery]:
    """Pairs with different questions; those of one kind share a query, made once."""
    bases: dict[str, VerifiedQuery] = {}
    pairs: dict[str, VerifiedQuery] = {}
    while len(pairs) < size:
        measure, group = rng.choice(MEASURES), rng.choice(GROUPS)
        question = f"{measure} in {rng.choice(COUNTRIES)} by {group} {rng.choice(PERIODS)}"
        base = bases.get(question) or _pair(question, catalog)
        if base is None:
            continue
        bases[question] = base
        first, second = rng.sample(WORDS, 2)
        said = f"{first} {second} plan {len(pairs)} {question}" if len(pairs) % 10 else question
        if len(pairs) % 3 == 0:
            said = f"{first} {second} {rng.choice(WORDS)} {rng.choice(WORDS)} {question}"
        pairs[said] = replace(base, id=str(len(pairs)), question=said)
    return list(pairs.values())


def _pair(question: str, catalog: Catalog) -> VerifiedQuery | None:
    read = RuleTranslator().translate(question, catalog, Context(TODAY))
    if not isinstance(read, Read):
        return None
    sql = read.interpretations[0].query.sql("sqlite")
    query = checked(sql, "shop", catalog)
    return approved(question, query, catalog, tenant="bench", by="Eva", at="2026-11-21T00:00:00+00:00", day=TODAY)


def questions(pairs: Sequence[VerifiedQuery], count: int, rng: random.Random) -> list[Asked]:
    """Questions of each kind in turn."""
    return [_asked(rng.choice(pairs), KINDS[at % len(KINDS)], rng) for at in range(count)]


def _asked(pair: VerifiedQuery, kind: str, rng: random.Random) -> Asked:
    text = pair.question
    match kind:
        case "other words":
            text = f"Show me the {text.replace(' by ', ' for each ')}?"
        case "other values":
            for country in COUNTRIES:
                text = text.replace(country, "@")
            text = text.replace("@", rng.choice(COUNTRIES))
        case "reordered":
            value = next((one.said for one in pair.parameters if one.kind == "value"), "")
            text = f"{text.replace(f' in {value}', '')} in {value}"
        case "another question":
            return Asked(f"{rng.choice(('not', 'except', 'highest', 'customers'))} {text}", kind, "")
    return Asked(text, kind, pair.id)


def measured(asked: Sequence[Asked], catalog: Catalog, known: Book) -> dict[str, object]:
    """Milliseconds of all and of each kind, how many were found, and how many wrongly."""
    context, rules = Context(TODAY), RuleTranslator()
    translate: Callable[[str], Translation] = lambda text: rules.translate(text, catalog, context)  # noqa: E731
    for one in asked[:20]:
        find(one.text, catalog, context, known, ASKER, translate)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    busy: dict[str, list[float]] = {kind: [] for kind in KINDS}
    found, wrong = dict.fromkeys(KINDS, 0), 0
    for one in asked:
        began, spent = time.perf_counter(), time.process_time()
        got = find(one.text, catalog, context, known, ASKER, translate)
        took[one.kind].append((time.perf_counter() - began) * 1000)
        busy[one.kind].append((time.process_time() - spent) * 1000)
        found[one.kind] += got is not None
        wrong += got is not None and not one.wanted
    print(f"{'kind':<20} {'asked':>6} {'found':>6} {'p50 ms':>7} {'p95 ms':>7} {'cpu p95':>7}")
    shown: dict[str, object] = {}
    for kind in (*KINDS, "all"):
        kinds = KINDS if kind == "all" else (kind,)
        times, worked = ([one for name in kinds for one in measure[name]] for measure in (took, busy))
        p50, p95, cpu = at(times, 0.5), at(times, 0.95), at(worked, 0.95)
        hits = sum(found[name] for name in kinds)
        print(f"{kind:<20} {len(times):>6} {hits:>6} {p50:>7.2f} {p95:>7.2f} {cpu:>7.2f}")
        figures = {"asked": len(times), "found": hits, "p50_ms": p50, "p95_ms": p95, "p95_cpu_ms": cpu}
        shown[kind.replace(" ", "_")] = figures
    return {**shown, "found_wrongly": wrong}


def at(times: Sequence[float], share: float) -> float:
    """A quantile of times."""
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)


if __name__ == "__main__":
    main()
