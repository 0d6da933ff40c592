"""Who may decide a gate, and how many of them it takes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from conversation.codec import portable
from conversation.principal import Principal

Quorum: TypeAlias = int | Literal["any", "all", "majority"]


@portable
@dataclass(frozen=True, slots=True)
class Deciders:
    """People: by id, by role or by group; one of these is enough to belong."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def include(self, who: Principal) -> bool:
        """Whether this person belongs."""
        return bool(who.id in self.users or set(self.roles) & set(who.roles) or set(self.groups) & set(who.groups))

    @property
    def words(self) -> str:
        """Who they are, for people: “admin or ben”."""
        return " or ".join(dict.fromkeys((*self.roles, *self.groups, *self.users))) or "nobody"


@portable
@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an approval: enough of `deciders` approve, then the next stage begins.

    With `veto` one rejection ends the gate, otherwise a rejection counts once approval can't be reached any more.
    `electorate` is everybody who belonged when the gate was opened, by id: what “all” and “majority” are counted of.
    """

    deciders: Deciders
    quorum: Quorum = "any"
    veto: bool = True
    name: str = ""
    electorate: tuple[str, ...] = ()

    def include(self, who: Principal) -> bool:
        """Whether this person's vote counts here: “all” and “majority” are of those who were asked."""
        asked = not self.electorate or self.quorum not in ("all", "majority") or who.id in self.electorate
        return asked and self.deciders.include(who)

    @property
    def needed(self) -> int:
        """Approvals that it takes; at least one."""
        match self.quorum:
            case "any":
                return 1
            case "all":
                return max(1, len(self.electorate))
            case "majority":
                return len(self.electorate) // 2 + 1
            case number:
                return max(1, number)
