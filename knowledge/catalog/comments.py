"""What people wrote beside a table: comments in SQL text, and the unit at the end of a comment."""

import re

_COLUMN = re.compile(r'^\s*(?:"([^"]+)"|`([^`]+)`|\[([^\]]+)\]|(\w+))[^-]*?(?:-(?!-)[^-]*?)*--\s*(.+?)\s*$')
_TABLE = re.compile(r"^\s*CREATE\s[^(]*\(\s*--\s*(.+?)\s*$", re.IGNORECASE)
_UNIT = re.compile(r"\s*\[([^\]\s]{1,12})\]\s*$")


def from_ddl(sql: str) -> tuple[str, dict[str, str]]:
    """The table's comment and the columns' comments by lower-case name, from a CREATE TABLE as it was typed.

    `--` after the opening bracket speaks of the table, `--` at the end of a column's line of that column.
    """
    table, columns = "", dict[str, str]()
    for line in sql.splitlines():
        if head := _TABLE.match(line):
            table = head[1]
        elif found := _COLUMN.match(line):
            name = next(group for group in found.groups()[:4] if group)
            columns[name.lower()] = found[5]
    return table, columns


def split_unit(comment: str) -> tuple[str, str]:
    """A comment and the unit in square brackets that ends it: “List price [EUR]” is “List price” in “EUR”."""
    found = _UNIT.search(comment)
    return (comment[: found.start()], found[1]) if found else (comment, "")
