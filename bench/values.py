"""`python -m bench.values [--quick] [--values N]`: the value index, filled and looked up, typos and all."""

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from knowledge.values import Place, ValueIndex

RESULTS = Path(__file__).parent / "results"
FULL, QUICK = 5_000_000, 500_000
_ONSETS = (
    "b", "br", "d", "f", "g", "gr", "h", "k", "kl", "l", "m", "n", "p", "r", "s", "sch", "st", "t", "v", "w",
)  # fmt: skip
_SYLLABLES = tuple(onset + vowel for onset in _ONSETS for vowel in ("a", "e", "i", "o", "u", "au", "ei"))
_ENDS = (
    "mann", "berg", "er", "stein", "dorf", "ski", "son", "feld", "ley", "wood", "ing", "hofer", "etti", "ova",
)  # fmt: skip
_FORMS = ("GmbH", "AG", "Ltd", "Inc", "SARL", "BV", "Oy", "KG", "SpA", "Group")
_THINGS = ("Hammer", "Drill", "Kettle", "Lamp", "Jacket", "Kite", "Robot", "Tent", "Sofa", "Desk", "Blender", "Mirror")
_LOOKS = ("Calm", "Compact", "Lively", "Urban", "Heavy", "Silent", "Golden", "Folding", "Classic", "Nordic", "Rapid")
_POOL: list[str] = []
NAMES = 300_000


def main() -> None:
    """Fill an index, look up what is in it, and print what both took."""
    parser = argparse.ArgumentParser(prog="bench.values")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} values, not kept")
    parser.add_argument("--values", type=int, default=0)
    options = parser.parse_args()
    count = options.values or (QUICK if options.quick else FULL)
    with tempfile.TemporaryDirectory() as folder:
        summary = _measured(Path(folder) / "values.sqlite", count)
    if not options.quick and not options.values:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "values.json").write_text(json.dumps(summary, indent=1) + "\n")
    for name, figure in summary.items():
        print(f"{name:<28} {figure}")
    print(json.dumps(summary))


def _measured(path: Path, count: int) -> dict[str, object]:
    rng = random.Random(11)
    _POOL.extend(_invented(rng) for _ in range(NAMES))
    index = ValueIndex(path)
    places = {
        Place("shop", "", "customers", "name"): (2 * count // 5, _company),
        Place("shop", "", "contacts", "full_name"): (count // 5, _person),
        Place("shop", "", "products", "title"): (count // 5, _product),
        Place("shop", "", "parts", "code"): (count // 5, _code),
    }
    asked: list[str] = []
    before, began = _memory(), time.perf_counter()
    for place, (many, make) in places.items():
        with index.loading(place) as load:
            for chunk in _chunks(many, 10_000):
                made = {make(rng) if make is not _code else f"SKU-{rng.randrange(10**9):09d}": 1 for _ in range(chunk)}
                asked += rng.sample(sorted(made), 4)
                load.add(made.items())
            load.done()
    filled = time.perf_counter() - began
    rng.shuffle(asked)
    size = sum(file.stat().st_size for file in path.parent.iterdir())
    figures: dict[str, object] = {
        "values": sum(index.columns().values()), "fill_s": round(filled, 1), "file_mb": round(size / 1e6),
        "words": _words(path), "rss_mb_after_fill": _memory(), "rss_mb_before": before,
    }  # fmt: skip
    sample = asked[:1000]
    figures |= _looked_up("exact", index, [[text] for text in sample], sample)
    wrong = [text for text in sample if any(len(word) >= 5 and word.isalpha() for word in text.split())]
    figures |= _looked_up("one_typo", index, [[_typo(rng, text)] for text in wrong], wrong)
    figures |= _looked_up("unknown", index, [[_company(rng) + "xq"] for _ in range(300)], [])
    figures |= _looked_up("question_of_8_phrases", index, [_phrases(rng, text) for text in wrong[:300]], wrong[:300])
    replaced = time.perf_counter()
    index.update(Place("shop", "", "new", "name"), [(_company(rng), 1) for _ in range(10_000)])
    figures["replace_10000_s"] = round(time.perf_counter() - replaced, 2)
    figures["rss_mb"] = _memory()
    return figures


def _looked_up(kind: str, index: ValueIndex, asked: list[list[str]], wanted: list[str]) -> dict[str, object]:
    took, busy, right = [], [], 0
    for at, phrases in enumerate(asked):
        began, spent = time.perf_counter(), time.process_time()
        found = index.find(phrases, lambda _: True)
        took.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - spent) * 1000)
        right += bool(wanted) and any(held.stored == wanted[at] for held in found)
    figures: dict[str, object] = {
        f"{kind}_p50_ms": round(statistics.median(took), 2),
        f"{kind}_p95_ms": round(sorted(took)[int(len(took) * 0.95)], 2),
        f"{kind}_p95_cpu_ms": round(sorted(busy)[int(len(busy) * 0.95)], 2),
    }
    return figures | ({f"{kind}_found_percent": round(100 * right / len(asked), 1)} if wanted else {})


def _phrases(rng: random.Random, text: str) -> list[str]:
    """What a question about a misspelt value asks for: the words of it alone and together, and some beside it."""
    words = _typo(rng, text).split()
    beside = ["shipped orders", f"of {words[0]}", f"{words[-1]} shipped", "quarterly turnover"]
    return [" ".join(words), *words, *(" ".join(words[at : at + 2]) for at in range(len(words) - 1)), *beside][:8]


def _typo(rng: random.Random, text: str) -> str:
    words = text.split()
    at = rng.choice([at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()])
    word, cut = words[at], rng.randrange(1, len(words[at]) - 1)
    head, tail = word[:cut], word[cut:]
    slips = (
        head + tail[1:],
        head + tail[1] + tail[0] + tail[2:],
        head + rng.choice("aeinrst") + tail,
        head + rng.choice("bdgklmo") + tail[1:],
    )
    words[at] = rng.choice(slips)
    return " ".join(words)


def _surname(rng: random.Random) -> str:
    """One of about 300,000 names, some much more frequent than others."""
    return _POOL[int(len(_POOL) * rng.random() ** 3)]


def _invented(rng: random.Random) -> str:
    return ("".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((1, 2, 2, 2, 3)))) + rng.choice(_ENDS)).title()


def _company(rng: random.Random) -> str:
    names = " & ".join(_surname(rng) for _ in range(rng.choice((1, 1, 2))))
    return f"{names} {rng.choice(_FORMS)}"


def _person(rng: random.Random) -> str:
    return f"{_surname(rng)} {rng.choice('ABCDEFGH')}. {_surname(rng)}"


def _product(rng: random.Random) -> str:
    return f"{rng.choice(_LOOKS)} {rng.choice(_THINGS)} {_surname(rng)} {rng.randrange(9999)}"


def _code(rng: random.Random) -> str:
    return f"SKU-{rng.randrange(10**9):09d}"


def _chunks(many: int, size: int) -> Iterator[int]:
    return (min(size, many - at) for at in range(0, many, size))


def _words(path: Path) -> int:
    from knowledge.values.store import open_to_read

    return int(open_to_read(path).execute("SELECT count(*) FROM words").fetchone()[0])


def _memory() -> int:
    """Peak resident memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
