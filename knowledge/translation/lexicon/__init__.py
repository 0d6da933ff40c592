"""The words of the grammar as data. Other languages are put into these words (`knowledge/translation/languages`)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

from knowledge.translation.words import Token, lemma

LONGEST = 6


class _Words(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which “no”, “on” and “off” are words and not truth values."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":bool", ":null"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class Adjective:
    """Columns that an adjective speaks of: `up` are larger for it, `down` smaller."""

    up: tuple[str, ...]
    down: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """The words of the grammar. `phrases` maps lower-case words to (role, argument), the most specific role first."""

    language: str
    phrases: dict[tuple[str, ...], tuple[tuple[str, str], ...]]
    adjectives: dict[str, Adjective]
    synonyms: dict[str, frozenset[str]]
    abbreviations: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    magnitudes: dict[str, int]
    months: dict[str, int]
    weekdays: dict[str, int]
    ordinals: dict[str, int]
    units: dict[str, str]
    time: dict[str, frozenset[str]]
    verbs: dict[str, tuple[str, ...]]
    actors: dict[str, str]
    codes: tuple[tuple[frozenset[str], dict[str, tuple[str, ...]]], ...]
    dates: dict[str, str]
    rates: dict[str, tuple[str, ...]]
    follow: dict[str, tuple[str, ...]]
    expansions: dict[str, str]
    day_groups: dict[str, tuple[str, ...]]
    factors: dict[str, float]
    signs: frozenset[str]
    vocabulary: frozenset[str] = field(default=frozenset())
    ends: tuple[frozenset[str], ...] = ()

    def hints(self, words: Iterable[str]) -> frozenset[str]:
        """Words that tell parallel keys apart, with others that mean the same end of a way."""
        said = frozenset(words)
        return said.union(*(end for end in self.ends if end & said))

    def roles(self, words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """What these words may play, as (role, argument)."""
        return self.phrases.get(words, ())


def written_out(token: Token, lexicon: Lexicon) -> tuple[str, ...]:
    """The lemma of a token, an abbreviation in full; “no” before a name denies it, in a name it is a number."""
    if any(role == "neg" for role, _ in lexicon.roles((token.lower,))):
        return (token.lower,)
    return tuple(lemma(word) for word in lexicon.abbreviations.get(token.lower, (token.lower,)))


@cache
def load() -> Lexicon:
    """The lexicon. Raises ValueError for a broken file."""
    path = Path(__file__).parent / "en.yaml"
    data = yaml.load(path.read_text("utf-8"), Loader=_Words)  # noqa: S506
    phrases = _phrases(data)
    vocabulary = frozenset(word for words in phrases for word in words if len(word) > 3)
    return Lexicon(
        language=path.stem,
        phrases=phrases,
        adjectives=_adjectives(data),
        synonyms=_synonyms(data["synonyms"]),
        abbreviations={str(k): tuple(str(v).split()) for k, v in data["abbreviations"].items()},
        numbers=data["numbers"],
        magnitudes=data["magnitudes"],
        months={name: i + 1 for i, names in enumerate(data["months"]) for name in names},
        weekdays={name: i for i, names in enumerate(data["weekdays"]) for name in names},
        ordinals=data.get("ordinals", {}),
        units={name: unit for unit, names in data["units"].items() for name in names},
        time={key: frozenset(str(word) for word in words) for key, words in data["time"].items()},
        verbs={str(verb): tuple(columns) for verb, columns in data["verbs"].items()},
        actors={str(verb): str(thing) for verb, thing in data["actors"].items()},
        codes=tuple(
            (frozenset(code["column"]), {str(k): tuple(v) for k, v in code["words"].items()}) for code in data["codes"]
        ),
        dates={str(deed): str(noun) for deed, noun in data["dates"].items()},
        rates={str(noun): tuple(names) for noun, names in data["rates"].items()},
        follow={key: tuple(str(word) for word in words) for key, words in data["follow"].items()},
        expansions={str(short): str(long) for short, long in data.get("expansions", {}).items()},
        day_groups={str(name): tuple(days) for name, days in data.get("day_groups", {}).items()},
        factors=data.get("factors", {}),
        vocabulary=vocabulary | {str(word) for words in (data["verbs"], *data["time"].values()) for word in words},
        ends=tuple(frozenset(map(str, words)) for words in data.get("ends", ())),
        signs=frozenset(str(data["signs"]).split()),
    )


def _phrases(data: Any) -> dict[tuple[str, ...], tuple[tuple[str, str], ...]]:
    entries: list[tuple[str, str, str]] = []
    for section, role in (("comparisons", "cmp"), ("aggregates", "agg"), ("superlatives", "super")):
        entries += [(phrase, role, arg) for arg, phrases in data[section].items() for phrase in phrases]
    for adjective in data["adjectives"]:
        entries += [(phrase, "adjective", phrase) for phrase in adjective["words"]]
        most = [phrase for phrase in adjective["words"] if str(phrase).startswith(("most ", "least "))]
        entries += [(f"the {phrase}", "adjective", phrase) for phrase in most]
    entries += [(phrase, role, "") for role, phrases in data["roles"].items() for phrase in phrases]
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for phrase, role, arg in entries:
        found.setdefault(tuple(str(phrase).replace("'t", " t").replace("-", " ").split()), []).append((role, arg))
    return {words: tuple(dict.fromkeys(roles)) for words, roles in found.items() if len(words) <= LONGEST}


def _adjectives(data: Any) -> dict[str, Adjective]:
    return {
        str(word): Adjective(tuple(entry["up"]), tuple(entry["down"]))
        for entry in data["adjectives"]
        for word in entry["words"]
    }


def _synonyms(groups: list[list[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in groups:
        for word in group:
            found.setdefault(lemma(word), set()).update(lemma(other) for other in group if other != word)
    return {word: frozenset(others) for word, others in found.items()}
