"""A principal in the words of `knowledge`: the two packages do not know each other."""

from conversation.principal import Principal
from knowledge.asker import Asker


def asker(principal: Principal) -> Asker:
    """On whose behalf a query runs."""
    return Asker(principal.tenant, principal.id, principal.roles, principal.groups)
