"""`python -m bench.translation.train --set SETDIR [--fold all|tune] [--out FILE]`: train the ranker of readings.

Needs `pip install lightgbm`, which the product itself does not. Each question gives its candidates, each labelled by
whether its rows equal those of the accepted query. Five rounds leave out a fifth of the databases each; what the trees
say of those is the figure printed, and other trees learn from it how likely the first choice is right. The trees that
are written see all databases of the fold.
"""

import argparse
import hashlib
import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench.translation.__main__ import held_out
from bench.translation.catalog import catalog_of
from bench.translation.score import Database, alike
from knowledge.catalog.model import Catalog
from knowledge.translation.attempt import Attempt, Question
from knowledge.translation.lexicon import load
from knowledge.translation.library import library
from knowledge.translation.model import Context
from knowledge.translation.ranking.choosing import BEYOND, leading, log_odds, weighed
from knowledge.translation.ranking.model import WEIGHTS
from knowledge.translation.words import clean, tokenise

ROUNDS = 5
COMMON = {"subsample_freq": 1, "verbose": -1, "n_jobs": 2, "random_state": 7, "deterministic": True}
RANKING = {
    "num_leaves": 15, "learning_rate": 0.07, "n_estimators": 500, "min_child_samples": 30, "subsample": 0.8,
    "colsample_bytree": 0.3, "reg_lambda": 5, "lambdarank_truncation_level": 5,
}  # fmt: skip
JUDGING = {
    "num_leaves": 7, "learning_rate": 0.03, "n_estimators": 200, "min_child_samples": 40, "subsample": 0.7,
    "colsample_bytree": 0.2,
}  # fmt: skip


@dataclass
class Group:
    """The candidates of one question: features, whether each is right, and the rules' log-odds for each."""

    database: str
    values: list[list[float]]
    right: list[bool]
    rules: list[float]


def main() -> None:
    """Make the samples, train, print the figures, write the weights."""
    parser = argparse.ArgumentParser(prog="bench.translation.train")
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--fold", choices=("all", "tune"), default="all")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--samples", type=Path, help="keep the samples of all databases here, or read them from here")
    options = parser.parse_args()
    groups = _kept(options.samples) or list(_samples(options.set, options.every))
    if options.samples:
        options.samples.write_bytes(pickle.dumps(groups))
    groups = [group for group in groups if options.fold == "all" or not held_out(group.database)]
    points = [point for at in range(ROUNDS) for point in _round(groups, at)]
    data = {
        "width": len(groups[0].values[0]),
        "trees": _trees(_trained(groups)),
        "judges": _trees(_judging(points)),
    }
    options.out.write_text(json.dumps(data, separators=(",", ":")) + "\n")
    summary = {
        "questions": len(groups),
        "rules": _share([group.right[0] for group in groups]),
        "ranked": _share([point.right for point in points]),
        "any": _share([any(group.right) for group in groups]),
        "kilobytes": options.out.stat().st_size // 1000,
    }
    print(json.dumps(summary))


def _kept(path: Path | None) -> list[Group]:
    return pickle.loads(path.read_bytes()) if path and path.exists() else []


def _share(found: list[bool]) -> float:
    return round(100 * sum(found) / len(found), 1)


def _samples(folder: Path, every: int) -> Iterator[Group]:
    questions = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines() if line]
    by_database: dict[str, list[dict[str, Any]]] = {}
    for question in questions[::every]:
        by_database.setdefault(question["db"], []).append(question)
    files = [folder / "databases" / f"{name}.sqlite" for name in by_database]
    with ProcessPoolExecutor(2) as pool:
        for groups in pool.map(_of_database, files, by_database.values()):
            yield from groups


def _of_database(file: Path, questions: list[dict[str, Any]]) -> list[Group]:
    catalog, database = catalog_of(file), Database(file, seconds=1.0)
    found = (_group(question, catalog, database, file.stem) for question in questions)
    return [group for group in found if group]


def _group(question: dict[str, Any], catalog: Catalog, database: Database, name: str) -> Group | None:
    text = clean(question["question"]).strip()
    index = library(catalog).open(tokenise(text)).sources[0]
    attempt = Attempt(Question(text, load(), Context(date(2025, 1, 31)), ()), index)
    reading = attempt.reading()
    if reading is None:
        return None
    group, known = Group(name, [], [], []), dict[str, bool]()
    for one in weighed(attempt, reading.query, {}):
        made = attempt.reading(one.candidate.query, one.candidate.reader)
        if made is None:
            continue
        sql = made.tree.sql(dialect="sqlite")
        if sql not in known:
            known[sql] = alike(database, [question["gold_sql"]], sql)
        group.values.append(one.values)
        group.right.append(known[sql])
        group.rules.append(log_odds(made.confidence))
    return group


def _trained(groups: list[Group]) -> Any:
    import lightgbm  # type: ignore[import-not-found]

    values = _matrix([row for group in groups for row in group.values])
    right = [int(right) for group in groups for right in group.right]
    return lightgbm.LGBMRanker(**COMMON, **RANKING).fit(values, right, group=[len(group.values) for group in groups])


def _judging(points: list["Point"]) -> Any:
    import lightgbm

    values = _matrix([[*point.values, point.vote, point.lead, point.rules] for point in points])
    return lightgbm.LGBMClassifier(**COMMON, **JUDGING).fit(values, [int(point.right) for point in points])


def _matrix(rows: list[list[float]]) -> Any:
    import numpy

    return numpy.array(rows, dtype=numpy.float32)


@dataclass
class Point:
    """What the trees took for a question that they had not seen: its features, vote and lead, the rules' log-odds."""

    values: list[float]
    vote: float
    lead: float
    rules: float
    right: bool


def _round(groups: list[Group], at: int) -> Iterator[Point]:
    """The first choices in the fifth of the databases that is left out."""
    out = [group for group in groups if _fifth(group.database) == at]
    model = _trained([group for group in groups if _fifth(group.database) != at])
    votes = iter(model.predict(_matrix([row for group in out for row in group.values])))
    for group in out:
        own = [float(next(votes)) for _ in group.values]
        at_top = max(range(len(own)), key=own.__getitem__)
        best = at_top if own[at_top] - own[0] > BEYOND else 0
        rest = sorted((vote for vote in own if vote != own[best]), reverse=True)
        lead = leading([own[best], *rest[:1]])
        yield Point(group.values[best], own[best], lead, group.rules[best], group.right[best])


def _fifth(database: str) -> int:
    return hashlib.sha256(database.encode()).digest()[1] % ROUNDS


def _trees(model: Any) -> list[dict[str, Any]]:
    return [_flat(tree["tree_structure"]) for tree in model.booster_.dump_model()["tree_info"]]


def _flat(root: dict[str, Any]) -> dict[str, Any]:
    """A tree as lists; a child below zero is leaf ~child."""
    made: dict[str, Any] = {"feature": [], "threshold": [], "left": [], "right": [], "leaf": []}

    def add(node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            made["leaf"].append(round(node["leaf_value"], 5))
            return ~(len(made["leaf"]) - 1)
        at = len(made["feature"])
        made["feature"].append(node["split_feature"])
        made["threshold"].append(float(f"{node['threshold']:.6g}"))
        made["left"].append(0)
        made["right"].append(0)
        made["left"][at], made["right"][at] = add(node["left_child"]), add(node["right_child"])
        return at

    add(root)
    return made


if __name__ == "__main__":
    main()
