"""kill -9 between a press and its effect, with the real queue and worker: the effect comes once, and never twice.

`python -m bench.crash_gates` does the same 200 times.
"""

import random
import sys
from pathlib import Path

import pytest

from tests.e2e.crashing import Crashing, Kind
from tests.e2e.forked import alive
from tests.e2e.gated import gated

pytestmark = [
    pytest.mark.xdist_group("crash"),
    pytest.mark.skipif(sys.platform != "linux", reason="workers are forked, and end with their parent by prctl"),
]
KINDS: tuple[Kind, ...] = ("query",)


async def test_an_approval_takes_effect_exactly_once_wherever_its_worker_is_killed(tmp_path: Path) -> None:
    async with gated(tmp_path) as product:
        crashing = Crashing(product, random.Random(5))
        rounds = [await crashing.round(number, KINDS[number % len(KINDS)]) for number in range(4)]
    assert [one for one in rounds if not one.right] == []
    assert sum(one.kills for one in rounds) > 0


async def test_one_press_that_three_processes_handle_at_once_takes_effect_once(tmp_path: Path) -> None:
    async with gated(tmp_path) as product:
        worker = product.workers.fork()
        gate = await product.ask(1)
        processes = [product.workers.handle(product.press(gate, "press")) for _ in range(3)]
        await product.until(lambda: not any(alive(one) for one in processes))
        said = product.rows("SELECT what FROM audit_entry WHERE subject = ? ORDER BY seq", gate)
        assert [what for (what,) in said] == ["gate.opened", "gate.voted", "gate.decided", "gate.begun"]
        answers = "SELECT count(*) FROM web_message WHERE card LIKE '%Orders: 300%'"
        assert product.count(answers) == 1
        assert alive(worker)
