"""How a connection is told on whose behalf it asks."""

import re
from dataclasses import dataclass

from knowledge.asker import Asker
from knowledge.errors import NotAllowed
from knowledge.sources.opening import Identity

_FIELD = re.compile(r"\{(person|tenant|roles|groups)\}")


@dataclass(frozen=True, slots=True)
class Behalf:
    """What is said to a database: a role to take, session variables to set; nothing for Quillux itself."""

    role: str = ""
    variables: tuple[tuple[str, str], ...] = ()


def behalf(identity: Identity, asker: Asker | None) -> Behalf:
    """What a database is told of this asker. Raises NotAllowed for a person who has no role there."""
    if asker is None:
        return Behalf()
    match identity.kind:
        case "role":
            role = filled_in(identity.role, asker)
            if not role or "\0" in role or role.lower() == "none":  # which, quoted or not, means the login itself
                raise _unknown()
            return Behalf(role=role)
        case "variables":
            told = [(name, filled_in(value, asker)) for name, value in identity.variables.items()]
            return Behalf(variables=tuple((name, value.replace("\0", "")) for name, value in told))
        case _:
            return Behalf()


def token_of(identity: Identity, asker: Asker | None) -> str:
    """The password to connect with; empty for the login itself. Raises NotAllowed for a person without a token."""
    if identity.kind != "token" or asker is None:
        return ""
    if not asker.token:
        raise NotAllowed(
            "This source is asked with your own sign-in, and there is none here.",
            next_step="Sign in again where you ask, or ask whoever runs Quillux.",
        )
    return asker.token


def filled_in(template: str, asker: Asker) -> str:
    """The template with {person}, {tenant}, {roles} and {groups} (joined by commas) filled in, once."""
    values = {
        "person": asker.person,
        "tenant": asker.tenant,
        "roles": ",".join(asker.roles),
        "groups": ",".join(asker.groups),
    }
    return _FIELD.sub(lambda found: values[found[1]], template)


def _unknown() -> NotAllowed:
    return NotAllowed(
        "The database knows no role for you, so it was not asked.",
        next_step="Ask whoever runs the database for a role.",
    )
