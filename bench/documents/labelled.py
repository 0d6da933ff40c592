"""Texts with questions whose answer is known: two sets, made of what is on the machine."""

import ast
import random
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.demo import DOCUMENTS
from knowledge.documents.model import Block, Loaded

ROOT = Path(__file__).parents[2]
FEWEST, LONGEST = 200, 1_500


@dataclass(frozen=True, slots=True)
class Labelled:
    """Documents by path, and questions with the path (and heading, where it matters) that answers each."""

    name: str
    documents: dict[str, Loaded]
    questions: list[tuple[str, str, str]]


def docstrings(count: int, seed: int = 3) -> Labelled:
    """The docstrings of Python's library: the first sentence is the question, the rest the document.

    Names are taken out of both sides as far as they are the function's own. One document is right for each question.
    """
    documents: dict[str, Loaded] = {}
    questions: list[tuple[str, str, str]] = []
    for path, name, text in _found():
        first, _, rest = text.partition("\n\n")
        first, rest = " ".join(first.split()), rest.strip()
        if len(rest) < FEWEST or not 25 <= len(first) <= 150 or path in documents:
            continue
        blocks = tuple(Block("text", " ".join(part.split())) for part in rest[:LONGEST].split("\n\n") if part.strip())
        documents[path] = Loaded(blocks, "text", "Python")
        questions.append((first.replace(name, ""), path, ""))
    random.Random(seed).shuffle(questions)
    return Labelled("docstrings", documents, questions[:count])


def paraphrased() -> Labelled:
    """The demo's documents among this project's own pages, asked in other words by hand."""
    from knowledge.documents.parsing.kinds import parse
    from knowledge.documents.parsing.limits import Limits

    documents = {}
    for path in sorted((*DOCUMENTS.iterdir(), *ROOT.glob("*/**/*.md"))):
        name = path.name if path.parent == DOCUMENTS else path.relative_to(ROOT).as_posix()
        if DOCUMENTS.relative_to(ROOT).as_posix() in name or ".venv" in name:
            continue
        loaded = parse(path.name, path.read_bytes(), Limits())
        if loaded is not None:
            documents[name] = loaded
    asked = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text())
    return Labelled("paraphrased", documents, [(question, path, heading) for question, path, heading in asked])


def _found() -> Iterator[tuple[str, str, str]]:
    """Where each docstring stands, the name of its function or class, and its text."""
    root = Path(sysconfig.get_paths()["stdlib"])
    for file in sorted(root.rglob("*.py")):
        if "site-packages" in file.parts or "test" in file.parts or "idlelib" in file.parts:
            continue
        try:
            tree = ast.parse(file.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield f"{file.relative_to(root)}:{node.lineno}", node.name, text
