"""The names and synonyms of a glossary's terms, found in a text by their first word."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.glossary import Glossary, Term
from knowledge.translation.words import Token, clean, lemma, tokenise

LONGEST = 8
"""Words of a name or synonym; longer ones are nobody's words."""
_MOST = 16

Phrase = tuple[str, ...]
"""The lemmas of a name or synonym, in order."""


@dataclass(frozen=True, slots=True)
class Match:
    """The tokens from `start` to `end`, and the terms that are called so."""

    start: int
    end: int
    phrase: Phrase
    terms: tuple[Term, ...]


class Phrases:
    """All phrases of one glossary."""

    def __init__(self, glossary: Glossary) -> None:
        self._terms: dict[Phrase, list[Term]] = {}
        self._widths: dict[str, tuple[int, ...]] = {}
        for term in glossary.terms:
            for words in dict.fromkeys(map(phrase_of, term.words)):
                if 0 < len(words) <= LONGEST:
                    self._terms.setdefault(words, []).append(term)
        widths: dict[str, set[int]] = {}
        for words in self._terms:
            widths.setdefault(words[0], set()).add(len(words))
        self._widths = {first: tuple(sorted(found, reverse=True)) for first, found in widths.items()}

    def called(self, phrase: Phrase) -> tuple[Term, ...]:
        """The terms of this very name or synonym."""
        return tuple(self._terms.get(phrase, ()))

    def at(self, words: Sequence[str], at: int) -> Phrase:
        """The longest phrase whose lemmas stand from `at` on; empty where there is none."""
        for width in self._widths.get(words[at], ()):
            phrase = tuple(words[at : at + width])
            if phrase in self._terms:
                return phrase
        return ()


def phrase_of(text: str) -> Phrase:
    """A name as it is looked up."""
    return tuple(token.lemma for token in tokenise(clean(text)) if token.kind in ("word", "number"))


def phrases(glossary: Glossary) -> Phrases:
    """The phrases of a glossary; kept for as long as the same glossary is asked with."""
    key = id(glossary)
    known = _KEPT.pop(key, None)
    made = known[1] if known and known[0] is glossary else Phrases(glossary)
    _KEPT[key] = glossary, made  # the glossary is held, so that its id stays its own
    while len(_KEPT) > _MOST:
        _KEPT.popitem(last=False)
    return made


_KEPT: OrderedDict[int, tuple[Glossary, Phrases]] = OrderedDict()


def matches(tokens: Sequence[Token], glossary: Glossary) -> Iterator[Match]:
    """The longest phrases from left to right; quoted words are values and no terms."""
    if not glossary.terms:
        return
    known = phrases(glossary)
    words = [token.lemma if token.kind in ("word", "number") else "" for token in tokens]
    at = 0
    while at < len(words):
        phrase = known.at(words, at) if words[at] else ()
        if phrase:
            yield Match(at, at + len(phrase), phrase, known.called(phrase))
        at += len(phrase) or 1


def named(name: str, glossary: Glossary) -> Term | None:
    """The term of a name or synonym, an approved one first; None where nothing is called so."""
    order = ("approved", "proposed", "draft", "deprecated")
    found = phrases(glossary).called(phrase_of(name))
    return min(found, key=lambda term: order.index(term.status), default=None)


def canonical(question: str, glossary: Glossary) -> str:
    """The question with the name of an approved term in place of each of its synonyms.

    The same text where no approved term is called by another name in it, or where several are called so.
    """
    if not glossary.terms:
        return question
    tokens = tokenise(clean(question))
    swaps: list[tuple[Match, str]] = []
    for match in matches(tokens, glossary):
        approved = [term for term in match.terms if term.status == "approved"]
        if len(approved) == 1 and match.phrase != phrase_of(approved[0].name):
            swaps.append((match, approved[0].name))
    if not swaps:
        return question
    said, at = [], 0
    for match, name in swaps:
        said += [_written(token) for token in tokens[at : match.start]]
        said.append(name)
        at = match.end
    return " ".join([*said, *(_written(token) for token in tokens[at:])])


def _written(token: Token) -> str:
    return f'"{token.text}"' if token.kind == "quoted" else token.text


def spoken_of(glossary: Glossary) -> Callable[[Sequence[str]], int] | None:
    """How many of these words, from the first on, are the name of a term; None for an empty glossary."""
    if not glossary.terms:
        return None
    known = phrases(glossary)

    def width(words: Sequence[str]) -> int:
        lemmas = [lemma(word) for word in words[:LONGEST]]
        return len(known.at(lemmas, 0)) if lemmas else 0

    return width
