"""The card that says what changed in a source, and whom it meets."""

from collections import defaultdict
from collections.abc import Sequence

from conversation.card import Card, Details, Element, Facts, Table, Text
from conversation.cells import Column
from knowledge.catalog.affected import Affected

SHOWN = 10
MOST = 100
_TITLES = {
    "term": ("Term", "Terms made with what changed"),
    "verified": ("Verified query", "Verified queries that read what changed"),
    "agent": ("Agent", "Agents that use what changed"),
    "question": ("Question", "Questions that read what changed"),
}


def drift(
    source: str,
    breaking: Sequence[str],
    others: Sequence[str],
    met: Sequence[tuple[Affected, str]] = (),
    *,
    run: str = "",
) -> Card:
    """What may break questions first, the rest folded. `met` are those met, each with a change it meets."""
    body: list[Element] = [Text(_headline(source, len(breaking), len(others)), "title")]
    body += [Text(line, "warning") for line in breaking[:SHOWN]]
    if len(breaking) > SHOWN:
        body.append(Details(f"{len(breaking) - SHOWN} more", tuple(Text(line) for line in breaking[SHOWN:MOST])))
    for kind, (head, title) in _TITLES.items():
        changes: dict[str, list[str]] = defaultdict(list)
        for each, change in met:
            if each.kind == kind:
                changes[each.text].append(change)
        if changes:
            rows = tuple((text, "; ".join(told)) for text, told in [*changes.items()][:SHOWN])
            body.append(Table((Column(head), Column("Meets")), rows, total=len(changes), title=title))
    if others:
        body.append(Details("Other changes", tuple(Text(line) for line in others[:MOST])))
    body.append(Facts((("Source", source),)))
    return Card(tuple(body), run=run)


def _headline(source: str, breaking: int, others: int) -> str:
    if not breaking and not others:
        return f"Nothing changed in {source}."
    total = breaking + others
    said = f"{total} change{'' if total == 1 else 's'} in {source}"
    return f"{said}, {breaking} of them may break questions." if breaking else f"{said}, none of them breaks questions."
