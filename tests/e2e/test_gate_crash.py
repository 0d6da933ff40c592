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
KINDS: tuple[Kind, ...] = ("query", "term")


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


async def test_two_workers_that_die_on_the_way_remind_once_and_pause_once(tmp_path: Path) -> None:
    past, chance = "2026-01-01T00:00:00+00:00", random.Random(7)
    async with gated(tmp_path, QUILLUX_APPROVALS__LOOK_SECONDS="0.2") as product:
        workers = {name: product.workers.fork(name) for name in ("worker-1", "worker-2")}

        def died() -> bool:
            return not all(alive(one) for one in workers.values())

        for number in range(2):
            await product.overdue(2 * number, remind_at=past)
            await product.overdue(2 * number + 1, remind_at=past, due_at=past)
            product.workers.fuse.arm(chance.randint(1, 40))
            await product.until(died)
            product.workers.fuse.arm(0)
            workers |= {name: product.workers.fork(name) for name, one in workers.items() if not alive(one)}
        left = "SELECT count(*) FROM gate WHERE next_at > ''"
        await product.until(lambda: not product.count(left) and not product.unfinished())
        reminded = "SELECT count(*) FROM web_message WHERE card LIKE '%Reminder: this%'"
        told = "SELECT count(*) FROM web_message WHERE card LIKE '%Nobody decided this%'"
        assert product.count(reminded) == 2
        assert product.count(told) == 4
        said = product.rows("SELECT subject, what FROM audit_entry WHERE what <> 'gate.opened' ORDER BY subject")
    assert said == [
        ("o0:gate", "gate.amended"),
        ("o1:gate", "gate.expired"),
        ("o2:gate", "gate.amended"),
        ("o3:gate", "gate.expired"),
    ]
