"""Which language a question is in, told by its small words; English where nothing tells."""

import re
from collections import Counter
from collections.abc import Iterable

from knowledge.translation.languages.dictionary import dictionary, languages, signs
from knowledge.translation.lexicon import load

_WORD = re.compile(r"[^\W\d_]+(?:[’'](?=[^\W\d_]))?")
_QUOTED = re.compile(r"\"[^\"]*\"|„[^“”]*[“”]|“[^”]*”|«[^»]*»|`[^`]*`")
LONGEST = 2_000
ENOUGH = 2
"""Words of a dictionary that tell a language where no small word does."""


def detect(text: str, before: Iterable[str] = (), default: str = "en") -> str:
    """The language of a question: `en` or one of `languages()`.

    Words that tell nothing leave it the language of the questions before, the last one first, or the default.
    """
    words = [word.replace("’", "'") for word in _WORD.findall(_QUOTED.sub(" ", text[:LONGEST]).lower())]
    if found := _by_signs(words):
        return found
    for earlier in before:
        if found := _by_signs(_WORD.findall(earlier[:LONGEST].lower())):
            return found
    return _by_dictionaries(words, default)


def _by_signs(words: list[str]) -> str:
    """The language with clearly the most of its small words, or nothing."""
    said = Counter(words)
    scores = {"en": sum(said[word] for word in load().signs)}
    scores |= {language: sum(said[word] for word in signs(language)) for language in languages()}
    first, second = sorted(scores.values(), reverse=True)[:2]
    return max(scores, key=lambda language: scores[language]) if first > second else ""


def _by_dictionaries(words: list[str], default: str) -> str:
    english = load()
    known = {language: _known(words, language) for language in languages()}
    own = sum(word in english.vocabulary or word in english.synonyms or bool(english.roles((word,))) for word in words)
    best = max(known, key=lambda language: (known[language], language == default), default="")
    if best and known[best] > own and (known[best] >= ENOUGH or known[best] == len(words)):
        return best
    return default if not own or default == "en" else "en"


def _known(words: list[str], language: str) -> int:
    book = dictionary(language)
    found = ((word, book.single(word)) for word in words)
    return sum(one is not None and one.names[0].lower() != word for word, one in found)
