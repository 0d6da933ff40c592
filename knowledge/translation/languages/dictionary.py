"""A language as data: its words with what they are called in the grammar, its endings, its order of words."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.translation.languages.patterns import Pattern, degree, pattern

FOLDER = Path(__file__).parent.parent / "lexicon"
CUT = "\n---\n"
"""What parts the head of a file, by which a language is told, from the rest, which is read when it is spoken."""

LONGEST = 60
"""Letters of the longest word that is looked up."""
REMEMBERED = 20_000
_INFLECTED = frozenset(
    ("noun", "adjective", "verb", "done", "comparative", "superlative", "each", "measure", "last", "above", "kind",
     "name", "unit", "top")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """What a word may be called in the grammar, the likeliest first, and its part of speech.

    `forms` are the positive, comparative, superlative, and the opposites of the last two, of an adjective;
    `same` are the other forms of the word in its own language.
    """

    names: tuple[str, ...]
    kind: str
    plural: bool = False
    forms: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dictionary:
    """One language. Words are looked up as they are written, then without accents, then without endings."""

    language: str
    words: Mapping[tuple[str, ...], Word]
    plain: Mapping[tuple[str, ...], Word]
    endings: tuple[tuple[str, str, bool], ...]
    patterns: tuple[Pattern, ...]
    heads: Mapping[str, str]
    links: tuple[str, ...]
    elisions: frozenset[str]
    spaced: bool
    order: str
    longest: int
    parts: Mapping[str, Word] = field(default_factory=dict)
    found: dict[str, Word | None] = field(default_factory=dict)

    def phrase(self, words: tuple[str, ...]) -> Word | None:
        """The word or phrase as it is written, with or without its accents."""
        return self.words.get(words) or self.plain.get(tuple(map(folded, words)))

    def single(self, word: str) -> Word | None:
        """One word, be it in another form or made of several; None when it is not known."""
        if word not in self.found:
            if len(self.found) >= REMEMBERED:
                self.found.clear()
            self.found[word] = self._looked_up(word[:LONGEST])
        return self.found[word]

    def _looked_up(self, word: str) -> Word | None:
        return self.phrase((word,)) or self._inflected(word) or self._spelled(word) or self._compound(word)

    def _inflected(self, word: str) -> Word | None:
        for ending, other, plural in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= 2:
                found = self.phrase((word[: len(word) - len(ending)] + other,))
                if found and found.kind in _INFLECTED:
                    return Word(found.names, found.kind, plural or found.plural, found.forms, (*found.same, word))
        return None

    def _spelled(self, word: str) -> Word | None:
        """“Umsaetze” for “Umsätze”."""
        plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
        return self.phrase((plain,)) or self._inflected(plain) if self.links and plain != word else None

    def _compound(self, word: str) -> Word | None:
        """“Umsatzanteil”: known words put together, the last one what the whole is."""
        if not self.links or len(word) < 6:
            return None
        for cut in range(3, len(word) - 2):
            front, back = word[:cut], word[cut:]
            head = self.phrase((back,)) or self._inflected(back)
            if head is None or head.kind not in ("noun", "unit", "measure"):
                continue
            first = self.front(front)
            if first:
                return self._joined(first, head, word)
        return None

    def front(self, front: str) -> Word | None:
        """The first part of a compound, with or without a letter that joins it to the next."""
        for link in ("", *self.links):
            stem = front[: len(front) - len(link)] if link else front
            if len(stem) < 3 or not front.endswith(link):
                continue
            found = self.parts.get(folded(stem)) or self.phrase((stem,))
            if found and found.kind in ("noun", "part", "adjective", "unit", "name"):
                return found
        return self._compound(front) or (self._compound(front[:-1]) if front[-1:] in self.links else None)

    def _joined(self, first: Word, head: Word, word: str) -> Word:
        names = tuple(
            self.heads.get(name, "{} " + name).replace("{}", other) for name in head.names for other in first.names
        )
        kind = "noun" if head.kind == "unit" else head.kind
        return Word(names, kind, head.plural and head.names[0] not in self.heads, same=(word,))


@cache
def folded(word: str) -> str:
    """A word without accents."""
    word = word.replace("ß", "ss")
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


@cache
def languages() -> tuple[str, ...]:
    """The languages that there is a file for, beside English."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if CUT in path.read_text("utf-8")))


@cache
def signs(language: str) -> frozenset[str]:
    """Small words that tell a language."""
    head = _loaded((FOLDER / f"{language}.yaml").read_text("utf-8").partition(CUT)[0])
    return frozenset(str(head["signs"]).split())


@cache
def dictionary(language: str) -> Dictionary:
    """The dictionary of one of `languages()`."""
    head, _, body = (FOLDER / f"{language}.yaml").read_text("utf-8").partition(CUT)
    rules, data = _loaded(head), _loaded(body)
    words: dict[tuple[str, ...], Word] = {}
    for written, word in _words(data):
        words.setdefault(tuple(written.lower().replace("’", "'").replace("'", "' ").replace("-", " ").split()), word)
    plain: dict[tuple[str, ...], Word] = {}
    for key, word in words.items():
        plain.setdefault(tuple(map(folded, key)), word)
    parts = {folded(str(part)): Word(_names(name), "part") for part, name in (data.get("parts") or {}).items()}
    return Dictionary(
        language=language,
        words=words,
        plain=plain,
        endings=tuple((str(e[0]), str(e[1]), bool(e[2])) for e in data["endings"]),
        patterns=tuple(pattern(str(when), str(say)) for when, say in data["patterns"]),
        heads={str(head): str(form) for head, form in (data.get("heads") or {}).items()},
        links=tuple(map(str, data.get("links") or ())),
        elisions=frozenset(map(str, rules.get("elisions") or ())),
        spaced=bool(rules.get("spaced")),
        order=str(rules.get("order") or ""),
        longest=max(map(len, words)),
        parts=parts,
    )


def _loaded(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _names(text: object) -> tuple[str, ...]:
    return tuple(name.strip() for name in str(text).split("/"))


def _words(data: Any) -> Iterator[tuple[str, Word]]:
    """Phrases first, for they are the surest."""
    for kind, phrases in data["grammar"].items():
        for written, name in phrases.items():
            yield str(written), Word(("" if name is None else str(name),), str(kind))
    for kind in ("name", "unit", "noun", "verb", "done"):
        for name, forms in _entries(data.get(f"{kind}s") or {}):
            for at, form in enumerate(forms):
                yield form, Word(_names(name), kind, at > 0 and kind == "noun", same=forms)
    yield from _adjectives(data["adjectives"])


def _adjectives(section: Mapping[Any, Any]) -> Iterator[tuple[str, Word]]:
    for name, forms in _entries(section):
        degrees = _names(name)
        for at, form in enumerate(forms[:3]):
            for variant in form.split("|"):
                yield variant, Word((degree(degrees, at),), _DEGREES[at], forms=degrees)


def _entries(section: Mapping[Any, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each line of words is called, with the forms of each of its words."""
    for name, written in section.items():
        for one in str(written).split(", "):
            yield str(name), tuple(one.split("/"))


_DEGREES = ("adjective", "comparative", "superlative")
