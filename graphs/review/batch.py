"""Items that are alike, approved with one press: each is still checked, and decided, by itself."""

import re
from collections.abc import Sequence

from conversation.card import Button, Card, Element, Facts, Text
from conversation.codec import JsonObject
from conversation.principal import Principal
from conversation.review import ReviewItem

MOST = 20
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def likeness(item: ReviewItem) -> str:
    """Equal for items that one look is enough for; empty for those that want one each."""
    if item.kind == "proposal":
        term = item.parameters.get("term")
        kind = term.get("kind", "") if isinstance(term, dict) else "note"
        return "" if kind == "metric" else f"proposal|{item.parameters.get('aspect', '')}|{kind}|{item.source}"
    if item.kind not in ("answer", "unsure") or item.follows or not item.sql:
        return ""
    return "|".join((item.kind, item.source, _LITERAL.sub("?", item.sql), _LITERAL.sub("?", item.correction)))


def alike(item: ReviewItem, others: Sequence[ReviewItem], who: Principal) -> list[ReviewItem]:
    """The open items like this one, itself first, that this person did not complain of first."""
    wanted = likeness(item)
    rest = [one for one in others if one.id != item.id and not one.change and likeness(one) == wanted]
    return [item, *(one for one in rest if one.asked_by.id != who.id)][:MOST] if wanted else [item]


def offered(items: Sequence[ReviewItem], shown: Sequence[tuple[str, str, str]], run: str) -> Card:
    """What one press would approve: of each the question, what would be approved, and its digest."""
    pairs = tuple((items[at].question[:150], words[:200]) for at, (_, words, _) in enumerate(shown))
    body: list[Element] = [Text(f"{len(shown)} that are alike", "title"), Facts(pairs)]
    if len(shown) < len(items):
        body.append(Text(f"{len(items) - len(shown)} more can't be approved like this.", "muted"))
    chosen: JsonObject = {id: digest for id, _, digest in shown}
    press = Button(f"Approve all {len(shown)}", "review.batch", {"run": run, "items": chosen}, "primary")
    return Card(tuple(body), (press, Button("Back to the list", "review.list", {"run": run})), run=run, private=True)


def done(results: Sequence[tuple[ReviewItem, str]], run: str) -> Card:
    """What became of each."""
    pairs = tuple((item.question[:150], words) for item, words in results)
    body = (Text("Decided together", "title"), Facts(pairs))
    return Card(body, (Button("Next to review", "review.list", {"run": run}),), run=run, private=True)
