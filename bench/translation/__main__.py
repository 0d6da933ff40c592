"""`python -m bench.translation --set SETDIR --out PREDICTIONS.jsonl [--quick] [--fold tune|held] [--databases DIR]`."""

import argparse
import hashlib
import json
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.translation.catalog import catalog_of, values_of
from bench.translation.score import Database, alike, frozen
from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Decline, Exchange, Read
from knowledge.translation.ranking.model import Ranker, trained
from knowledge.translation.translator import TRAINED
from knowledge.values.index import ValueIndex

ROWS = 20
"""Rows of an answer that the questions after it can point at."""
RESULTS = Path(__file__).parent.parent / "results"


def held_out(name: str) -> bool:
    """About a third of all databases, by the hash of the name, is kept for seeing what generalises."""
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


def main() -> None:
    """Answer every question of a set, write the predictions, print the figures."""
    parser = argparse.ArgumentParser(prog="bench.translation")
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="every seventh question")
    parser.add_argument("--fold", choices=("all", "tune", "held"), default="all")
    parser.add_argument("--failures", type=Path, help="write the questions that went wrong, with both queries")
    parser.add_argument("--databases", type=Path, help="where the SQLite files are, if not where meta.json says")
    parser.add_argument("--weights", type=Path, help="a ranker other than the product's")
    parser.add_argument("--rules-only", action="store_true", help="without a ranker")
    options = parser.parse_args()
    meta = json.loads((options.set / "meta.json").read_text())
    questions = [json.loads(line) for line in (options.set / "questions.jsonl").read_text().splitlines() if line]
    questions = [q for q in questions if options.fold == "all" or held_out(q["db"]) == (options.fold == "held")]
    questions = questions[::7] if options.quick else questions
    ranker = trained(options.weights) if options.weights else None if options.rules_only else TRAINED
    run = Run(options.databases or options.set / meta.get("databases", "databases"), str(meta.get("now") or ""), ranker)
    results = [run.answer(question) for question in questions]
    options.out.write_text("".join(json.dumps({k: r[k] for k in ("id", "sql", "ms")}) + "\n" for r in results))
    if options.failures:
        wrong = [r for r in results if not r["right"]]
        options.failures.write_text("".join(json.dumps(r) + "\n" for r in wrong))
    summary = {"set": options.set.name, "fold": options.fold, "quick": options.quick, **figures(results)}
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"translation-{options.set.name}-{options.fold}.json").write_text(
            json.dumps(summary, indent=1) + "\n"
        )
    for level, numbers in summary["by_difficulty"].items():
        print(f"{level:<30} n={numbers['n']:<5} right={numbers['right']:<6} answered={numbers['answered']}")
    print(json.dumps(summary))


class Run:
    """One pass over a set, with a catalog and a database per file."""

    def __init__(self, folder: Path, now: str, ranker: Ranker | None = TRAINED) -> None:
        self.folder = folder
        self.now = now
        self.today = date.fromisoformat(now[:10]) if now else date(2025, 1, 31)
        self.translator = RuleTranslator(ranker=ranker)
        self.catalogs: dict[str, Catalog] = {}
        self.databases: dict[str, Database] = {}
        self.memory: dict[tuple[str, tuple[str, ...]], Exchange | None] = {}
        self.values: dict[str, ValueIndex] = {}
        self.kept = TemporaryDirectory(prefix="quillux-bench-")

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The prediction with its time and whether it is right (declining is right where the set expects it)."""
        name = question["db"]
        if name not in self.catalogs:
            self.catalogs[name] = catalog_of(self.folder / f"{name}.sqlite")
            self.databases[name] = Database(self.folder / f"{name}.sqlite")
            self.values[name] = values_of(self.folder / f"{name}.sqlite", self.catalogs[name], Path(self.kept.name))
            self.translator.translate("warm", self.catalogs[name], self._context(name))
        history = self._history(question)
        start = time.perf_counter()
        sql, confidence = self._translate(question["question"], name, history)
        ms = round((time.perf_counter() - start) * 1000, 2)
        golds = [g for g in [question.get("gold_sql"), *question.get("gold_alts", [])] if g]
        right = sql is None if question.get("expect") == "abstain" else False
        if sql and golds:
            right = alike(self.databases[name], golds, sql, self.now)
        return {**question, "sql": sql, "ms": ms, "right": right, "confidence": confidence}

    def _history(self, question: dict[str, Any]) -> tuple[Exchange, ...]:
        """The earlier questions as they were answered here, with the first rows as the product keeps them."""
        texts: list[str] = []
        history: tuple[Exchange, ...] = ()
        for earlier in question.get("history", []):
            texts.append(earlier["question"] if isinstance(earlier, dict) else str(earlier))
            key = (question["db"], tuple(texts))
            if key not in self.memory:
                self.memory[key] = self._exchange(texts[-1], question["db"], history)
            exchange = self.memory[key]
            history = (*history, exchange) if exchange else history
        return history

    def _context(self, name: str, history: tuple[Exchange, ...] = ()) -> Context:
        return Context(self.today, history, values=self.values[name])

    def _exchange(self, text: str, name: str, history: tuple[Exchange, ...]) -> Exchange | None:
        found = self.translator.translate(text, self.catalogs[name], self._context(name, history))
        if isinstance(found, Decline):
            return None
        best = found.interpretations[0] if isinstance(found, Read) else found.candidates[0]
        sql = best.query.sql(dialect=best.dialect)
        columns = tuple(getattr(best.query, "named_selects", ()))
        rows = tuple(
            tuple(map(_scalar, row)) for row in (self.databases[name].rows(frozen(sql, self.now)) or [])[:ROWS]
        )
        return Exchange(text, sql, best.source, best.memory, columns, rows)

    def _translate(self, text: str, name: str, history: tuple[Exchange, ...]) -> tuple[str | None, float]:
        found = self.translator.translate(text, self.catalogs[name], self._context(name, history))
        if not isinstance(found, Read):
            return None, 0.0
        best = found.interpretations[0]
        return best.query.sql(dialect=best.dialect), best.confidence


def _scalar(value: object) -> str | int | float | None:
    return value if isinstance(value, str | int | float) else None


def figures(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts and shares in percent, times in milliseconds."""
    levels: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        levels[str(result.get("difficulty"))].append(result)
    times = sorted(result["ms"] for result in results)
    answered = [result for result in results if result["sql"]]
    return {
        "n": len(results),
        "right": _percent(sum(r["right"] for r in results), len(results)),
        "answered": _percent(len(answered), len(results)),
        "precision": _percent(sum(r["right"] for r in answered), len(answered)),
        "with_context": _with_context(results),
        "p50_ms": times[len(times) // 2] if times else 0,
        "p95_ms": times[int(len(times) * 0.95)] if times else 0,
        "by_difficulty": {
            level: {
                "n": len(group),
                "right": _percent(sum(r["right"] for r in group), len(group)),
                "answered": _percent(sum(bool(r["sql"]) for r in group), len(group)),
            }
            for level, group in sorted(levels.items())
        },
    }


def _with_context(results: list[dict[str, Any]]) -> dict[str, Any]:
    """How the questions fared that follow others."""
    later = [result for result in results if result.get("history")]
    answered = [result for result in later if result["sql"]]
    return {
        "n": len(later),
        "right": _percent(sum(r["right"] for r in later), len(later)),
        "answered": _percent(len(answered), len(later)),
        "precision": _percent(sum(r["right"] for r in answered), len(answered)),
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


if __name__ == "__main__":
    main()
