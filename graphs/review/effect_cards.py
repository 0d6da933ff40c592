"""What a change does to past answers, as elements of a card."""

from collections.abc import Sequence

from conversation.card import Code, Details, Element, Table, Text
from conversation.cells import Column, cell
from graphs.review.effect import Answer, Difference, Effect

LISTED = 12
DETAILED = 5
UNANSWERED = "no answer"


def effect(found: Effect, *, rows: bool = True) -> list[Element]:
    """“12 answers change, here is how”: a table, and folded, both queries. Without `rows` no value of the data."""
    if not found.changes:
        return [Text(f"No past answer changes. {_looked(found)}", "muted")]
    count = "1 past answer changes" if len(found.changes) == 1 else f"{len(found.changes):,} past answers change"
    body: list[Element] = [Text(f"{count}, here is how", "heading"), Text(_looked(found), "muted")]
    columns = (Column("Question"), Column("People", "integer"), Column("Before"), Column("After"))
    lines = tuple((one.question[:120], one.people, *_both(one, rows=rows)) for one in found.changes[:LISTED])
    body.append(Table(columns, lines, len(found.changes)))
    details = (
        Details(f"How “{one.question[:60]}” changes", tuple(_detail(one, rows=rows)))
        for one in found.changes[:DETAILED]
    )
    return [*body, *details]


def _looked(found: Effect) -> str:
    if not found.total:
        return "Nobody asked anything yet."
    whole = found.looked == found.total
    of = "" if whole else f" of {found.total:,}; the time was over, those with the changed words came first"
    return f"{found.looked:,} past question{'' if found.looked == 1 else 's'} read again{of}."


def _both(one: Difference, *, rows: bool) -> tuple[str, str]:
    if rows:
        before, after = _value(one.before), _value(one.after)
        other = _other_row(one) if before == after else ()
        return (other[0], other[1]) if other else (before, after)
    return _words(one.before), _words(one.after)


def _words(answer: Answer | None) -> str:
    return answer.words[:160] if answer else UNANSWERED


def _value(answer: Answer | None) -> str:
    """The one number of an answer, else how many rows it has."""
    if answer is None:
        return UNANSWERED
    if answer.rows is None:
        return answer.problem or answer.words[:160]
    found = answer.rows
    if found.total == 1 and len(found.columns) == 1:
        return cell(found.rows[0][0], found.columns[0])
    return "1 row" if found.total == 1 else f"{found.total:,} rows"


def _other_row(one: Difference) -> tuple[str, ...]:
    """The last value of the first row that stands in both answers, under one name, with another value."""
    if one.before is None or one.after is None or one.before.rows is None or one.after.rows is None:
        return ()
    found, now = one.before.rows, {row[:-1]: row[-1] for row in one.after.rows.rows}
    if found.columns != one.after.rows.columns or len(found.columns) < 2:
        return ()
    for *name, value in found.rows:
        if now.get(tuple(name), value) != value:
            words = ", ".join(cell(part, column) for part, column in zip(name, found.columns, strict=False))
            return tuple(f"{words}: {cell(shown, found.columns[-1])}" for shown in (value, now[tuple(name)]))
    return ()


def _detail(one: Difference, *, rows: bool) -> Sequence[Element]:
    found: list[Element] = []
    for title, answer in (("Before", one.before), ("After", one.after)):
        found.append(Text(title, "heading"))
        if answer is None:
            found.append(Text("It is not answered.", "muted"))
            continue
        found += [Text(answer.words, "muted"), Code(answer.sql, "sql")]
        if rows and answer.rows is not None and answer.rows.rows:
            found.append(Table(answer.rows.columns, answer.rows.rows[:DETAILED], answer.rows.total))
    if rows and one.same_rows:
        found.append(Text("Both give the same rows today.", "muted"))
    return found
