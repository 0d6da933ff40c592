"""`python -m bench.translation.calibrate --set SETDIR`: fit the weights of `deciding.WEIGHTS` on the tuning fold.

Logistic regression by gradient descent on whether the reading was right; the held-out databases are not looked at.
Prints the weights to copy, and how well confidence agrees with accuracy on the held-out fold.
"""

import argparse
import json
from collections.abc import Iterator
from math import exp
from pathlib import Path

from bench.translation.__main__ import Run, held_out
from knowledge.translation import deciding
from knowledge.translation.ir import Query
from knowledge.translation.reading.draft import Reader

Sample = tuple[dict[str, float], bool]


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="bench.translation.calibrate")
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--every", type=int, default=3)
    options = parser.parse_args()
    questions = [json.loads(line) for line in (options.set / "questions.jsonl").read_text().splitlines() if line]
    tune = list(_samples(options.set, [q for q in questions if not held_out(q["db"])][:: options.every]))
    weights = fit(tune)
    print(json.dumps({name: round(value, 2) for name, value in weights.items()}))
    held = list(_samples(options.set, [q for q in questions if held_out(q["db"])][:: options.every]))
    for low in range(0, 10):
        inside = [right for sample, right in held if low <= 10 * probability(weights, sample) < low + 1]
        if inside:
            print(f"{low / 10:.1f}: n={len(inside)} right={sum(inside) / len(inside):.2f}")


def _samples(folder: Path, questions: list[dict[str, str]]) -> Iterator[Sample]:
    seen: list[dict[str, float]] = []
    original = deciding.features

    def watched(reader: Reader, query: Query) -> dict[str, float]:
        seen.append(original(reader, query))
        return seen[-1]

    deciding.features = watched
    sure, deciding.SURE = deciding.SURE, 0.0
    run = Run(folder / "databases", "", None)
    for question in questions:
        seen.clear()
        result = run.answer(question)
        if result["sql"] and seen:
            yield seen[-1], bool(result["right"])
    deciding.features, deciding.SURE = original, sure


def probability(weights: dict[str, float], sample: dict[str, float]) -> float:
    """The logistic of the weighted sum."""
    return 1 / (1 + exp(-sum(weights[name] * value for name, value in sample.items())))


def fit(samples: list[Sample], steps: int = 400, rate: float = 1.0) -> dict[str, float]:
    """Weights by gradient descent, drawn a little towards zero."""
    weights = dict.fromkeys(samples[0][0], 0.0)
    for _ in range(steps):
        slope = dict.fromkeys(weights, 0.0)
        for sample, right in samples:
            error = right - probability(weights, sample)
            for name, value in sample.items():
                slope[name] += error * value
        for name in weights:
            weights[name] += rate * (slope[name] / len(samples) - 0.002 * weights[name])
    return weights


if __name__ == "__main__":
    main()
