"""How a running query of a vendor is stopped where the driver's cursor has no `cancel`."""

from typing import Any


def at_snowflake(_connection: Any, cursor: Any) -> None:
    """Snowflake knows a query by its id, which the cursor has as soon as the service has answered once."""
    if cursor is not None and cursor.sfqid:
        cursor.abort_query(cursor.sfqid)


def by_closing(connection: Any, _cursor: Any) -> None:
    """The server stops a query whose client has gone."""
    connection.close()


def by_leaving(_connection: Any, _cursor: Any) -> None:
    """The driver has no way: the connection is left behind, and the query ends there at its own time limit."""
