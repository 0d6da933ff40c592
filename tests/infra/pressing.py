"""A replica for the tests: on a word, many people press one button. `python -m tests.infra.pressing URL NAME`

Says on one line of JSON which presses decided, which began the effect, and how many did not count.
"""

import asyncio
import json
import sys
from collections import Counter

from conversation.gates import Decision, Ready, Won
from conversation.principal import Principal
from infra.store.engine import open_engine
from infra.store.gates import SqlGates

PRESSES = 67
"""Of each replica: three of them make two hundred and one."""


async def main(url: str, name: str) -> None:
    """Press when a line comes in."""
    engine = open_engine(url)
    store = SqlGates(engine)
    gate = await store.get("acme", "gate:1")
    assert gate is not None
    say("here")
    await asyncio.to_thread(sys.stdin.readline)
    people = [Principal(f"{name}-{n}", "acme", name, ("approver",)) for n in range(PRESSES)]
    claims = await asyncio.gather(*(store.claim(gate, Decision("approve", who, activity=who.id)) for who in people))
    won = [claim.gate.decision.activity for claim in claims if isinstance(claim, Won) and claim.gate.decision]
    found = await asyncio.gather(
        *(store.ready(claims[0].gate, policy="p", target_version="1", activity=f"{name} {n}") for n in range(5))
    )
    begun = [one.gate.begun for one in found if isinstance(one, Ready)]
    lost = Counter(type(claim).__name__ for claim in claims)["Lost"]
    await engine.dispose()
    say(json.dumps({"won": won, "begun": begun, "lost": lost}))


def say(line: str) -> None:
    """One line for whoever started this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
