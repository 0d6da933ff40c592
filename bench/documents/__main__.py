"""`python -m bench.documents [--quick] [--only quality|speed]`: how well documents are found, how fast, and put in."""

import argparse
import json
import os
import platform
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from math import log2
from pathlib import Path

from bench.documents.labelled import Labelled, docstrings, paraphrased
from knowledge.asker import Asker
from knowledge.documents.embedding.hashed import HashedWords
from knowledge.documents.embedding.port import Embedder
from knowledge.documents.library import Library
from knowledge.documents.model import Block, Folder, Hit, Loaded, Rights
from knowledge.documents.parsing import Reader
from knowledge.documents.store import Store
from knowledge.documents.sync import sync
from knowledge.documents.vectors import Place, VectorShelves

RESULTS = Path(__file__).parents[1] / "results"
FULL, QUICK = 100_000, 10_000
ASKED = 300
ASKER = Asker("bench", "somebody")
BAR_MS = 100.0
EMBEDDERS: dict[str, Callable[[], Embedder]] = {
    "words": lambda: HashedWords(parts=0, meaning=0),
    "words, parts": lambda: HashedWords(meaning=0),
    "words, meanings": lambda: HashedWords(parts=0),
    "words, parts, meanings (default)": HashedWords,
    "the same, 768 places": lambda: HashedWords(768),
}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="bench.documents")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} chunks and fewer questions, not kept")
    parser.add_argument("--only", choices=("quality", "speed"), default="")
    options = parser.parse_args()
    summary: dict[str, object] = {
        "bench": "documents",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    if options.only != "speed":
        sets = [paraphrased(), docstrings(100 if options.quick else 250)]
        summary["quality"] = [found for one in sets for found in _quality(one)]
    if options.only != "quality":
        with tempfile.TemporaryDirectory() as folder:
            summary |= _speed(Path(folder), QUICK if options.quick else FULL)
            summary |= _files(Path(folder))
    if not options.quick:
        kept = RESULTS / "documents.json"
        before = json.loads(kept.read_text()) if kept.exists() and options.only else {}
        kept.write_text(json.dumps(before | summary, indent=1) + "\n")
    print(json.dumps(summary))


def _library(folder: Path, embedder: Embedder) -> Library:
    vectors = VectorShelves(Place(folder / "vectors"), "bench", embedder.key)
    return Library(Store(folder / "documents.sqlite"), embedder, vectors, lambda: "now")


def _quality(labelled: Labelled) -> Iterator[dict[str, object]]:
    print(f"{labelled.name}: {len(labelled.documents):,} documents, {len(labelled.questions)} questions")
    for name, make in EMBEDDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            library = _library(Path(folder), make())
            for path, loaded in labelled.documents.items():
                library.put("bench", Rights(), path, loaded)
            library.fill()
            places: dict[str, list[int]] = {"words only": [], "vectors only": [], "both": []}
            for question, path, heading in labelled.questions:
                hits = library.search(question, ASKER, [Folder("bench", "")], most=200)
                places["both"].append(_place(hits, path, heading))
                places["words only"].append(_place(_by(hits, lambda hit: hit.by_words), path, heading))
                places["vectors only"].append(_place(_by(hits, lambda hit: hit.by_vectors), path, heading))
        for how, found in places.items():
            if how == "words only" and name != "words":
                continue
            recall = round(sum(0 < place <= 10 for place in found) / len(found), 3)
            ndcg = round(sum(1 / log2(place + 1) for place in found if 0 < place <= 10) / len(found), 3)
            first = round(sum(place == 1 for place in found) / len(found), 3)
            by = "–" if how == "words only" else name
            print(f"  {how:<13} {by:<34} recall@10 {recall:.3f}  nDCG@10 {ndcg:.3f}  first {first:.3f}")
            yield {
                "set": labelled.name, "embedder": by, "by": how, "recall@10": recall, "ndcg@10": ndcg, "first": first,
            }  # fmt: skip


def _by(hits: Sequence[Hit], place: Callable[[Hit], int]) -> list[Hit]:
    return sorted((hit for hit in hits if place(hit)), key=place)


def _place(hits: Sequence[Hit], path: str, heading: str) -> int:
    """Where the right chunk stands, 0 where it does not."""
    for place, hit in enumerate(hits, 1):
        if hit.chunk.document.path == path and (not heading or heading in hit.chunk.headings):
            return place
    return 0


def _speed(folder: Path, count: int) -> dict[str, object]:
    rng = random.Random(5)
    words = _vocabulary()
    embedder = HashedWords()
    library = _library(folder, embedder)
    asked: list[str] = []
    began, busy = time.perf_counter(), time.process_time()
    put = 0
    while put < count:
        loaded = _generated(rng, words)
        document, _ = library.put("bench", Rights(), f"{put}.txt", loaded)
        put += document.chunks
        text = rng.choice(loaded.blocks).text.split()
        asked.append(" ".join(rng.sample(text, min(len(text), rng.randint(3, 7)))))
    indexed, indexed_busy = time.perf_counter() - began, time.process_time() - busy
    began, busy = time.perf_counter(), time.process_time()
    library.fill()
    filled, filled_busy = time.perf_counter() - began, time.process_time() - busy
    rng.shuffle(asked)
    took: list[float] = []
    spent: list[float] = []
    for question in asked[:20]:
        library.search(question, ASKER, [Folder("bench", "")])
    for question in asked[:ASKED]:
        began, busy = time.perf_counter(), time.process_time()
        library.search(question, ASKER, [Folder("bench", "")])
        took.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - busy) * 1000)
    took.sort()
    spent.sort()
    figures: dict[str, object] = {
        "chunks": put, "index_chunks_per_s": round(put / indexed), "vectors_chunks_per_s": round(put / filled),
        "ingest_chunks_per_s": round(put / (indexed + filled)),
        "ingest_chunks_per_cpu_s": round(put / (indexed_busy + filled_busy)),
        "search_p50_ms": round(took[len(took) // 2], 1), "search_p95_ms": round(took[int(len(took) * 0.95)], 1),
        "search_p50_cpu_ms": round(spent[len(spent) // 2], 1),
        "search_p95_cpu_ms": round(spent[int(len(spent) * 0.95)], 1),
        "file_mb": round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": round(os.getloadavg()[0], 1), "bar_p95_ms": BAR_MS,
        "met": took[int(len(took) * 0.95)] < BAR_MS,
    }  # fmt: skip
    for name, figure in figures.items():
        print(f"{name:<26} {figure}")
    return figures


def _files(folder: Path) -> dict[str, object]:
    """A folder of files read by the process that parses, to the end of the sync."""
    place = folder / "files"
    place.mkdir()
    rng, words = random.Random(6), _vocabulary()
    for number in range(150):
        text = "\n\n".join(block.text for block in _generated(rng, words).blocks)
        if number % 3 == 0:
            (place / f"{number}.md").write_text(f"# {number}\n\n{text}")
        elif number % 3 == 1:
            (place / f"{number}.html").write_text(
                "<h1>Page</h1>" + "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
            )
        else:
            _write_word(place / f"{number}.docx", text)
    library = _library(folder / "second", HashedWords())
    began = time.perf_counter()
    with Reader() as reader:
        report = sync(library, Folder("files", str(place)), reader)
    library.fill()
    took = time.perf_counter() - began
    figures: dict[str, object] = {"files": report.added, "files_per_s": round(report.added / took, 1)}
    print(f"{'files_per_s':<26} {figures['files_per_s']}")
    return figures


def _write_word(path: Path, text: str) -> None:
    from docx import Document

    document = Document()
    for part in text.split("\n\n"):
        document.add_paragraph(part)
    document.save(str(path))


def _generated(rng: random.Random, words: Sequence[str]) -> Loaded:
    """A document of about twenty chunks: words as frequent as in texts, each document with some of its own."""
    own = [rng.choice(words) for _ in range(40)]
    blocks: list[Block] = []
    for section in range(20):
        blocks.append(Block("heading", " ".join(rng.choice(own) for _ in range(3)) + f" {section}", level=1))
        sentences = []
        for _ in range(10):
            picked = [
                rng.choice(own) if rng.random() < 0.15 else words[int(len(words) * rng.random() ** 4)]
                for _ in range(16)
            ]
            sentences.append(" ".join(picked).capitalize() + ".")
        blocks.append(Block("text", " ".join(sentences)))
    return Loaded(tuple(blocks), "text", " ".join(own[:3]))


def _vocabulary() -> list[str]:
    """Words of the docstrings of Python's library, the most frequent first."""
    from collections import Counter

    counts: Counter[str] = Counter()
    for loaded in docstrings(0).documents.values():
        for block in loaded.blocks:
            counts.update(word.strip(".,;:()").lower() for word in block.text.split() if word.strip(".,;:()").isalpha())
    return [word for word, _ in counts.most_common()]


if __name__ == "__main__":
    main()
