"""The card that says what changed in a source, and whom it meets."""

from collections.abc import Sequence

from conversation.card import Card, Details, Element, Facts, Table, Text
from conversation.cells import Column

SHOWN = 10
MOST = 100


def drift(
    source: str,
    breaking: Sequence[str],
    others: Sequence[str],
    questions: Sequence[tuple[str, Sequence[str]]] = (),
    *,
    run: str = "",
) -> Card:
    """What may break questions first, the rest folded. `questions` are those met, each with the changes it meets."""
    body: list[Element] = [Text(_headline(source, len(breaking), len(others)), "title")]
    body += [Text(line, "warning") for line in breaking[:SHOWN]]
    if len(breaking) > SHOWN:
        body.append(Details(f"{len(breaking) - SHOWN} more", tuple(Text(line) for line in breaking[SHOWN:MOST])))
    if questions:
        rows = tuple((text, "; ".join(changes)) for text, changes in questions[:SHOWN])
        columns = (Column("Question"), Column("Meets"))
        body.append(Table(columns, rows, total=len(questions), title="Questions that read what changed"))
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
