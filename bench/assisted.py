"""`python -m bench.assisted --set SETDIR [--quick]`: what votes and the rules' check do for a model of known quality.

No real model runs. A local server of OpenAI's protocol replays the gold query of a question with a probability, else a
damaged one: `APART` of the failures are drawn for each reply by itself, the others are the same for all replies to a
question, as a model misreads the same words again and again. Everything is drawn from the question's id, so that a run
is repeatable. The set is the tuning fold; its questions were also those that the rules were written with.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import sqlglot
from pydantic import SecretStr
from sqlglot import exp

from bench.translation.__main__ import RESULTS, held_out
from bench.translation.catalog import catalog_of
from bench.translation.score import Database, alike
from infra.models.chat import chat_model
from infra.models.complete import ChatCompletion
from infra.settings import Model
from knowledge.catalog.model import Catalog
from knowledge.errors import Refused
from knowledge.translation import RuleTranslator
from knowledge.translation.assisted import Proposer, Rows
from knowledge.translation.model import Context, Decline, Interpretation, Read, Translation
from tests.fixtures.openai_server import KEY, OpenAIServer

QUALITIES = (0.5, 0.7, 0.9)
"""Probability that a reply is the gold query."""
APART = 0.5
TODAY = date(2025, 1, 31)
NO_RULES = Decline("")
Question: TypeAlias = dict[str, Any]
Said: TypeAlias = Sequence[Mapping[str, str]]


class Noisy:
    """The server's replies to one question at a time."""

    def __init__(self, quality: float) -> None:
        self.quality = quality
        self.question: Question = {}
        self.catalog = Catalog((), {})
        self.calls = 0

    def __call__(self, messages: Said) -> str:
        self.calls += 1
        id = f"{self.quality} {self.question['id']}"
        own = random.Random(f"{id} {messages[0]['content'][-80:]} {len(messages)}")
        same = random.Random(id)
        apart = random.Random(f"{id} apart").random() < APART
        draw = own if apart else same
        gold = plain(str(self.question["gold_sql"]), self.catalog)
        sql = gold if draw.random() < self.quality else damaged(gold, self.catalog, draw)
        return json.dumps({"source": "db", "sql": sql})


def plain(gold: str, catalog: Catalog) -> str:
    """The query with its texts in single quotes; SQLite takes double ones for texts where there is no such column."""
    names = {column.name.lower() for table in catalog.tables for column in table.columns}
    tree = sqlglot.parse_one(gold, read="sqlite")
    for column in list(tree.find_all(exp.Column)):
        if column.this.args.get("quoted") and not column.table and column.name.lower() not in names:
            column.replace(exp.Literal.string(column.name))
    return tree.sql("sqlite")


def damaged(gold: str, catalog: Catalog, draw: random.Random) -> str:
    """A query with one thing wrong: an aggregate, a column, a value, a condition, the order, a name that is none."""
    ways: list[Callable[[exp.Expr, random.Random], bool]] = [
        _another_aggregate, partial(_another_column, catalog), _another_value, _no_condition, _other_way_round
    ]  # fmt: skip
    tree = sqlglot.parse_one(gold, read="sqlite")
    draw.shuffle(ways)
    if draw.random() < 0.15:
        return f"SELECT nothing_of_the_kind FROM {next(t.name for t in tree.find_all(exp.Table))}"
    return tree.sql("sqlite") if any(way(tree, draw) for way in ways) else "SELECT"


def _another_aggregate(tree: exp.Expr, draw: random.Random) -> bool:
    found = [node for node in tree.find_all(exp.Avg, exp.Sum, exp.Min, exp.Max)]
    if found:
        node = draw.choice(found)
        node.replace(
            draw.choice([k for k in (exp.Avg, exp.Sum, exp.Min, exp.Max) if k is not type(node)])(this=node.this)
        )
    return bool(found)


def _another_column(catalog: Catalog, tree: exp.Expr, draw: random.Random) -> bool:
    names = {table.name.lower() for table in tree.find_all(exp.Table)}
    tables = [table for table in catalog.tables if table.name.lower() in names]
    found = list(tree.find_all(exp.Column))
    if found and tables:
        column = draw.choice(found)
        home = [t for t in tables if column.name.lower() in t.by_name] or tables
        others = [c.name for c in home[0].columns if c.name.lower() != column.name.lower()]
        if others:
            column.set("this", exp.to_identifier(draw.choice(others), quoted=True))
            return True
    return False


def _another_value(tree: exp.Expr, draw: random.Random) -> bool:
    found = [node for where in tree.find_all(exp.Where) for node in where.find_all(exp.Literal)]
    if found:
        node = draw.choice(found)
        node.replace(exp.Literal.string(f"{node.this}s") if node.is_string else exp.Literal.number(f"{node.this}1"))
    return bool(found)


def _no_condition(tree: exp.Expr, draw: random.Random) -> bool:
    found = [node for node in tree.find_all(exp.Where, exp.Having)]
    if found:
        draw.choice(found).pop()
    return bool(found)


def _other_way_round(tree: exp.Expr, draw: random.Random) -> bool:
    keys = list(tree.find_all(exp.Ordered)) if tree.args.get("limit") else []
    if keys:
        key = draw.choice(keys)
        key.set("desc", not key.args.get("desc"))
    return bool(keys)


class Bench:
    """One pass over the questions, asked in four ways for each quality."""

    def __init__(self, server: OpenAIServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        setting = Model(name="openai:replayed", base_url=server.address, api_key=SecretStr(KEY))
        self._complete = ChatCompletion(chat_model(setting))
        self._rules = RuleTranslator()
        self._catalogs: dict[str, Catalog] = {}
        self._databases: dict[str, Database] = {}

    def known(self, name: str) -> tuple[Catalog, Database]:
        """The catalog and the rows of a database."""
        if name not in self._databases:
            self._databases[name] = Database(self._folder / f"{name}.sqlite")
        return self._catalogs[name], self._databases[name]

    async def prepare(self, names: set[str]) -> None:
        """Introspect the databases."""
        for name in names:
            self._catalogs[name] = await asyncio.to_thread(catalog_of, self._folder / f"{name}.sqlite")

    async def run(self, questions: Sequence[Question], quality: float) -> Iterator[dict[str, Any]]:
        """Figures for each way of asking."""
        noisy = self._server.oracle = Noisy(quality)
        told: list[dict[str, Any]] = []
        for way, many, checked in (("single shot", 1, False), ("vote of 3", 3, False), ("rules and 1", 1, True),
                                   ("rules and 3", 3, True)):  # fmt: skip
            noisy.calls = 0
            outcomes = [await self._outcome(noisy, question, many, checked=checked) for question in questions]
            told.append({"quality": quality, "way": way, **figures(outcomes, noisy.calls)})
        return iter(told)

    async def _outcome(self, noisy: Noisy, question: Question, many: int, *, checked: bool) -> tuple[bool, bool, str]:
        catalog, database = self.known(question["db"])
        noisy.question, noisy.catalog = question, catalog

        async def trial(reading: Interpretation) -> Rows:
            rows = database.rows(reading.query.sql("sqlite"))
            if rows is None:
                raise Refused("The database does not take this query.")
            return rows[:1_000]

        context = Context(TODAY)
        rules = self._rules.translate(question["question"], catalog, context) if checked else NO_RULES
        proposer = Proposer(self._complete, candidates=many)
        found = await proposer.improve(question["question"], catalog, context, rules, trial)
        return _outcome(question, database, found)

    def rules(self, questions: Sequence[Question]) -> dict[str, Any]:
        """The rules by themselves."""
        outcomes = []
        for question in questions:
            catalog, database = self.known(question["db"])
            found = self._rules.translate(question["question"], catalog, Context(TODAY))
            outcomes.append(_outcome(question, database, found))
        return {"quality": None, "way": "rules alone", **figures(outcomes, 0)}


def _outcome(question: Question, database: Database, found: Translation) -> tuple[bool, bool, str]:
    if not isinstance(found, Read):
        return False, False, ""
    best = found.interpretations[0]
    golds = [gold for gold in [question["gold_sql"], *question.get("gold_alts", [])] if gold]
    return True, alike(database, golds, best.query.sql("sqlite")), best.made_by


def figures(outcomes: Sequence[tuple[bool, bool, str]], calls: int) -> dict[str, Any]:
    """Percent of all questions; `disputed` are answers whose card says that rules and model disagree."""
    answered = [one for one in outcomes if one[0]]
    agreed = [one for one in answered if "the model agrees" in one[2]]
    disputed = [one for one in answered if "differently" in one[2]]
    return {
        "right": _percent(sum(right for _, right, _ in answered), len(outcomes)),
        "answered": _percent(len(answered), len(outcomes)),
        "precision": _percent(sum(right for _, right, _ in answered), len(answered)),
        "agreed": _percent(len(agreed), len(outcomes)),
        "precision_agreed": _percent(sum(right for _, right, _ in agreed), len(agreed)),
        "disputed": _percent(len(disputed), len(outcomes)),
        "precision_disputed": _percent(sum(right for _, right, _ in disputed), len(disputed)),
        "calls": round(calls / max(1, len(outcomes)), 2),
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


async def measure(folder: Path, many: int) -> dict[str, Any]:
    """All ways and qualities over so many questions of the tuning fold, evenly spread."""
    lines = (folder / "questions.jsonl").read_text().splitlines()
    questions = [q for line in lines if line and not held_out((q := json.loads(line))["db"])]
    questions = questions[:: max(1, len(questions) // many)][:many]
    meta = json.loads((folder / "meta.json").read_text())
    async with OpenAIServer.running() as server:
        bench = Bench(server, folder / meta.get("databases", "databases"))
        await bench.prepare({question["db"] for question in questions})
        rows = [bench.rules(questions)]
        for quality in QUALITIES:
            rows += await bench.run(questions, quality)
    return {"set": folder.name, "fold": "tune", "questions": len(questions), "apart": APART, "rows": rows}


def main() -> None:
    """Measure, print a table and the figures as JSON, and keep them unless it is a short run."""
    parser = argparse.ArgumentParser(prog="bench.assisted")
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="40 questions instead of 150")
    options = parser.parse_args()
    summary = asyncio.run(measure(options.set, 40 if options.quick else 150))
    names = ("right", "answered", "precision", "agreed", "precision_agreed", "disputed", "precision_disputed", "calls")
    print(f"{'gold':<6}{'way':<14}" + "".join(f"{name:>20}" for name in names))
    for row in summary["rows"]:
        print(f"{row['quality'] or '':<6}{row['way']:<14}" + "".join(f"{row[name]:>20}" for name in names))
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "assisted.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
