"""Lets a query through only when it does nothing but read the tables of the catalog, and not too much of them."""

import re
from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.model import Catalog
from knowledge.errors import NotAllowed, Refused, TooMuch
from knowledge.guard.allowed import COLLATIONS, FUNCTIONS, NAMED, NODES, QUERIES, TYPES
from knowledge.guard.names import EVERY, check_columns, tables_of
from knowledge.guard.settle import settle

LONGEST_SQL = 50_000
MOST_NODES = 5_000
MOST_TABLES = 40

_PLAIN = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?")
_JSON_KEY = re.compile(r"[\w .:@-]{0,200}")
_REPHRASE = "Ask in other words; only questions that read data are answered."


def read_sql(sql: str, dialect: str) -> exp.Query:
    """SQL text as a tree: exactly one query. Raises Refused for what is no SQL, NotAllowed for other statements."""
    if len(sql) > LONGEST_SQL:
        raise TooMuch(f"The query is longer than {LONGEST_SQL:,} characters.", next_step=_REPHRASE)
    try:
        statements = [statement for statement in sqlglot.parse(sql, read=dialect) if statement is not None]
    except (SqlglotError, RecursionError, ValueError) as error:
        raise Refused("The query could not be read as SQL.", next_step=_REPHRASE) from error
    if len(statements) != 1:
        raise NotAllowed("Exactly one statement can be run at a time.", next_step=_REPHRASE)
    if not isinstance(statements[0], exp.Query):
        raise NotAllowed("Only queries that read data can be run.", next_step=_REPHRASE)
    return statements[0]


def guard(query: exp.Expr, *, catalog: Catalog, source: str, rows: int) -> exp.Query:
    """A checked copy of a query that returns at most `rows` + 1 rows, so that a longer answer is noticed.

    A query over every source (`*`) is in DuckDB's dialect and names tables `source.table` or `source.schema.table`.
    Raises NotAllowed for anything that is not on the list of allowed constructs and names, Refused for unknown columns,
    TooMuch for a query of unreasonable size.
    """
    try:
        checked = query.copy()
        _check_size(checked)
        while isinstance(checked, exp.Subquery) and checked.is_wrapper:
            checked = checked.unnest()
        if type(checked) not in QUERIES or not isinstance(checked, exp.Query):
            raise NotAllowed("Only queries that read data can be run.", next_step=_REPHRASE)
        dialect = "duckdb" if source == EVERY else catalog.dialects.get(source, "")
        for call in list(checked.find_all(exp.Anonymous)):
            call.replace(_named_function(call, dialect))
        for node in checked.walk():
            check_node(node, dialect)
        settle(checked, catalog, source)
        tables = tables_of(checked, catalog, source)
        check_columns(checked, tables)
        return _limited(checked, rows + 1)
    except RecursionError as error:
        raise _too_deep() from error


def render(query: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """The SQL of a tree, without comments; `pretty` for people, without secrets that policies wrote in.

    Raises TooMuch for a tree too deep to be written.
    """
    try:
        if pretty and any(node.meta.get("secret") for node in query.find_all(exp.Literal)):
            query = query.transform(lambda node: exp.Literal.string("secret") if node.meta.get("secret") else node)
        return query.sql(dialect, comments=False, pretty=pretty)
    except RecursionError as error:
        raise _too_deep() from error


def _check_size(query: exp.Expr) -> None:
    tables = 0
    for count, node in enumerate(query.walk()):
        tables += isinstance(node, exp.Table)
        if count > MOST_NODES or tables > MOST_TABLES:
            raise TooMuch("The query has too many parts.", next_step="Ask a simpler question.")


def _named_function(node: exp.Anonymous, dialect: str) -> exp.Expr:
    """A tree built by hand may call a function by its name only; it becomes what the same text would be read as."""
    if not isinstance(node.this, str) or not _PLAIN.fullmatch(node.this):
        return node
    function = exp.func(node.this, *node.expressions, copy=False, dialect=dialect)
    return function if type(function) in NODES else node


def check_node(node: exp.Expr, dialect: str) -> None:
    """Whatever is written into SQL without quotes is checked for its form, because a tree may be built by hand."""
    node.comments = None
    if type(node) in NAMED:
        if not isinstance(node.this, str) or node.name.lower() not in FUNCTIONS.get(dialect, frozenset()):
            raise _refuse(f"the function {node.name[:80]}")
    elif type(node) not in NODES:
        raise _refuse(f"“{type(node).__name__}”")
    _CHECKS.get(type(node), _check_words)(node)


def _check_identifier(node: exp.Expr) -> None:
    name = str(node.this)
    if not name or "\0" in name or "\\" in name:
        raise _refuse("an empty name, or one with a backslash")
    if not _PLAIN.fullmatch(name):
        node.set("quoted", True)


def _check_literal(node: exp.Expr) -> None:
    if "\0" in str(node.this) or not (node.args.get("is_string") or _NUMBER.fullmatch(str(node.this))):
        raise _refuse("a value that is not a number or text")


def _check_type(node: exp.Expr) -> None:
    if node.this not in TYPES:
        raise _refuse("an unknown type")


def _check_json_key(node: exp.Expr) -> None:
    if not _JSON_KEY.fullmatch(str(node.this)):
        raise _refuse("an unusual JSON path")


def _check_with(node: exp.Expr) -> None:
    if node.args.get("recursive"):
        raise _refuse("recursion")


def _check_fetch(node: exp.Expr) -> None:
    if node.args.get("percent") or node.args.get("with_ties"):
        raise _refuse("a limit that is not a plain number")


def _check_collation(node: exp.Expr) -> None:
    if node.expression.name.lower() not in COLLATIONS:
        raise _refuse("an unknown collation")


def _check_words(node: exp.Expr) -> None:
    """Arguments that are bare words (join kinds, window frames) are written as they are, so they must be words."""
    for value in node.args.values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and not all(_PLAIN.fullmatch(part) for part in word.split()):
                raise _refuse("an unknown word")


def _check_in(node: exp.Expr) -> None:
    """Without brackets it is a list-valued column at best; SQLite takes the name for a table."""
    if node.args.get("field") is not None:
        raise _refuse("IN without a list in brackets")
    _check_words(node)


def _check_select(node: exp.Expr) -> None:
    if not node.expressions or node.args.get("operation_modifiers") or node.args.get("hint"):
        raise _refuse("an empty list of columns, or hints")


_CHECKS: dict[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Identifier: _check_identifier,
    exp.Literal: _check_literal,
    exp.DataType: _check_type,
    exp.JSONPathKey: _check_json_key,
    exp.With: _check_with,
    exp.Select: _check_select,
    exp.Collate: _check_collation,
    exp.In: _check_in,
    exp.LimitOptions: _check_fetch,
}


def _limited(query: exp.Query, rows: int) -> exp.Query:
    limit = query.args.get("limit")
    if limit is None:
        return query.limit(rows, copy=False)
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
    if isinstance(count, exp.Literal) and count.is_int:
        return query if int(count.this) < rows else _relimit(query, rows)
    raise _refuse("a limit that is not a plain number")


def _relimit(query: exp.Query, rows: int) -> exp.Query:
    query.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
    return query


def _too_deep() -> TooMuch:
    return TooMuch("The query is nested too deeply.", next_step="Ask a simpler question.")


def _refuse(what: str) -> NotAllowed:
    return NotAllowed(f"The query uses {what}, which is not allowed here.", next_step=_REPHRASE)
