"""The cards of reviews, with what is long and hostile in them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conversation.card import Card, Text
from conversation.cells import Column
from conversation.gates import Decision, Gate
from conversation.principal import ConversationRef, Principal
from conversation.review import Complaint, ReviewItem
from graphs.review import batch, cards, change_cards, effect_cards, meaning_cards, news_cards, people_cards
from graphs.review.effect import Answer, Difference, Effect
from graphs.review.evidence import Evidence
from graphs.review.items import proposed
from graphs.review.meaning import Draft
from graphs.review.proposal import Proposal
from knowledge.errors import Conflict
from knowledge.glossary import Metric, Term
from knowledge.glossary.diff import diff

_EVIL = "<!channel> <@U1> *b* <https://evil.example|click> </script><script>alert(1)</script> \u202eevil "
_ADA = Principal("ada", "acme", f"Ada {_EVIL}")
_EVA = Principal("eva", "acme", "Eva", ("expert",))
_HERE = ConversationRef("web", "acme", "c/1", personal=True)
_ITEM = ReviewItem(
    "f" * 16 + "-1", "acme", "answer", "f" * 24, "shop", f"revenue {_EVIL * 30}", "SELECT 1", "run-1", _ADA,
    reason="meaning", people=12, created_at="2026-11-21",
)  # fmt: skip
_SAID = tuple(Complaint(_ADA, _HERE, "U1", "run-1", "meaning", _EVIL * 40, "SELECT 2", str(n)) for n in range(5))
_TERM = Term(
    "revenue", f"Revenue {_EVIL}", "metric", "approved", "What was paid. " * 200, tuple(f"word {n}" for n in range(60)),
    ("eva",), Metric("shop", "orders", "SUM(amount)", tuple(f"a <> {n}" for n in range(40))), version=3,
)  # fmt: skip
_ROWS = Evidence((Column("region"), Column("orders", "integer")), tuple((f"r{n}", n) for n in range(10)), 900)
_LOOK = cards.Look(_ITEM, _SAID, Proposal("q", "SELECT " + "x, " * 900, "shop", "typed here", None, _ROWS), "SELECT 1",
                   "the sum", (_TERM,) * 5, 4)  # fmt: skip
_CHANGES = Effect(
    tuple(
        Difference(f"{n} {_EVIL * 9}", n, Answer("SELECT 1", "shop", "sqlite", "the sum", _ROWS), None)
        for n in range(40)
    ),
    800,
    1_000,
)
_DECIDED = replace(_ITEM, decision=Decision("reject", _EVA, _EVIL * 20, at="2026-11-21"))
_GATE = Gate(
    "g1", "acme", "run-1", "review", "g1", f"Change {_EVIL}?", "why", {}, _ADA, ("expert",), "p1",
    evidence=tuple(effect_cards.effect(_CHANGES)),
)  # fmt: skip
_PROPOSED = proposed("acme", _TERM, None, title=f"Define {_EVIL}", evidence=(_EVIL,) * 9, confidence=0.4)

REVIEWS: Final[Mapping[str, Card]] = {
    "review list": cards.waiting((_ITEM,) * 30, "run-1"),
    "review item": cards.item(_LOOK, "run-1", "note"),
    "review proposal": cards.proposed(replace(_LOOK, item=_PROPOSED), None, _TERM, "run-1"),
    "review fixed": cards.fixed(_ITEM, Decision("approve", _EVA, _EVIL), Card((Text("42", "title"),), run="run-1")),
    "review rejected": cards.rejected(_DECIDED, Decision("reject", _EVA, _EVIL), 3, "run-1"),
    "review late": cards.late(_DECIDED, "run-1"),
    "review batch": batch.offered((_ITEM,) * 20, [("id", _EVIL * 9, "d")] * 20, "run-1"),
    "review batch done": batch.done([(_ITEM, "Approved")] * 20, "run-1"),
    "review asked back": people_cards.asked(_ITEM, _EVA, _EVIL * 20, "run-1"),
    "review ask": people_cards.ask(_ITEM, "run-1"),
    "review assign": people_cards.assign(_ITEM, (_ADA,) * 80, "run-1"),
    "review meaning": meaning_cards.form(
        _ITEM, Draft(_TERM, replace(_TERM, definition="x")), "run-1", effect=effect_cards.effect(_CHANGES)
    ),
    "review change": change_cards.proposed(_GATE),
    "review changed": change_cards.changed(_TERM, diff(None, _TERM), Decision("approve", _EVA), "run-1"),
    "review conflict": change_cards.conflict("g1", Conflict(_EVIL), None, _TERM, "run-1"),
    "review effect": Card(tuple(effect_cards.effect(_CHANGES, rows=False)), run="run-1"),
    "review no effect": Card(tuple(effect_cards.effect(Effect((), 0, 0))), run="run-1"),
    "review notice": news_cards.notice((_ITEM,) * 9, 40),
    "review digest": news_cards.digest(
        (_DECIDED,) * 40, (_ITEM,) * 40, [news_cards.Week("2026-11-16", 900, 3), news_cards.Week("2026-11-09", 0, 0)]
    ),
}
