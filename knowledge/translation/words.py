"""Text to tokens: quoted strings, numbers and words with their lemma and root."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(
    r"(?P<quoted>(?<!\w)(?:\"[^\"]{1,120}\"|“[^”]{1,120}”|‘[^’]{1,120}’|'[^']{1,120}'|`[^`]{1,120}`)(?!\w))"
    r"|(?P<mail>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?P<day>\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4})"
    r"|(?P<number>(?<![\w.])[-+]?[$€£]?\d+(?:,\d{3})*(?:\.\d+)?(?:%|[kK]|mn|bn)?(?![\w]))"
    r"|(?P<word>\w+)"
    r"|(?P<possessive>['’]s\b|(?<=s)['’](?=\s))"
    r"|(?P<symbol><=|>=|!=|<>|[<>=])"
    r"|(?P<mark>[,.;:?!()/&])"
)
_PERCENT = re.compile(r"(?<![\d\s])\s+%(?!\w)|^%(?!\w)")
_NO_NUMBER = str.maketrans("", "", ",$€£%")
_THOUSANDS = {"k": 1e3, "mn": 1e6, "bn": 1e9}
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")
_IRREGULAR = {
    "people": "person", "persons": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot",
    "data": "data", "media": "media", "series": "series", "species": "species", "news": "news", "bus": "bus",
    "gas": "gas", "lives": "life", "wives": "wife", "mice": "mouse", "geese": "goose", "teeth": "tooth",
    "indices": "index", "criteria": "criterion", "has": "has", "was": "was", "is": "is", "this": "this",
}  # fmt: skip
_ES = ("ches", "shes", "xes", "sses", "zzes")
_KEEP_S = ("ss", "us", "is", "as")
_KEEP_MEN = frozenset(("specimen", "regimen", "abdomen", "acumen", "yemen", "ramen", "stamen"))
_SUFFIXES = ("ments", "ment", "ations", "ation", "ings", "ing", "ions", "ion", "ers", "er", "ors", "or", "ed", "ly")


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `kind` is word, number, quoted, mark or symbol; `value` is the number of a number."""

    text: str
    lower: str
    lemma: str
    kind: str
    value: float | None = None
    spaced: bool = True

    @property
    def capital(self) -> bool:
        """True for a word that begins with a capital letter."""
        return self.text[:1].isupper()


@lru_cache(maxsize=20_000)
def lemma(word: str) -> str:
    """The singular of a lower-case word, by rules that treat schema names and questions alike."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 3:
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif word.endswith(_ES) or (word.endswith("uses") and len(word) > 6 and word[-5] not in "aeo"):
            word = word[:-2]
        elif word.endswith("men") and len(word) > 5 and word not in _KEEP_MEN:
            word = word[:-2] + "an"
        elif word.endswith("s") and not word.endswith(_KEEP_S):
            word = word[:-1]
    return word[:-2] + "y" if len(word) > 4 and word.endswith("ie") else word


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """What is left of a word without its endings, so that “shipped”, “shipment” and “ship” meet."""
    word = lemma(word)
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            break
    word = word[:-1] if word.endswith("e") and len(word) > 3 else word
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


@lru_cache(maxsize=20_000)
def pieces(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier in snake, camel or spaced spelling."""
    return tuple(piece.lower() for piece in _PIECE.findall(name))


def clean(text: str) -> str:
    """The text in NFKC without control and format characters."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs") else char for char in text)


def tokenise(text: str) -> list[Token]:
    """The tokens of a cleaned text; an identifier such as `order_date` gives one token per word."""
    tokens: list[Token] = []
    text = _PERCENT.sub(" percent ", text.replace("n't", " not").replace("n’t", " not"))
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        tokens.extend(_tokens(kind, match.group()))
    return tokens


def _tokens(kind: str, text: str) -> list[Token]:
    match kind:
        case "quoted":
            inner = text[1:-1].strip()
            return [Token(inner, inner.lower(), inner.lower(), "quoted")]
        case "mail":
            return [Token(text, text.lower(), text.lower(), "quoted")]
        case "day":
            return [Token(text, text, text, "day")]
        case "number":
            bare = text.translate(_NO_NUMBER).lower()
            digits = bare.rstrip("kmbn")
            value = float(digits) * _THOUSANDS.get(bare.removeprefix(digits), 1.0)
            return [Token(text, text, text, "number", value)]
        case "word":
            text = text[:-1] if len(text) > 2 and text[:-1].isupper() and text[-1] == "s" else text
            parts = text.split("_") if "_" in text else [text]
            return [Token(p, p.lower(), lemma(p.lower()), "word") for p in parts if p]
        case _:
            return [Token(text, text, text, "symbol" if kind == "symbol" else "mark")]


def plain(text: str) -> str:
    """A value as it is looked up: lower-case words with one space between."""
    return " ".join(token.lower for token in tokenise(text) if token.kind != "mark")
