"""The catalogue of cards that every channel renders within its platform's limits, and a strategy for many more.

`CARDS` names one card for each thing that has broken a renderer; `cards()` draws cards that nobody thought of.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Final, get_args

from hypothesis import strategies as st

from conversation.card import (
    Button,
    ButtonStyle,
    Card,
    Chart,
    Choice,
    Code,
    Details,
    Element,
    Facts,
    File,
    Image,
    Input,
    InputKind,
    Progress,
    Table,
    Text,
    TextStyle,
)
from conversation.cells import CellKind, Column
from conversation.codec import JsonObject, Scalar
from conversation.gates import Gate
from conversation.gates.batch import Told
from conversation.gates.batch import card as batch_card
from conversation.gates.delegation import Delegation
from conversation.gates.inbox import InboxItem
from conversation.gates.inbox_cards import inbox
from conversation.principal import Principal
from graphs.admin.cards import drift
from graphs.delegation import cards as delegation
from graphs.documents import cards as documents
from graphs.review import term_cards as terms
from graphs.review.evidence import Evidence
from knowledge.catalog.affected import Affected
from knowledge.documents.answering import Answer, Cited, Mention
from knowledge.documents.model import Chunk, Document, Rights
from knowledge.documents.quoting import Quote
from knowledge.glossary import Glossary, Metric, Relation, Term
from tests.contracts import gate_cards
from tests.contracts.review_cards import REVIEWS

SQL = "SELECT region, COUNT(*) AS orders\nFROM orders AS o\nJOIN regions AS r ON r.id = o.region_id\nGROUP BY region"
INJECTION = (
    "<!channel> <!here> <@U0AAAAAAA|you> <https://evil.example|click> *bold* _it_ ~no~ `code` ```block``` @everyone "
    "@channel <at>Ann</at> </script><script>alert(1)</script> [link](https://evil.example) **b** {{DATE(now)}} ${x} "
    "&amp; &lt;b&gt; :tada: | pipe | # head\n> quote\n- item\n1. one"
)
CONTROL = (
    "bell\x07 null\x00 escape\x1b[31m tab\tend\r\nline\x0bfeed\x0cdel\x7f nel\x85 zero\u200bwidth\ufeff bidi\u202eevil"
)
SPEC: JsonObject = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "data": {"values": [{"region": "North", "orders": 120}, {"region": "South", "orders": 80}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "region", "type": "nominal"},
        "y": {"field": "orders", "type": "quantitative"},
    },
}


def _orders(count: int) -> Table:
    columns = (Column("Region"), Column("Orders", "integer"), Column("Revenue", "money", "EUR"))
    rows = tuple((f"Region {n}", n * 13, n * 101.5) for n in range(count))
    return Table(columns, rows, total=count, result="res_1", title="Orders by region")


def _wide(width: int, height: int) -> Table:
    columns = tuple(Column(f"column_{n}", "integer") for n in range(width))
    return Table(columns, tuple(tuple(range(width)) for _ in range(height)), total=height, result="res_wide")


def _inputs(kind: InputKind, count: int = 3, value: str = "") -> Input:
    choices = tuple(Choice(f"value-{n}", f"Choice number {n}") for n in range(count))
    return Input(f"in_{kind}", f"An input: {kind}", kind, value=value, choices=choices if "choice" in kind else ())


def _quotes(text: str, heading: str) -> Answer:
    about = Document("d1", "handbook", "a/b.pdf", heading * 2, "", "2026-01-31", "pdf", 3, "2026-02-01", 9)
    chunk = Chunk("c1", about, Rights(), (heading, "Limits"), 12, 0, len(text), text, "Country | Days")
    cited = Cited(Quote(chunk, 0, len(text), text, 1.0, 1.0), "https://wiki.example/a/b.pdf#page=12")
    others = tuple(Mention(f"{heading} {n}", (heading,) * n, n, "", "handbook") for n in range(4))
    return Answer((cited,) * 3, others, True, True, True, 1_234)


_STYLES: Final = get_args(TextStyle)

_GIVEN = Delegation("acme", "ann", "ben", "2026-01-05T00:00:00+00:00", "2026-01-10T17:30:00+00:00", INJECTION * 5, "d1")


def _waiting(count: int) -> list[InboxItem]:
    who = Principal("ann", "acme", f"Ann {INJECTION}")
    gates = (
        Gate(
            id=f"teams:{'19:x@thread.tacv2;messageid=1' * 5}:{n}:gate",
            tenant="acme",
            run=f"r{n}",
            flow="nlq",
            interrupt="i1",
            title=f"Run “{INJECTION * 3}” ({n})?",
            reason="Heavy.",
            parameters={"n": n},
            asked_by=who,
            roles=("approver",),
            policy="p1",
        )
        for n in range(count)
    )
    return [InboxItem(gate, "as approver", "2026-01-01T00:00:00", "2026-01-03T17:00:00") for gate in gates]


_TERM = Term(
    "revenue",
    INJECTION,
    "metric",
    "draft",
    "What customers pay. " * 200,
    ("turnover", CONTROL),
    ("eva",),
    Metric("shop", "orders", "SUM(amount)", ("status <> 'cancelled'",), time="ordered_at", unit="EUR"),
    relations=(Relation("is-a", "revenue"),),
    note=INJECTION,
)

CARDS: Final[Mapping[str, Card]] = {
    "inbox": inbox(_waiting(8), "2026-01-02T00:00:00", "run-1", more=True),
    "empty inbox": inbox((), "2026-01-02T00:00:00", "run-1"),
    "batch": batch_card(
        [Told(f"Run “{INJECTION}” ({n})?", "refused" if n % 3 else "decided", "Approved") for n in range(50)], "run-1"
    ),
    **{f"gate: {name}": card for name, card in gate_cards.every().items()},
    **{f"hostile gate: {name}": card for name, card in gate_cards.every(INJECTION + CONTROL).items()},
    "short": Card((Text("4,211 orders shipped last month."),), run="run-1"),
    "long": Card(tuple(Text(f"Paragraph {n}: " + "words and more words " * 30) for n in range(30)), run="run-1"),
    "drift": drift(
        "shop",
        tuple(f"orders.column_{n}: column dropped" for n in range(30)),
        ("items: table added", f"customers.name: values shifted: {INJECTION}"),
        (
            (Affected("term", "area", f"Area {INJECTION}", "speaks of it"), "orders.region: column renamed to area"),
            (Affected("verified", "q1", "Orders by region"), "orders.region: column renamed to area"),
            *((Affected("question", f"r{n}", f"Orders in {n}?"), "orders.column_1: column dropped") for n in range(30)),
        ),
    ),
    "no drift": drift("shop", (), ()),
    "meaning of a term": terms.meaning(_TERM, Glossary((_TERM,), "v"), (INJECTION, CONTROL), "run-1", visible=True),
    "term over data out of sight": terms.meaning(_TERM, Glossary((), "v"), (), "run-1", visible=False),
    "terms": terms.listing([_TERM] * 40, "run-1"),
    "no terms": terms.listing((), "run-1"),
    "no such term": terms.unknown(INJECTION, (_TERM,), "run-1"),
    "term defined": terms.defined(_TERM, Evidence(), ("2026-01-01",), "run-1"),
    "history of a term": terms.history(_TERM, [_TERM, replace(_TERM, name="Old")] * 9, "run-1"),
    **REVIEWS,
    "quotes of documents": documents.answer(_quotes(INJECTION, CONTROL), "run-1"),
    "quotes in place of data": documents.instead(_quotes("word " * 600, "Limits"), "No table holds this.", "run-1"),
    "quotes beside data": documents.beside(
        Card((Text("4,211 orders", "title"), _orders(5)), run="run-1"), _quotes("Thirty days.", "A")
    ),
    "no quote": documents.answer(Answer(searched=4), "run-1"),
    "delegation given": delegation.given(_GIVEN, Principal("ben", "acme", "Ben"), False, UTC, "run-1"),
    "delegation received": delegation.received(_GIVEN, Principal("ann", "acme", "Ann " * 90), UTC),
    "delegations": delegation.listed(
        Principal("ann", "acme", "Ann"), [_GIVEN] * 30, {"ann": "Ann", "ben": "Ben " * 90}, UTC, "run-1"
    ),
    "which of several people": delegation.which(
        INJECTION * 3, [Principal(f"b{n}", "acme", INJECTION) for n in range(9)], Principal("ann", "acme", "Ann"), "r"
    ),
    "empty body": Card(()),
    "empty strings": Card((Text(""), Text(" \n "), Code(""), Facts((("", ""),)), Table((), ()), Facts(()))),
    "fallback only": Card((), fallback="Nothing to show."),
    "every text style": Card(tuple(Text(f"In the style {style}", style) for style in _STYLES)),
    "long title": Card((Text("A title that goes on " * 40, "title"), Text("A heading " * 60, "heading"))),
    "text of 3,000 characters": Card((Text("x" * 3_000),)),
    "text of 3,001 characters": Card((Text("x" * 3_001),)),
    "text of 100,000 characters": Card((Text("word " * 20_000),), fallback="f" * 100_000),
    "text of 3,000 ampersands": Card((Text("&" * 3_000), Code("<" * 3_000), Text("&" * 150, "title"))),
    "100 elements": Card(tuple(Text(f"Line {n}") for n in range(100)), (Button("Go on", "ask", {"text": "on"}),)),
    "30 facts": Card((Facts(tuple((f"Name {n}", "value " * n) for n in range(30))),)),
    "table": Card((Text("Orders by region", "title"), _orders(5)), run="run-1"),
    "wide table": Card((_wide(40, 12),), run="run-1"),
    "table of 200 rows": Card((_orders(200),), run="run-1"),
    "table of 10 rows out of 50,000": Card(
        (Table((Column("id", "integer"),), tuple((n,) for n in range(10)), total=50_000, result="res_2"),), run="run-1"
    ),
    "table without rows": Card((Table((Column("Region"), Column("Orders", "integer")), ()),)),
    "table with long cells": Card((Table((Column("Note"), Column("n" * 300)), (("cell " * 800, 1), ("short", 2))),)),
    "three tables": Card((_orders(3), _orders(4), _wide(3, 3))),
    "every kind of cell": Card(
        (
            Table(
                tuple(Column(kind, kind, "EUR" if kind == "money" else "") for kind in get_args(CellKind)),
                (
                    ("text", 1_234_567, 0.001234, 1234.5, 12.34, "2025-06-01", "2025-06-01T10:00:00", True),
                    (None, None, None, None, None, None, None, None),
                    ("", -1, -1.5, -0.004, -100.0, "", "", False),
                ),
            ),
        )
    ),
    "units": Card((Table((Column("Weight", "number", "kg"), Column("Yen", "money", "CHF")), ((1.5, 2.0), (None, 1))),)),
    "30 buttons": Card((Text("Many"),), tuple(Button(f"Button {n}", "ask", {"text": f"{n}"}) for n in range(30))),
    "every button style": Card(
        (Text("Styles"),),
        tuple(Button(style.title(), "ask", {"text": style}, style) for style in get_args(ButtonStyle)),
    ),
    "button with address": Card((Text("Open"),), (Button("Open in browser", url="https://quillux.example/r/1"),)),
    "button with confirmation": Card(
        (Text("Sure?"),), (Button("Delete", "admin.delete", {"id": "9"}, "danger", confirm="Really? " * 60),)
    ),
    "button with a long label": Card((Text("Label"),), (Button("A label that goes on " * 20, "ask", {"text": "x"}),)),
    "button without a label": Card((Text("Label"),), (Button("", "ask", {"text": "x"}), Button(" ", "ask"))),
    "button with a large payload": Card((Text("Load"),), (Button("Ask", "ask", {"text": "load " * 1_000}),)),
    "buttons only": Card((), (Button("One", "ask", {"text": "one"}),), (Button("Two", "ask", {"text": "two"}),)),
    "alternatives": Card(
        (Text("4,211 orders"), Text("“Shipped” is read as the date of shipping.", "muted")),
        (Button("CSV", "run.csv", {"run": "run-1"}), Button("Details", "run.details", {"run": "run-1"})),
        tuple(Button(f"Read as meaning {n}", "nlq.choose", {"run": "run-1", "choices": [n]}) for n in range(6)),
        run="run-1",
    ),
    "every kind of input": Card(
        tuple(_inputs(kind) for kind in get_args(InputKind)), (Button("Send", "ask", {"text": "go"}, "primary"),)
    ),
    "150 choices": Card(
        (_inputs("choice", 150), _inputs("choices", 150)), (Button("Send", "ask", {"text": "go"}, "primary"),)
    ),
    "inputs filled in": Card(
        (
            Input("text", "Text", value="already here", placeholder="p" * 400, required=True, limit=10_000),
            Input("many", "Lines", "multiline", value="a\nb", limit=4),
            Input("number", "Number", "number", value="12.5"),
            Input("date", "Day", "date", value="2025-06-01"),
            Input("toggle", "On", "toggle", value="true"),
            _inputs("choice", value="value-1"),
            _inputs("choices", value="value-0,value-2"),
        ),
        (Button("Send", "ask", {"text": "go"}),),
    ),
    "inputs filled in badly": Card(
        (
            Input("", "", value="v" * 5_000, limit=0),
            Input("x" * 300, "label " * 500, "number", value="many"),
            Input("date", "Day", "date", value="soon"),
            Input("toggle", "On", "toggle", value="perhaps"),
            Input("none", "Nothing to choose", "choice"),
            Input("nothing", "Nothing to choose", "choices", value="a,b"),
            Input("twice", "Twice", "choice", value="c", choices=(Choice("a" * 200, "b" * 200), Choice("", ""))),
        ),
        (Button("Send", "ask", {"text": "go"}),),
    ),
    "unicode": Card((Text("Größe, naïve, Łódź, 東京, ไทย, हिन्दी, é vs é", "title"), Facts((("名前", "値"),)))),
    "emoji": Card(
        (Text("👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 1️⃣ " * 40), Text("👩‍👩‍👧‍👦" * 60, "title")),
        (Button("👍" * 60, "run.feedback", {"run": "r"}),),
    ),
    "right to left": Card(
        (
            Text("كم عدد الطلبات التي شحنت الشهر الماضي؟", "title"),
            Text("עברית עם English באמצע ו-123"),
            Table((Column("المنطقة"), Column("טלפון")), (("الشمال", "050-123"), ("mixed الجنوب", "x"))),
        ),
        (Button("نعم", "ask", {"text": "نعم"}),),
    ),
    "control characters": Card(
        (
            Text(CONTROL, "title"),
            Text(CONTROL),
            Code(CONTROL),
            Facts(((CONTROL, CONTROL),)),
            Table((Column(CONTROL),), ((CONTROL,),)),
        ),
        (Button(CONTROL, "ask", {"text": CONTROL}),),
    ),
    "markup": Card(
        (
            Text(INJECTION, "title"),
            Text(INJECTION, "heading"),
            Text(INJECTION),
            Text(INJECTION, "muted"),
            Code(INJECTION, "sql"),
            Facts(((INJECTION, INJECTION),)),
            Table((Column(INJECTION), Column("n", "integer")), ((INJECTION, 1),), title=INJECTION),
            Input("reason", INJECTION, placeholder=INJECTION, value=INJECTION),
            Progress(INJECTION, 1, 2),
            Details(INJECTION, (Text(INJECTION), Code(INJECTION))),
        ),
        (Button(INJECTION, "ask", {"text": INJECTION}, confirm=INJECTION),),
        run="run-1",
    ),
    "code": Card((Code(SQL, "sql"), Code("x = 1", "python"), Code("line\n" * 2_000, "sql"))),
    "chart": Card((Text("Orders"), Chart(SPEC, "A bar chart: North 120, South 80.", "Orders by region")), run="run-1"),
    "two charts": Card((Chart(SPEC, "One."), Chart(SPEC, "", "Two")), run="run-1"),
    "image": Card((Image("https://quillux.example/logo.png", "The logo"), Image("https://quillux.example/x.png", ""))),
    "image at no https address": Card((Image("javascript:alert(1)", "No picture"), Image("", "None"))),
    "file": Card((Text("Ready"), File("orders.csv", "res_1", url="https://quillux.example/d/1")), run="run-1"),
    "file without address": Card((File("../../etc/pass\x00wd", "res_1", "parquet"),), run="run-1"),
    "progress with a known end": Card(
        (Progress("Reading tables", 3, 10),), (Button("Stop", "run.stop", {"run": "1"}),)
    ),
    "progress without an end": Card((Progress("Thinking"),), (Button("Stop", "run.stop", {"run": "1"}),)),
    "progress beyond its end": Card((Progress("Odd", 12, 10), Progress("Odder", -1, 10), Progress("", 0, 0))),
    "details": Card((Text("4,211"), Details("How it was made", (Code(SQL, "sql"), Facts((("Rows", "5"),))))), run="r"),
    "nested details": Card(
        (
            Text("4,211"),
            Details("Outer", (Text("o"), Details("Inner", (Text("i"), Details("Innermost", (Code(SQL, "sql"),)))))),
        ),
        run="run-1",
    ),
    "details without a run": Card((Details("How", (Text("By counting."), _orders(3), Chart(SPEC, "bars"))),)),
    "gate": Card(
        (
            Text("Approval needed", "title"),
            Text("This query would read about 12 GB. The limit is 1 GB.", "warning"),
            Facts((("Asked by", "Ann"), ("Source", "warehouse"), ("Estimated cost", "€4.20"))),
            Code(SQL, "sql"),
            Input("reason", "Reason", "text", placeholder="Why", limit=300),
        ),
        (
            Button("Approve", "gate.decide", {"gate": "gate-1", "verdict": "approve"}, "primary", confirm="Run it?"),
            Button("Reject", "gate.decide", {"gate": "gate-1", "verdict": "reject"}, "danger"),
        ),
        run="run-1",
    ),
    "error": Card(
        (
            Text("That did not work", "title"),
            Text("The warehouse could not be reached. Nothing was changed. Try again in a minute.", "bad"),
            Text("Reference: run-1", "muted"),
        ),
        (Button("Try again", "run.retry", {"run": "run-1"}, "primary"),),
        run="run-1",
    ),
    "answer": Card(
        (
            Text("4,211 orders shipped last month", "title"),
            Text("June 2025, all regions; returns are counted.", "muted"),
            _orders(6),
            Chart(SPEC, "A bar chart: North 120, South 80.", "Orders by region"),
            File("orders.csv", "res_1", url="https://quillux.example/d/1"),
            Details("How this was made", (Code(SQL, "sql"), Facts((("Tables", "orders, regions"), ("Time", "12 ms"))))),
        ),
        (
            Button("CSV", "run.csv", {"run": "run-1"}),
            Button("👍", "run.feedback", {"run": "run-1", "value": "up"}),
            Button("👎", "run.feedback", {"run": "run-1", "value": "down"}),
        ),
        (Button("Ordered instead of shipped", "nlq.choose", {"run": "run-1", "choices": [1]}),),
        run="run-1",
    ),
    "everything at once": Card(
        (
            *(Text(f"Line {n}", style) for n, style in enumerate(_STYLES)),
            *(_orders(150) for _ in range(3)),
            *(_inputs(kind, 150) for kind in get_args(InputKind)),
            *(Code(SQL * 30) for _ in range(10)),
            *(Facts((("Name", "value " * 900),)) for _ in range(10)),
            *(Details(f"Part {n}", (Text("inside " * 500),)) for n in range(20)),
        ),
        tuple(Button(f"Step {n}", "ask", {"text": "s" * 500}) for n in range(20)),
        tuple(Button(f"Other {n}", "nlq.choose", {"run": "r", "choices": [n]}) for n in range(20)),
        run="run-1",
    ),
}

_WORDS = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(codec="utf-8"), max_size=400),
    st.sampled_from(["", " ", "\n", INJECTION, CONTROL, "x" * 3_001, "&" * 3_000, "𝒳" * 200]),
)
_NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)
_SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(allow_nan=True, allow_infinity=True), _WORDS
)
_PAYLOADS: st.SearchStrategy[JsonObject] = st.dictionaries(_NAMES, _WORDS, max_size=3)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    kinds: list[CellKind] = draw(st.lists(st.sampled_from(get_args(CellKind)), max_size=25))
    columns = tuple(Column(draw(_WORDS), kind, draw(st.sampled_from(["", "EUR", "kg"]))) for kind in kinds)
    row = st.tuples(*(_SCALARS for _ in columns))
    rows = tuple(draw(st.lists(row, max_size=8))) * draw(st.sampled_from([1, 1, 1, 30]))
    return Table(columns, rows, total=draw(st.sampled_from([0, len(rows), 10**6])), title=draw(_WORDS))


_CHOICES = st.lists(st.builds(Choice, _WORDS, _WORDS), max_size=6).map(tuple)
_INPUTS = st.builds(
    Input,
    id=_NAMES,
    label=_WORDS,
    kind=st.sampled_from(get_args(InputKind)),
    value=_WORDS,
    placeholder=_WORDS,
    choices=_CHOICES,
    required=st.booleans(),
    limit=st.integers(-1, 10_000),
)
_LEAVES: st.SearchStrategy[Element] = st.one_of(
    st.builds(Text, _WORDS, st.sampled_from(_STYLES)),
    st.builds(Facts, st.lists(st.tuples(_WORDS, _WORDS), max_size=14).map(tuple)),
    _tables(),
    st.builds(Code, _WORDS, st.sampled_from(["", "sql"])),
    st.builds(Chart, st.just(SPEC), _WORDS, _WORDS),
    st.builds(Image, st.sampled_from(["https://quillux.example/a.png", "", "ftp://x"]), _WORDS),
    st.builds(File, _WORDS, _NAMES, st.sampled_from(["csv", "parquet", "xlsx"])),
    st.builds(Progress, _WORDS, st.integers(-5, 200), st.integers(-5, 100)),
    _INPUTS,
)
_ELEMENTS: st.SearchStrategy[Element] = st.one_of(
    _LEAVES, st.builds(Details, _WORDS, st.lists(_LEAVES, max_size=4).map(tuple))
)
_BUTTONS = st.builds(
    Button,
    label=_WORDS,
    verb=st.sampled_from(["ask", "run.csv", "run.stop", "gate.decide"]),
    payload=_PAYLOADS,
    style=st.sampled_from(get_args(ButtonStyle)),
    url=st.sampled_from(["", "", "https://quillux.example/r/1"]),
    confirm=_WORDS,
)


def cards() -> st.SearchStrategy[Card]:
    """Cards of any shape, filled with hostile words; input ids may repeat."""
    return st.builds(
        Card,
        body=st.lists(_ELEMENTS, max_size=12).map(tuple),
        actions=st.lists(_BUTTONS, max_size=6).map(tuple),
        alternatives=st.lists(_BUTTONS, max_size=6).map(tuple),
        run=st.sampled_from(["", "slack:T1:C1:1700000000.000100"]),
        fallback=_WORDS,
    )
