"""Reads the YAML of an API. Raises Wrong, which names the key and its line."""

import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from knowledge.sources.rest.columns import EPOCHS, KINDS, RestColumn
from knowledge.sources.rest.described import Api, Auth, Bounds, Entry, Operator, Pages, Paging, Pushed, RestTable
from knowledge.sources.rest.part import Part, read_parts
from knowledge.sources.rest.secrets import by_reference, no_plain_secrets

_MOST = {
    "pages": 100_000, "bytes": 4 * 1024**3, "page_bytes": 256 * 1024**2, "seconds": 3_600, "request_seconds": 300,
    "rate": 10_000, "parallel": 16, "attempts": 10, "longest_wait": 300,
}  # fmt: skip
_NEEDED = {"page": ("param",), "offset": ("param",), "cursor": ("param", "next"), "link": (), "none": ()}
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def described(text: str) -> Api:
    """The API that the YAML describes."""
    whole = read_parts(text)
    fields = whole.fields("base", "auth", "headers", "limits", "allow_link_local", "tables")
    for name in ("base", "tables"):
        if name not in fields:
            raise whole.wrong(f"has no key “{name}”")
    no_plain_secrets(whole)
    tables = {name: _table(name, part) for name, part in fields["tables"].fields().items()}
    if not tables:
        raise fields["tables"].wrong("names no table")
    return Api(
        _address(fields["base"]).rstrip("/"),
        tables,
        _auth(fields["auth"]) if "auth" in fields else Auth(),
        _headers(fields["headers"]) if "headers" in fields else {},
        _bounds(fields["limits"]) if "limits" in fields else Bounds(),
        fields["allow_link_local"].yes() if "allow_link_local" in fields else False,
    )


def _address(part: Part) -> str:
    text = part.text()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(letter.isspace() for letter in text):
        raise part.wrong("must be an http or https address")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise part.wrong("must be an address without user, query or #", "Credentials belong into `auth`, by reference.")
    return text


def _headers(part: Part) -> dict[str, str]:
    found = {}
    for name, value in part.fields().items():
        if not _HEADER.fullmatch(name) or not value.text().isprintable():
            raise value.wrong("is no header")
        found[name] = value.text()
    return found


def _bounds(part: Part) -> Bounds:
    fields = part.fields(*_MOST)
    given = {name: value.number(0 if name == "rate" else 0.01, _MOST[name]) for name, value in fields.items()}
    kept = ("seconds", "request_seconds", "rate", "longest_wait")
    return Bounds(**{name: value if name in kept else max(int(value), 1) for name, value in given.items()})  # type: ignore[arg-type]


def _auth(part: Part) -> Auth:
    kind = cast(Entry, _needed(part, part.fields(), "kind").one_of("none", "key", "bearer", "basic", "oauth"))
    match kind:
        case "key":
            fields = part.fields("kind", "header", "query", "value")
            if ("header" in fields) == ("query" in fields):
                raise part.wrong("must have either a header or a query parameter")
            secret = by_reference(_needed(part, fields, "value"))
            return Auth(kind, _text(fields, "header"), _text(fields, "query"), secret)
        case "bearer":
            return Auth(kind, secret=by_reference(_needed(part, part.fields("kind", "token"), "token")))
        case "basic":
            fields = part.fields("kind", "user", "password")
            return Auth(
                kind, secret=by_reference(_needed(part, fields, "password")), user=_needed(part, fields, "user").text()
            )
        case "oauth":
            fields = part.fields("kind", "token_url", "client_id", "client_secret", "scope")
            secret = by_reference(_needed(part, fields, "client_secret"))
            user, address = _needed(part, fields, "client_id").text(), _address(_needed(part, fields, "token_url"))
            return Auth(kind, secret=secret, user=user, token_url=address, scope=_text(fields, "scope"))
        case _:
            return Auth()


def _table(name: str, part: Part) -> RestTable:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", name):
        raise part.wrong("is no name of a table: letters, digits and _ only")
    fields = part.fields("path", "rows", "key", "comment", "columns", "params", "pages", "filters", "limit")
    path = _needed(part, fields, "path")
    if not path.text().startswith("/") or path.text().startswith("//") or "?" in path.text() or ".." in path.text():
        raise path.wrong("must begin with one / and hold neither ? nor ..; fixed parameters belong into `params`")
    columns = (
        tuple(_column(column, given) for column, given in fields["columns"].fields().items())
        if "columns" in fields
        else ()
    )
    key = tuple(piece.strip() for piece in _text(fields, "key").split(",") if piece.strip())
    names = {column.name for column in columns}
    if columns and (unknown := [piece for piece in key if piece not in names]):
        raise fields["key"].wrong(f"names “{unknown[0]}”, which is no column")
    limit = fields["limit"].fields("param", "most") if "limit" in fields else {}
    return RestTable(
        name,
        path.text(),
        _text(fields, "rows"),
        key,
        _text(fields, "comment"),
        columns,
        {param: value.text() for param, value in fields["params"].fields().items()} if "params" in fields else {},
        _pages(fields["pages"]) if "pages" in fields else Pages(),
        tuple(_pushed(fields["filters"], names)) if "filters" in fields else (),
        _text(limit, "param"),
        int(limit["most"].number(1, 1_000_000)) if "most" in limit else 0,
    )


def _column(name: str, part: Part) -> RestColumn:
    if not isinstance(part.value, dict):
        return RestColumn(name, part.one_of(*KINDS))
    fields = part.fields("type", "from", "comment", "format")
    form = fields["format"].one_of(*EPOCHS) if "format" in fields else ""
    kind = _needed(part, fields, "type").one_of(*KINDS)
    return RestColumn(name, kind, _text(fields, "from"), _text(fields, "comment"), form)


def _pages(part: Part) -> Pages:
    fields = part.fields("kind", "param", "first", "size_param", "size", "next", "count", "total")
    kind = cast(Paging, _needed(part, fields, "kind").one_of(*_NEEDED))
    for name in _NEEDED[kind]:
        _needed(part, fields, name)
    return Pages(
        kind,
        _text(fields, "param"),
        int(fields["first"].number(0, 1_000_000)) if "first" in fields else 0 if kind == "offset" else 1,
        _text(fields, "size_param"),
        int(fields["size"].number(1, 1_000_000)) if "size" in fields else 0,
        _text(fields, "next"),
        _text(fields, "count"),
        _text(fields, "total"),
    )


def _pushed(part: Part, columns: set[str]) -> list[Pushed]:
    found = []
    for column, given in part.fields().items():
        if columns and column not in columns:
            raise given.wrong("is no column of this table")
        operators = given.fields("=", "in", ">=", "<=", "repeated")
        repeated = operators["repeated"].yes() if "repeated" in operators else False
        for operator, param in operators.items():
            if operator != "repeated":
                found.append(Pushed(column, cast(Operator, operator), param.text(), repeated))
    return found


def _needed(part: Part, fields: Mapping[str, Part], name: str) -> Part:
    if name not in fields:
        raise part.wrong(f"has no key “{name}”")
    return fields[name]


def _text(fields: Mapping[str, Part], name: str) -> str:
    return fields[name].text() if name in fields else ""
