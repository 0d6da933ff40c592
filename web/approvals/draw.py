"""Elements of a card, and the fields of a form, as markup. All words come from elsewhere and are escaped by `tag`."""

from collections.abc import Iterable, Sequence

from conversation.activity import readable
from conversation.card import Chart, Code, Details, Element, Facts, File, Image, Input, Table, Text
from conversation.cells import cell
from web.approvals.layout import Html, tag

ROWS = 50
_RIGHT = frozenset({"integer", "number", "money", "percent"})


def drawn(body: Iterable[Element]) -> list[Html]:
    """The elements, top to bottom; inputs and progress belong to chats and are left to them."""
    return [made for element in body if (made := _element(element)) is not None]


def _element(element: Element) -> Html | None:
    match element:
        case Text(text=words, style=style):
            name = "h2" if style in ("title", "heading") else "p"
            return tag(name, readable(words), class_=style if name == "p" else None)
        case Facts(pairs=pairs):
            return facts(pairs)
        case Table():
            return _table(element)
        case Code(text=words, language=language):
            return _diff(words) if language == "diff" else tag("pre", tag("code", readable(words)))
        case Details(title=title, body=body):
            return tag("details", tag("summary", readable(title)), *drawn(body))
        case Chart(alt=words) | Image(alt=words) | File(name=words):
            return tag("p", readable(words), class_="muted")
        case _:
            return None


def facts(pairs: Sequence[tuple[str, str]]) -> Html:
    """Name and value pairs."""
    rows = (tag("div", tag("dt", readable(name)), tag("dd", readable(value))) for name, value in pairs)
    return tag("dl", *rows, class_="pairs")


def _table(table: Table) -> Html:
    heads = (
        tag("th", readable(column.name), scope="col", class_="figure" if column.kind in _RIGHT else None)
        for column in table.columns
    )
    rows = [
        tag("tr", *(_cell(cell(value, c), c.kind) for value, c in zip(row, table.columns, strict=False)))
        for row in table.rows[:ROWS]
    ]
    more = max(table.total, len(table.rows)) - len(rows)
    return tag(
        "figure",
        tag("figcaption", readable(table.title)) if table.title else None,
        tag("div", tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows)), class_="scroll", tabindex=0),
        tag("p", f"{more:,} more rows", class_="muted") if more > 0 else None,
    )


def _cell(words: str, kind: str) -> Html:
    return tag("td", readable(words), class_="figure" if kind in _RIGHT else None)


def _diff(words: str) -> Html:
    """A difference line by line: what went and what came are told by more than colour."""
    lines = []
    for line in readable(words).splitlines():
        name = "ins" if line.startswith("+") else "del" if line.startswith("-") else "span"
        lines += [tag(name, line), "\n"]
    return tag("pre", tag("code", *lines), class_="diff")


def field(one: Input) -> Html:
    """An input with its label; every kind is sent even when it is empty, so that emptying it is a change."""
    if one.kind == "choices":
        return _several(one)
    id = f"f-{one.id}"
    return tag("div", tag("label", readable(one.label), for_=id), _control(one, id), class_="field")


def _control(one: Input, id: str) -> Html:
    shared = {"id": id, "name": one.id}
    match one.kind:
        case "multiline":
            lines = min(12, max(3, one.value.count("\n") + 1))
            return tag(
                "textarea", one.value, **shared, rows=lines, maxlength=one.limit, placeholder=one.placeholder or None
            )
        case "toggle":
            options = (("true", "Yes"), ("false", "No"))
            return tag("select", *_options(options, one.value or "false"), **shared)
        case "choice":
            known = [(choice.value, choice.label) for choice in one.choices]
            return tag("select", *_options([("", "–"), *known], one.value), **shared)
        case "date":
            return tag("input", type="date", value=one.value, **shared)
        case _:
            # Numbers are typed as text: a browser would drop what it can't read instead of showing what is wrong.
            mode = "decimal" if one.kind == "number" else None
            return tag(
                "input",
                type="text",
                value=one.value,
                inputmode=mode,
                maxlength=one.limit,
                placeholder=one.placeholder or None,
                **shared,
            )


def _options(options: Sequence[tuple[str, str]], chosen: str) -> list[Html]:
    return [tag("option", readable(label), value=value, selected=value == chosen) for value, label in options]


def _several(one: Input) -> Html:
    chosen = one.value.split(",")
    boxes = (
        tag(
            "label",
            tag("input", type="checkbox", name=one.id, value=choice.value, checked=choice.value in chosen),
            readable(choice.label),
            class_="check",
        )
        for choice in one.choices
    )
    empty = tag("input", type="hidden", name=one.id, value="")
    return tag("fieldset", tag("legend", readable(one.label)), empty, *boxes, class_="field")
