"""What a source is opened with: its address, where its secrets come from, and how it tells its database who asks."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import quote

from knowledge.errors import SourceUnavailable

Resolve: TypeAlias = Callable[[str], Awaitable[str]]
"""From a reference such as `env:PASSWORD` to the secret. Raises SourceUnavailable, without showing a secret."""

_REFERENCE = re.compile(r"\$\{([a-z]+:[^${}]+)\}")


async def no_secrets(reference: str) -> str:
    """For addresses without references: any reference is an error."""
    raise SourceUnavailable(
        f"The secret {reference!r} can't be looked up here.", next_step="Give it by a setting of the source."
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """How a database is told who asks.

    `none`: one login for all; `role`: `SET ROLE` to the asker's role there; `variables`: session variables that its row
    policies read; `token`: the asker's access token is the password.
    `role` and the values of `variables` are templates over {person}, {tenant}, {roles} and {groups}.
    """

    kind: Literal["none", "role", "variables", "token"] = "none"
    role: str = "{person}"
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything that a source is made from. `address` may hold references, `${env:NAME}`, and is never shown whole.

    `options` are the kind's own settings (a folder's endpoint, a schema to look at).
    """

    name: str
    address: str = field(repr=False)
    resolve: Resolve = no_secrets
    identity: Identity = field(default_factory=Identity)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def resolved(self) -> str:
        """The address with each reference replaced by its secret, quoted for an address.

        Called at each connect, so that a changed secret needs no restart.
        """
        return await filled(self.address, self.resolve)


async def filled(text: str, resolve: Resolve, *, quoted: bool = True) -> str:
    """The text with each `${reference}` replaced by its secret."""
    parts, end = [], 0
    for found in _REFERENCE.finditer(text):
        secret = await resolve(found[1])
        parts += [text[end : found.start()], quote(secret, safe="") if quoted else secret]
        end = found.end()
    return "".join((*parts, text[end:]))
