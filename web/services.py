"""How `chat.py`, which Chainlit loads by path and which holds no state, reaches what `infra.bootstrap` built."""

from dataclasses import dataclass

from conversation.directory import Accept, Directory
from conversation.errors import OperatorError
from web.port import Authenticate, Feed, Suggest, WebStore


@dataclass(frozen=True, slots=True)
class Services:
    """What the browser channel needs in the server process."""

    accept: Accept
    directory: Directory
    authenticate: Authenticate
    store: WebStore
    feed: Feed
    suggest: Suggest


_installed: list[Services] = []


def install(services: Services) -> None:
    """Make the services known; the latest wins (Chainlit serves one application a process)."""
    _installed[:] = [services]


def services() -> Services:
    """The installed services. Raises OperatorError before `install`."""
    if not _installed:
        raise OperatorError("The browser channel was started without its services.", next_step="Call web.app.mount.")
    return _installed[0]
