"""What a question may cost: tokens, and money where prices are set; what is spent is counted call by call."""

from dataclasses import dataclass

from knowledge.translation.assisted.port import Complete, ModelFailed, Prompt, Reply

_MILLION = 1_000_000
_CHARACTERS = 3
"""Of a token, to be on the safe side; used before a call, and after one whose service does not count."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one question may take. Prices are per million tokens; `cost` 0 sets no limit on money.

    `reply` are the most tokens of one reply, which are set aside before each call.
    """

    tokens_in: int = 60_000
    tokens_out: int = 16_000
    cost: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0
    currency: str = "USD"
    reply: int = 4_000

    def price(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / _MILLION


class Purse:
    """What is left of a budget while one question is worked on; calls may run at the same time."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.calls = 0
        self.counted = True
        self._in = 0
        self._out = 0

    async def ask(self, complete: Complete, prompt: Prompt) -> Reply:
        """The reply, paid for. Raises ModelFailed, without a call where the budget does not allow one."""
        expected = estimated(prompt)
        if not self._allows(expected, self.budget.reply):
            raise ModelFailed("the budget of this question is spent")
        self.calls += 1
        self._add(expected, self.budget.reply)
        tokens_in, tokens_out = expected, 0
        try:
            reply = await complete(prompt)
            counted = reply.tokens_in is not None and reply.tokens_out is not None
            self.counted = self.counted and counted
            tokens_in = expected if reply.tokens_in is None else max(0, reply.tokens_in)
            tokens_out = len(reply.text) // _CHARACTERS if reply.tokens_out is None else max(0, reply.tokens_out)
        finally:
            # A call that failed or was given up took what was sent, as far as anybody knows.
            self._add(tokens_in - expected, tokens_out - self.budget.reply)
        return reply

    def told(self) -> str:
        """What was spent, for the receipt; empty where nothing was asked."""
        if not self.calls:
            return ""
        about = "" if self.counted else "about "
        words = f"{self.calls} call{'s' if self.calls > 1 else ''}, {about}{self._in:,} tokens in and {self._out:,} out"
        cost = self.budget.price(self._in, self._out)
        return f"{words}, {about}{cost:.4f} {self.budget.currency}" if cost else words

    def _allows(self, tokens_in: int, tokens_out: int) -> bool:
        wanted = self._in + tokens_in, self._out + tokens_out
        dear = self.budget.cost and self.budget.price(*wanted) > self.budget.cost
        return wanted[0] <= self.budget.tokens_in and wanted[1] <= self.budget.tokens_out and not dear

    def _add(self, tokens_in: int, tokens_out: int) -> None:
        self._in += tokens_in
        self._out += tokens_out


def estimated(prompt: Prompt) -> int:
    """The tokens of a prompt, rather too many than too few."""
    return (len(prompt.system) + sum(map(len, prompt.turns))) // _CHARACTERS + 1
