"""What every decider of a change is shown of its effect."""

from dataclasses import dataclass

from conversation.card import Element, Text
from conversation.principal import Principal
from graphs.review import effect_cards
from graphs.review.effect import Effects
from knowledge.glossary import Term


@dataclass(frozen=True, slots=True)
class Impact:
    """The effect on past questions as evidence; with values of the data only where all see the same (`alike`)."""

    effects: Effects
    alike: bool

    async def of(self, before: Term | None, after: Term, who: Principal) -> tuple[Element, ...]:
        """Read with the rights of whoever proposes it."""
        found = await self.effects.of(before, after, who)
        shown = effect_cards.effect(found, rows=self.alike)
        if not self.alike and found.changes:
            words = f"For the rows, read with your own rights, ask: effect of changing {after.name}"
            shown.append(Text(words, "muted"))
        return tuple(shown)
