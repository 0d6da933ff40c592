"""Texts compared as DuckDB does, byte by byte, in databases that would compare them by a collation."""

from sqlglot import exp

from knowledge.federation.dialects import Speech


def collated(node: exp.Expr, speech: Speech) -> exp.Expr:
    """A text that sorts and compares by its bytes."""
    if not speech.collation or isinstance(node, exp.Literal):
        return node
    quoted = speech.collation == "C"
    name: exp.Expr = exp.to_identifier("C", quoted=True) if quoted else exp.var(speech.collation)
    return exp.Collate(this=node, expression=name)


def compared(node: exp.Expr, speech: Speech) -> exp.Expr | None:
    """A comparison of texts; None where it would have another outcome."""
    if isinstance(node, exp.EQ | exp.NEQ | exp.In):
        if speech.like == "binary":
            return _by_pattern(node)
        if speech.texts != "bytes":
            return None
        return _with_left(node, speech) if speech.collation == "BINARY" else node
    return _with_left(node, speech) if speech.ordered else None


def like(value: exp.Expr, pattern: exp.Expr, speech: Speech) -> exp.Expr | None:
    """`value LIKE pattern` for a pattern that is written out and has no backslash; None where it can't be said."""
    if not isinstance(pattern, exp.Literal) or not pattern.is_string or "\\" in pattern.name:
        return None
    match speech.like:
        case "like":
            return exp.Like(this=value, expression=pattern.copy())
        case "glob":
            return exp.Glob(this=value, expression=exp.Literal.string(_glob(pattern.name)))
        case "binary":
            return exp.Like(this=_binary(value), expression=pattern.copy())
        case _:
            return None


def _with_left(node: exp.Expr, speech: Speech) -> exp.Expr:
    """The collation of the left side decides."""
    if isinstance(node.this, exp.Literal):
        return node
    node.set("this", collated(node.this.copy(), speech))
    return node


def _by_pattern(node: exp.Expr) -> exp.Expr | None:
    """`=` by the collation, so that an index serves, and LIKE by a binary one, which minds blanks."""
    values = node.expressions if isinstance(node, exp.In) else [node.expression]
    if not all(isinstance(value, exp.Literal) and "\\" not in value.name for value in values):
        return None
    if any(sign in value.name for value in values for sign in "%_"):
        return None
    likes = [exp.Like(this=_binary(node.this.copy()), expression=value.copy()) for value in values]
    same = exp.paren(exp.or_(*likes, copy=False), copy=False)
    if isinstance(node, exp.NEQ):
        return exp.not_(same, copy=False)
    return exp.paren(exp.and_(node, same, copy=False), copy=False)


def _binary(value: exp.Expr) -> exp.Expr:
    kind = exp.DataType(this=exp.DataType.Type.CHARACTER_SET, kind=exp.var("utf8mb4"))
    return exp.Collate(this=exp.Cast(this=value, to=kind), expression=exp.var("utf8mb4_bin"))


def _glob(pattern: str) -> str:
    signs = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(signs.get(sign, sign) for sign in pattern)
