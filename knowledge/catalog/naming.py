"""What the names of tables and columns say about which column identifies, and which points where."""

import re
from collections.abc import Iterator

from knowledge.catalog.model import DataType, Table

_IRREGULAR = {"people": "person", "men": "man", "women": "woman", "children": "child", "data": "datum"}
_KEY_ENDINGS = ("_id", "_key", "_code", "_no", "_number", "_sku", "_uuid", "_guid")
_KEY_WORDS = ("sku", "isbn", "iban", "iata", "icao", "ean", "gtin", "vin")
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def singular(name: str) -> str:
    """A table's name for one row, in lower case: categories to category, orders to order."""
    lowered = name.lower()
    if lowered in _IRREGULAR:
        return _IRREGULAR[lowered]
    if lowered.endswith("ies"):
        return lowered[:-3] + "y"
    if lowered.endswith(("sses", "xes", "ches", "shes")):
        return lowered[:-2]
    return lowered[:-1] if lowered.endswith("s") and not lowered.endswith("ss") else lowered


def words(name: str) -> list[str]:
    """The words of a name, in lower case: `customerID`, `customer_id` and `Customer ID` have the same two."""
    return [part.lower() for part in _PARTS.findall(name)]


def identifying(table: str) -> tuple[set[str], set[str]]:
    """Names, in lower case, of a column that would identify a row of a table so named: the surest, then others.

    The others are `airport_code` of airports and `aid` of authors.
    """
    others = {name for key in ("code", "number", "no", "key") for name in _stems(table, key)}
    return {"id", "uuid", "guid", *_stems(table)}, {*others, _initialled(table)}


def shared(column: str) -> bool:
    """Whether a name says what it holds, so that it means the same in every table: `city_name`, and not `name`."""
    return len(words(column)) > 1 and not column.lower().endswith(("_at", "_on", "_date", "_time"))


def referring(table: Table) -> set[str]:
    """Names that a column has elsewhere when it points at this table: `customer_id` for customers(id)."""
    key = table.primary_key[0].lower()
    if key in ("id", "uuid", "guid", "key", "code"):
        return _stems(table.name, key)
    own = {
        *_stems(table.name),
        *(name for kind in ("code", "number", "no", "key") for name in _stems(table.name, kind)),
    }
    names = _stems(table.name) if key in own or key == _initialled(table.name) else set[str]()
    if table.by_name[key].type is DataType.TEXT and key in own:
        names |= {singular(table.name)}
    told = key.endswith((*_KEY_ENDINGS, "id")) or key in _KEY_WORDS or shared(key)
    return names | ({key} if told else set())


def wanted(column: str) -> Iterator[str]:
    """Names under which a column may be pointed: `billing_customer_id`, then `customer_id`."""
    lowered = column.lower()
    if lowered in ("id", "uuid", "guid", "key", "code"):
        return
    yield lowered
    parts = words(column)
    joined = "_".join(parts)
    if joined != lowered:
        yield joined
    yield from (
        "_".join(parts[at:]) for at in range(1, len(parts) - (parts[-1] in ("id", "key", "code", "no", "number")))
    )


def _initialled(table: str) -> str:
    """`aid` for the table authors; nothing for `author_domains`, which would have two."""
    return f"{table.lower()[:1]}id" if len(words(table)) == 1 else ""


def _stems(table: str, key: str = "id") -> set[str]:
    """`order_id`, `orderid` and `orders_id` for the table orders; prefixes such as dim_ and tbl_ are passed over."""
    name = re.sub(r"^(dim|fact|fct|tbl|stg|raw|src|t)_", "", table.lower())
    one = singular(name)
    return {f"{one}_{key}", f"{one}{key}", f"{name}_{key}", f"{singular(table)}_{key}"}
