"""Orders of words that patterns cannot put right; a language names its own."""

from collections.abc import Callable, Mapping

from knowledge.translation.languages.patterns import Segment

_HELPERS = ("have", "be", "modal")
_VERBS = ("verb", "done", "contains", *_HELPERS)


def verb_final(segments: list[Segment]) -> list[Segment]:
    """Verbs at the end of a clause go behind its “who” or behind its first verb: “who bought Books”."""
    made: list[Segment] = []
    for clause in _clauses(segments):
        made.extend(_forward(clause))
    return made


def _clauses(segments: list[Segment]) -> list[list[Segment]]:
    """Cut before a relative pronoun, and after a mark; “, but” does not end a clause."""
    clauses: list[list[Segment]] = [[]]
    for at, segment in enumerate(segments):
        if segment.kind == "relative" and clauses[-1]:
            clauses.append([])
        clauses[-1].append(segment)
        after = segments[at + 1].kind if at + 1 < len(segments) else ""
        if segment.kind == "mark" and after not in ("and", "but"):
            clauses.append([])
    return clauses


def _forward(clause: list[Segment]) -> list[Segment]:
    marks = len(clause)
    while marks and clause[marks - 1].kind == "mark":
        marks -= 1
    tail = marks
    while tail and clause[tail - 1].kind in _VERBS:
        tail -= 1
    place = _place(clause, tail)
    if tail == marks or place is None or place > tail:
        return clause
    verbs = clause[tail:marks]
    verbs = [verb for verb in reversed(verbs) if verb.kind != "have" or len(verbs) == 1]
    while tail > place and clause[tail - 1].kind == "never":
        tail -= 1
    kept = [one for one in clause[tail:marks] if one.kind == "never"]
    front = clause[:place]
    if place and front[-1].kind == "have" and any(verb.kind == "done" for verb in verbs):
        front = front[:-1]
    helpers = [verb for verb in verbs if verb.kind in _HELPERS]
    deeds = [verb for verb in verbs if verb.kind not in _HELPERS]
    return [*front, *helpers, *kept, *deeds, *clause[place:tail], *clause[marks:]]


def _place(clause: list[Segment], tail: int) -> int | None:
    """Where the verbs of a clause belong: behind its relative pronoun (and what is “whose”), or its first verb."""
    if clause and clause[0].kind == "relative":
        whose = clause[0].text == "whose"
        nouns = [at for at, segment in enumerate(clause[:tail]) if segment.kind == "noun"]
        return nouns[0] + 1 if whose and nouns else 1
    first = next(
        (at for at, segment in enumerate(clause[:tail]) if segment.kind in ("have", "be", "modal", "contains")), None
    )
    if first is None:
        return None
    while first + 1 < tail and clause[first + 1].kind == "pronoun":
        # “have we shipped”: the person stays before the deed.
        return first + 2
    return first + 1


ORDERS: Mapping[str, Callable[[list[Segment]], list[Segment]]] = {"verb_final": verb_final}
