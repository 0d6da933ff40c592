"""`python -m bench.translation.variants --set SETDIR --kind KIND`: how much other words or slips cost.

Asks each question of a set as it is and in a variant, and prints the figures side by side for those that the variant
changes: `synonyms` and `knowledge` (with words or rules of `--part` tune or held), `typo`, `typos` (two), `lower`,
`bare` (no punctuation), `terse` (keywords only).
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.translation.__main__ import RESULTS, Run, figures, held_out
from bench.translation.catalog import catalog_of
from bench.translation.rewrites import rewritten
from bench.translation.synonyms import vary
from bench.translation.typos import slipped, terse, unpunctuated
from knowledge.catalog.model import Catalog

Question = dict[str, Any]


def main() -> None:
    """Ask both forms of every changed question and print the figures."""
    parser = argparse.ArgumentParser(prog="bench.translation.variants")
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--kind", choices=sorted(KINDS), default="synonyms")
    parser.add_argument("--part", choices=("tune", "held", "all"), default="all", help="words or rules that are used")
    parser.add_argument("--fold", choices=("all", "tune", "held"), default="all", help="databases")
    parser.add_argument("--quick", action="store_true", help="every seventh question")
    parser.add_argument("--failures", type=Path, help="variants that went wrong where the question itself was right")
    options = parser.parse_args()
    meta = json.loads((options.set / "meta.json").read_text())
    folder = options.set / meta.get("databases", "databases")
    questions = [json.loads(line) for line in (options.set / "questions.jsonl").read_text().splitlines() if line]
    questions = [q for q in questions if options.fold == "all" or held_out(q["db"]) == (options.fold == "held")]
    questions = questions[::7] if options.quick else questions
    catalogs: dict[str, Catalog] = {}
    plain, other = [], []
    for question in questions:
        name = question["db"]
        catalog = catalogs.setdefault(name, catalogs.get(name) or catalog_of(folder / f"{name}.sqlite"))
        text = KINDS[options.kind](question, catalog, options.part)
        if text != question["question"]:
            plain.append(question)
            other.append({**question, "question": text, "plain": question["question"]})
    run = Run(folder, str(meta.get("now") or ""))
    before = [run.answer(question) for question in plain]
    after = [run.answer(question) for question in other]
    if options.failures:
        pairs = zip(before, after, strict=True)
        worse = [{**b, "plain_sql": a["sql"]} for a, b in pairs if a["right"] and not b["right"]]
        options.failures.write_text("".join(json.dumps(one) + "\n" for one in worse))
    report(options, before, after)


def report(options: argparse.Namespace, before: list[Question], after: list[Question]) -> None:
    """Print both rows, then everything as JSON, which is kept unless it is quick."""
    rows = {"plain": figures(before), options.kind: figures(after)}
    for name, numbers in rows.items():
        shown = "".join(f"{key}={numbers[key]:<8}" for key in ("n", "right", "answered", "precision", "p95_ms"))
        print(f"{name:<12}{shown}")
    lost = round(rows["plain"]["right"] - rows[options.kind]["right"], 1)
    summary = {"set": options.set.name, "fold": options.fold, "kind": options.kind, "part": options.part}
    summary |= {"quick": options.quick, "lost": lost, **{name: _short(numbers) for name, numbers in rows.items()}}
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        name = f"translation-{options.set.name}-{options.fold}-{options.kind}-{options.part}.json"
        (RESULTS / name).write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary))


def _short(numbers: Question) -> Question:
    return {key: value for key, value in numbers.items() if key != "by_difficulty"}


def _synonyms(question: Question, catalog: Catalog, part: str) -> str:
    return vary(question["question"], str(question["id"]), catalog, str(question.get("gold_sql") or ""), part)


KINDS: dict[str, Callable[[Question, Catalog, str], str]] = {
    "synonyms": _synonyms,
    "knowledge": lambda question, _, part: rewritten(question["question"], part),
    "typo": lambda question, *_: slipped(question["question"], str(question["id"]), 1),
    "typos": lambda question, *_: slipped(question["question"], str(question["id"]), 2),
    "lower": lambda question, *_: str(question["question"]).lower(),
    "bare": lambda question, *_: unpunctuated(question["question"]),
    "terse": lambda question, *_: terse(question["question"]),
}

if __name__ == "__main__":
    main()
