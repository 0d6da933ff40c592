"""Where tables of several sources are joined, as the settings say."""

from urllib.parse import urlsplit

from conversation.errors import OperatorError
from infra.settings import Joins
from knowledge.federation.remote.port import JoinEngine
from knowledge.federation.workbench import Bounds


def bounds(joins: Joins) -> Bounds:
    """What joins in this process may take."""
    return Bounds(here=joins.here, memory=joins.memory, spill=joins.spill)


def join_engine(joins: Joins) -> JoinEngine | None:
    """The engine for larger joins; None where there is none. Raises OperatorError for an address that is none."""
    match joins.engine:
        case "trino":
            from knowledge.federation.remote.trino import TrinoEngine

            place = urlsplit(joins.trino)
            if place.scheme not in ("http", "https") or not place.hostname:
                raise OperatorError(
                    "`joins.trino` is no address of Trino.",
                    unchanged="Nothing was started.",
                    next_step="Give it as https://user@host:8443.",
                )
            return TrinoEngine(
                place.hostname,
                place.port or (443 if place.scheme == "https" else 8080),
                user=place.username or "quillux",
                catalogs=joins.trino_catalogs,
                scheme=place.scheme,
                password=joins.trino_password.get_secret_value(),
            )
        case "spark":
            from knowledge.federation.remote.spark import SparkEngine

            return SparkEngine(joins.spark)
        case _:
            return None
