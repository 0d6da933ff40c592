"""The cards of terms in chat: what one means, which there are, and what became of a change."""

from collections.abc import Sequence

from conversation.card import Button, Card, Code, Details, Element, Facts, Table, Text
from conversation.codec import JsonObject
from graphs.review.evidence import Evidence
from knowledge.glossary import Glossary, Term
from knowledge.glossary.diff import diff
from knowledge.translation.meaning.saying import in_words, relations_in_words

LISTED = 30
VERSIONS = 12
STATUS = {
    "approved": "Approved: it is used as it stands",
    "proposed": "Proposed: it waits for approval, and answers show it as an assumption",
    "draft": "Draft: answers show it as an assumption",
    "deprecated": "Deprecated: it is not used any more",
}


def meaning(term: Term, glossary: Glossary, used: Sequence[str], run: str, *, visible: bool, note: str = "") -> Card:
    """What a term means, where that comes from, and who answers for it."""
    body: list[Element] = [Text(note, "good")] if note else []
    body += [Text(term.name, "title"), Text(STATUS[term.status], "good" if term.status == "approved" else "warning")]
    if term.definition:
        body.append(Text(term.definition[:1_500]))
    body.append(Text(_made(term, visible=visible), "muted"))
    body.append(Facts(_facts(term, glossary)))
    if used:
        body.append(Details("Used by", (Facts(tuple((str(n), text[:200]) for n, text in enumerate(used[:10], 1))),)))
    if visible and (code := _sql(term)):
        body.append(Details("As SQL", (Code(code, "sql"),)))
    return Card(tuple(body), _next(term, run), run=run)


def _made(term: Term, *, visible: bool) -> str:
    if not (term.metric or term.places or term.levels):
        return "It is not tied to any data yet, so answers can’t use it."
    return in_words(term) if visible else "It is made from data that you can’t see."


def _facts(term: Term, glossary: Glossary) -> tuple[tuple[str, str], ...]:
    metric = term.metric
    time = f"{metric.time.replace('_', ' ')}" if metric and metric.time else ""
    facts = [
        ("Kind", term.kind),
        ("Also called", ", ".join(term.synonyms)),
        ("Dated by", time),
        ("Unit", metric.unit if metric else ""),
        ("Related", relations_in_words(term, glossary)),
        ("Owners", ", ".join(term.owners)),
        ("Version", " · ".join(part for part in (str(term.version), term.changed_by, term.changed_at[:10]) if part)),
        ("Note", term.note),
    ]  # fmt: skip
    return tuple((name, value[:600]) for name, value in facts if value)


def _sql(term: Term) -> str:
    if term.metric:
        return "\n".join((f"{term.metric.source}: {term.metric.table}", term.metric.expression, *term.metric.filters))
    lines = (f"{place.source}: {place.table}" + (f".{place.column}" if place.column else "")
             + (f" WHERE {place.condition}" if place.condition else "") for place in term.places)  # fmt: skip
    return "\n".join(lines)


def _next(term: Term, run: str) -> tuple[Button, ...]:
    load: JsonObject = {"run": run, "term": term.id}
    history = Button("History", "terms.history", load)
    if term.status in ("draft", "proposed") and (term.metric or term.places):
        return Button("Ask for approval", "terms.approve", load, "primary"), history
    return (history,)


def listing(terms: Sequence[Term], run: str) -> Card:
    """The terms by name, each with its meaning in a line."""
    if not terms:
        body: list[Element] = [Text("No terms are defined yet.", "title")]
        body.append(Text("Say “define active customer as customers with an order in the last 90 days”.", "muted"))
        return Card(tuple(body), run=run)
    shown = sorted(terms, key=lambda term: (term.status != "approved", term.name.lower()))[:LISTED]
    count = "1 term" if len(terms) == 1 else f"{len(terms):,} terms"
    body = [Text(count, "title"), Facts(tuple((_named(term), in_words(term)[:160]) for term in shown))]
    if len(terms) > LISTED:
        body.append(Text(f"{len(terms) - LISTED:,} more are not shown; ask “what does ... mean?”.", "muted"))
    return Card(tuple(body), run=run)


def _named(term: Term) -> str:
    return term.name[:80] if term.status == "approved" else f"{term.name[:80]} ({term.status})"


def unknown(name: str, near: Sequence[Term], run: str) -> Card:
    """No term is called so."""
    body: list[Element] = [Text(f"No term is called “{name[:80]}”.", "warning")]
    body.append(Text(f"Say “define {name[:80]} as ...” to propose one.", "muted"))
    load = [Button(term.name[:50], "terms.show", {"run": run, "term": term.id}) for term in near[:3]]
    return Card(tuple(body), alternatives=tuple(load), run=run)


def defined(term: Term, evidence: Evidence, dates: Sequence[str], run: str) -> Card:
    """A draft was made: what it means in words, and its first result."""
    body: list[Element] = [Text(f"“{term.name}” is a draft now.", "title"), *first_result(term, evidence, dates)]
    body.append(Text("Answers use it and say so, until it is approved.", "muted"))
    load: JsonObject = {"run": run, "term": term.id}
    actions = (
        Button("Ask for approval", "terms.approve", load, "primary"),
        Button("Undo", "terms.undo", load),
    )
    return Card(tuple(body), actions, run=run)


def first_result(term: Term, evidence: Evidence, dates: Sequence[str]) -> list[Element]:
    """What a definition was read as, with the rows that it gives to whoever defines it."""
    body: list[Element] = [
        Text(in_words(term)),
        *([Details("As SQL", (Code(_sql(term), "sql"),))] if _sql(term) else []),
    ]
    if dates:
        body.append(Text(f"These dates stay as they are: {', '.join(dates[:4])}.", "warning"))
    if evidence.rows:
        body.append(Table(evidence.columns, evidence.rows, evidence.total, title="What it gives, with your rights"))
    elif term.metric or term.places:
        body.append(Text("It gives no row, with your rights.", "warning"))
    else:
        body.append(Text("I could not read this as data, so it is kept in words; answers can’t use it yet.", "warning"))
    return body


def history(term: Term, versions: Sequence[Term], run: str) -> Card:
    """Each version with who changed what, the latest first."""
    body: list[Element] = [Text(f"History of {term.name}", "title")]
    for at, version in enumerate(versions[:VERSIONS]):
        before = versions[at + 1] if at + 1 < len(versions) else None
        changes = " ".join(change.text for change in diff(before, version)[:6]) if before else "Made."
        who = f"Version {version.version} · {version.changed_by or '?'} · {version.changed_at[:16].replace('T', ' ')}"
        body.append(Facts(((who, f"{changes} {version.note}".strip()[:600]),)))
    load: JsonObject = {"run": run, "term": term.id}
    undo = (Button("Undo the last change", "terms.undo", load),) if len(versions) > 1 else ()
    return Card(tuple(body), (Button("What it means", "terms.show", load), *undo), run=run)
