"""A verdict in words: “approve”, “yes, go”, “reject: too expensive”, in English, German, French and Spanish.

Only whole messages of a person are read so. What a model, a document or a quotation says is never read here, and even a
clear verdict is confirmed on a card before it counts.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Verb: TypeAlias = Literal["approve", "reject"]
_STRONG = {
    "approve": "approve|genehmigen|genehmige|freigeben|approuver|approuve|j'approuve|valider|aprobar|apruebo|aprueba",
    "reject": "reject|deny|decline|ablehnen|lehne ab|rejeter|refuser|je refuse|rechazar|rechazo|denegar",
}
_PAST = {
    "approve": "approved|genehmigt|freigegeben|approuvé|approuvée|validé|aprobado|aprobada",
    "reject": "rejected|denied|declined|abgelehnt|rejeté|rejetée|refusé|refusée|rechazado|rechazada|denegado",
}
_WEAK = {
    "approve": (
        "yes|yep|yeah|ok|okay|sure|go|go ahead|do it|do that|run it|lgtm|looks good|agreed|confirm|confirmed|fine"
        "|ja|jawohl|einverstanden|in ordnung|passt|mach das|mach es|los"
        "|oui|d'accord|vas-y|allez-y|c'est bon|sí|si|de acuerdo|adelante|vale|hazlo"
    ),
    "reject": "no|nope|don't|do not|don't do it|do not do it|nein|nicht machen|non|ne le fais pas|no lo hagas",
}
_FILLERS = "it|this|that|please|then|now|bitte|dann|das|es|s'il te plaît|s'il vous plaît|le|la|por favor|lo|esto"
_POLITE = re.compile(rf"(?:{_FILLERS})(?:\s+(?:{_FILLERS}))*")
_SEPARATOR = re.compile(r"\s*(?:[:,;!–—]+|\s-+\s|\.+(?=\s|$)|\n)\s*")
_BECAUSE = re.compile(r"\s(?=(?:because|since|weil|denn|parce que|car|porque)\s)", re.IGNORECASE)


def _any(words: str) -> str:
    return "|".join(sorted((re.escape(word) for word in words.split("|")), key=len, reverse=True))


def _heads(verdict: Verb) -> tuple[tuple[Verb, str, re.Pattern[str]], ...]:
    kinds = (("strong", _STRONG), ("past", _PAST), ("weak", _WEAK))
    ends = rf"(?:\s+(?:{_any(_FILLERS)}))*"
    return tuple((verdict, kind, re.compile(f"(?:{_any(words[verdict])}){ends}")) for kind, words in kinds)


_HEADS = (*_heads("approve"), *_heads("reject"))
_BEGINS: tuple[tuple[Verb, re.Pattern[str]], ...] = (
    ("approve", re.compile(rf"(?:{_any(_STRONG['approve'])})\b(?!')")),
    ("reject", re.compile(rf"(?:{_any(_STRONG['reject'])})\b(?!')")),
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said. `clear` is false where more was said than a verdict; `weak` words mean it only before a gate."""

    verdict: Verb
    reason: str = ""
    clear: bool = True
    weak: bool = False


def spoken_verdict(text: str) -> Spoken | None:
    """The verdict that a message gives; None for other words, “approved orders by month” among them."""
    head, reason = _parted(text.strip().replace("’", "'"))
    found = _read(head)
    while found is not None and reason:
        # “approve it, please”, “yes, go ahead: it is month end”: further words of the same verdict are no reason
        further, rest = _parted(reason)
        more = _read(further)
        polite = _POLITE.fullmatch(" ".join(further.casefold().split()))
        if not polite and (more is None or not more.weak or more.verdict != found.verdict):
            break
        reason = rest
    if found is None:
        return None
    return Spoken(found.verdict, reason, found.clear, found.weak)


def _parted(text: str) -> tuple[str, str]:
    """The first words, and what stands behind a sign that ends them."""
    because = _BECAUSE.search(text)
    sign = _SEPARATOR.search(text)
    if because and (sign is None or because.start() < sign.start()):
        return text[: because.start()].strip(), text[because.end() :].strip()
    return (text[: sign.start()].strip(), text[sign.end() :].strip()) if sign else (text, "")


def _read(head: str) -> Spoken | None:
    words = " ".join(head.casefold().split())
    if len(words) > 200:
        return None
    for verdict, kind, pattern in _HEADS:
        if pattern.fullmatch(words):
            return Spoken(verdict, weak=kind == "weak")
    if _weakly(words, "approve"):
        return Spoken("approve", weak=True)
    begun = next((verdict for verdict, pattern in _BEGINS if pattern.match(words)), None)
    return Spoken(begun, clear=False) if begun else None


def _weakly(words: str, verdict: Verb) -> bool:
    """Several weak words in a row: “ok do it”, “yes go ahead please”."""
    return bool(re.fullmatch(rf"(?:(?:{_any(_WEAK[verdict])}|{_any(_FILLERS)})(?:\s+|$))+", words)) and bool(
        re.match(rf"(?:{_any(_WEAK[verdict])})\b", words)
    )
