"""What people say of delegations: “delegate my approvals to ben until Friday because …”, and the rest."""

import re
from dataclasses import dataclass
from typing import TypeAlias

_WHAT = r"(?:all\s+)?(?:of\s+)?my\s+(?:approvals?|decisions?|votes?|gates?)"
_PERIOD = r"(?:\s+(?:(?:until|till|through)\s+(?P<until>.+?)|for\s+(?P<span>.+?)))?"
_REASON = r"(?:\s*[,;:–—-]?\s*\bbecause\b\s*(?P<because>.+)|\s*[:;]\s+(?P<reason>.+))?"
_GIVE = (
    re.compile(
        rf"(?:please\s+)?(?:delegate|hand(?:\s+over)?|give)\s+{_WHAT}\s+(?:over\s+)?to\s+(?P<to>.+?){_PERIOD}{_REASON}[.!]*",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        rf"(?:please\s+)?let\s+(?P<to>.+?)\s+(?:decide|approve)\s+(?:for\s+me|in\s+my\s+place){_PERIOD}{_REASON}[.!]*",
        re.IGNORECASE | re.DOTALL,
    ),
)
_END = re.compile(
    r"(?:please\s+)?(?:end|stop|cancel|revoke|take\s+back)\s+(?:all\s+)?(?:of\s+)?my\s+delegations?"
    r"(?:\s+to\s+(?P<to>.+?))?[.!]*",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"\W*(?:who\s+(?:decides|approves|can\s+decide|can\s+approve|may\s+decide)\s+(?:for\s+me|in\s+my\s+place)"
    r"|(?:for\s+)?whom?\s+(?:do|can|may)\s+i\s+(?:decide|approve)(?:\s+for)?"
    r"|(?:(?:show|list)(?:\s+me)?\s+)?(?:my|the|our)\s+delegations?)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Give:
    """Let `to` decide; `until` in words, a day or a length of time, empty where no end was said."""

    to: str
    until: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """End what was given: to this person, or to everybody."""

    to: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """Ask who decides for whom."""


Said: TypeAlias = Give | End | Who


def said(text: str) -> Said | None:
    """What the words say; None where they are about something else."""
    text = text.strip()
    if _WHO.fullmatch(text):
        return Who()
    if found := _END.fullmatch(text):
        return End((found["to"] or "").strip())
    for form in _GIVE:
        if found := form.fullmatch(text):
            until = (found["until"] or found["span"] or "").strip()
            reason = (found["because"] or found["reason"] or "").strip()
            return Give(found["to"].strip(), until, reason)
    return None
