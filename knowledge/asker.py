"""On whose behalf a query runs."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asker:
    """A person of a tenant with roles and groups, as the caller resolved them; never taken from a question's text.

    `token` is an access token that a source may pass on to its database; it is never shown or stored.
    """

    tenant: str
    person: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    token: str = field(default="", repr=False, compare=False)

    @property
    def entitlement(self) -> str:
        """Equal for people of one tenant with the same roles and groups."""
        return "|".join((self.tenant, ",".join(sorted(self.roles)), ",".join(sorted(self.groups))))
