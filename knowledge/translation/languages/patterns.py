"""Patterns of words and parts of speech, and what is said instead: “<noun> <adjective>” becomes “{2} {1}”."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SLOT = re.compile(r"\{(\d)(?::(\w+))?\}")
_DEGREES = {"more": 1, "most": 2, "less": 3, "least": 4}


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words of the question: as they were said, what they are called in the grammar, their part of speech.

    `same` are other forms of what was said.
    """

    said: str
    text: str
    kind: str
    forms: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """`when` are alternatives per place, parts of speech as `<noun>`; `say` are pairs of a template and a part of
    speech, one for each segment that takes their place."""

    when: tuple[frozenset[str], ...]
    say: tuple[tuple[str, str], ...]

    def match(self, segments: Sequence[Segment], at: int) -> bool:
        """Whether the pattern begins at a segment."""
        if at + len(self.when) > len(segments):
            return False
        return all(_fits(segments[at + k], wanted) for k, wanted in enumerate(self.when))

    def apply(self, segments: Sequence[Segment], at: int) -> list[Segment]:
        """What is said instead of the segments that match."""
        matched = segments[at : at + len(self.when)]
        return [_said(template, kind, matched) for template, kind in self.say]


def pattern(when: str, say: str) -> Pattern:
    """`say` is e.g. `{2} {1} <noun>` or, of several segments, `{3} <noun> | of <of> | {1} <noun>`."""
    made = []
    for part in say.split(" | ") if say else ():
        template, _, kind = part.rpartition("<")
        made.append((template.strip(), kind.rstrip("> ")))
    return Pattern(tuple(frozenset(place.split("|")) for place in when.split()), tuple(made))


def rewritten(segments: list[Segment], patterns: Sequence[Pattern]) -> list[Segment]:
    """The segments after all patterns, each tried at every place, in their order."""
    for one in patterns:
        at = 0
        while at < len(segments):
            if one.match(segments, at):
                made = one.apply(segments, at)
                segments = [*segments[:at], *made, *segments[at + len(one.when) :]]
                at += max(len(made), 1)
            else:
                at += 1
    return segments


def degree(forms: Sequence[str], at: int) -> str:
    """An adjective as it is (0), in the comparative (1), the superlative (2), or their opposites (3, 4)."""
    return forms[at] if at < len(forms) else f"{('', 'more', 'most', 'less', 'least')[at]} {forms[0]}".strip()


def _fits(segment: Segment, wanted: frozenset[str]) -> bool:
    return f"<{segment.kind}>" in wanted or segment.said in wanted


def _said(template: str, kind: str, matched: Sequence[Segment]) -> Segment:
    slots = [matched[int(number) - 1] for number, _ in _SLOT.findall(template)]

    def spelled(found: re.Match[str]) -> str:
        segment, wanted = matched[int(found.group(1)) - 1], found.group(2)
        if not wanted:
            return segment.text
        return degree(segment.forms or (segment.text,), _DEGREES[wanted])

    only = slots[0] if len(slots) == 1 else None
    said = only.said if only else " ".join(segment.said for segment in slots)
    kind = kind or (only.kind if only else "")
    return Segment(said, _SLOT.sub(spelled, template).strip(), kind, only.forms if only else ())
