"""What of a tree a source may work out itself, with exactly the meaning it has in DuckDB.

Trees stay trees of DuckDB's dialect, with collations and casts written in where the source would differ, so that
sqlglot renders them faithfully. What may be said is a list, `rules.py`; the rest stays here.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from sqlglot import exp

from knowledge.federation.dialects import Speech
from knowledge.federation.texts import collated
from knowledge.federation.types import PADDED, TEXT, TypeOf, is_day, is_number, type_of

N = TypeVar("N", bound=exp.Expr)
Rule: TypeAlias = Callable[["Pusher", exp.Expr], exp.Expr]


_ARGUMENTS = frozenset(
    ("this", "expression", "expressions", "query", "low", "high", "ifs", "true", "default", "unit", "to", "is_string",
     "table", "negate", "big_int", "input_type_preserved")
)  # fmt: skip
"""What else a node may say (a format, a time zone) is not known to mean the same."""


class Local(Exception):
    """An expression that only DuckDB may work out."""


class Pusher:
    """Writes expressions and queries for one source."""

    def __init__(self, speech: Speech, types: TypeOf, rules: Mapping[type[exp.Expr], "Rule"]) -> None:
        self.speech = speech
        self.types = types
        self._rules = rules

    def exact(self, node: exp.Expr) -> exp.Expr | None:
        """The expression as the source is to be asked, or None where it might mean something else there."""
        try:
            return self.put(node)
        except Local:
            return None

    def wider(self, node: exp.Expr) -> exp.Expr | None:
        """A condition that holds wherever `node` does, and perhaps elsewhere; None where there is none."""
        if (same := self.exact(node)) is not None:
            return same
        match node:
            case exp.Paren():
                return self.wider(node.this)
            case exp.And():
                both = [side for side in (self.wider(node.left), self.wider(node.right)) if side is not None]
                return exp.and_(*both, copy=False) if both else None
            case exp.Or():
                left, right = self.wider(node.left), self.wider(node.right)
                return exp.paren(exp.or_(left, right, copy=False), copy=False) if left and right else None
            case exp.EQ() | exp.In():
                return self._folded(node)
            case _:
                return None

    def put(self, node: exp.Expr) -> exp.Expr:
        """As `exact`; raises Local."""
        if self.speech.native:
            return node.copy()
        rule = self._rules.get(type(node))
        if rule is None or any(value and key not in _ARGUMENTS for key, value in node.args.items()):
            raise Local
        return rule(self, node)

    def kind(self, node: exp.Expr) -> str:
        """DuckDB's type of an expression; Local where it can't be told."""
        kind = type_of(node, self.types)
        if not kind:
            raise Local
        return kind

    def each(self, node: N) -> N:
        """The node over what its parts become."""
        made = node.copy()
        for key, value in node.args.items():
            if isinstance(value, exp.Expr):
                made.set(key, self.put(value))
            elif isinstance(value, list) and value:
                made.set(key, [self.put(item) if isinstance(item, exp.Expr) else item for item in value])
        return made

    def _folded(self, node: exp.Expr) -> exp.Expr | None:
        """Equality of texts under a collation holds for more pairs than equality of bytes, never for fewer."""
        items = [node.this, node.expression] if isinstance(node, exp.EQ) else [node.this, *node.expressions]
        plain = all(
            isinstance(item, exp.Column | exp.Literal) and type_of(item, self.types) in (TEXT, PADDED) for item in items
        )
        return node.copy() if plain and not node.args.get("query") else None

    def comparable(self, kind: str) -> bool:
        """True where the source finds two values of the type equal exactly when DuckDB does."""
        if is_day(kind):
            return self.speech.dates
        return is_number(kind) or (kind == TEXT and self.speech.texts == "bytes")


def bytewise(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    """A value as it is grouped, made distinct or sorted by: texts by their bytes."""
    made = pusher.put(node)
    if pusher.kind(node) != TEXT:
        return made
    if pusher.speech.texts != "bytes":
        raise Local
    return collated(made, pusher.speech)
