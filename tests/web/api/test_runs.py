"""Following a run."""

import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from conversation.card import Card, Progress, Text
from tests.web.api.world import ANSWER, BEN, EVE, World

ODD = "teams:19:abc/def@thread.tacv2;messageid=1?x#y/ü"


async def test_a_finished_run_shows_card_text_and_receipt(world: World) -> None:
    await world.answer("r1")
    run = (await world.client("ada").get("/v1/runs/r1")).json()
    assert (run["state"], run["question"]) == ("completed", "How many?")
    assert run["card"]["@"] == "Card"
    assert run["text"].startswith("1,204 orders\nregion | orders\nNord | 700")
    assert run["receipt"][0]["title"] == "How this was made"
    assert run["receipt"][0]["body"][0]["pairs"] == [["Rows read", "1,204"]]
    assert (run["result"], run["chart"]) == ("/v1/results/res-1", "/v1/runs/r1/chart.png")


async def test_ids_with_colons_slashes_and_more_are_found(world: World) -> None:
    await world.answer(ODD)
    client = world.client("ada")
    run = (await client.get(f"/v1/runs/{quote(ODD, safe='')}")).json()
    assert run["id"] == ODD
    assert (await client.get(run["status"])).json() == run
    assert (await client.get(run["chart"])).content == b"PNG bar light"
    assert (await client.get(run["events"])).status_code == 200


async def test_an_accepted_run_is_submitted_until_it_begins(world: World) -> None:
    client = world.client("ada")
    taken = (await client.post("/v1/messages", json={"text": "a"})).json()
    assert (await client.get(taken["status"])).json()["state"] == "submitted"
    assert (await client.get("/v1/runs/api:acme:ada:never-sent")).status_code == 404


async def test_a_message_that_was_handled_without_a_run_is_over(world: World) -> None:
    client = world.client("ada")
    taken = (await client.post("/v1/messages", json={"text": "approve"})).json()
    world.on_look = lambda: world.handled.add(taken["run"])
    told = events(await client.get(taken["events"]))
    assert [event["event"] for event in told] == ["run", "run", "end"]
    assert json.loads(told[1]["data"])["text"].startswith("This began no run")


async def test_a_run_is_seen_by_its_asker_only(world: World) -> None:
    await world.answer("of ben", who=BEN)
    await world.answer("of eve", who=EVE)
    client = world.client("ada")
    for id in ("of ben", "of eve", "unknown", "api:acme:ben:1", "api:other:eve:1"):
        for rest in ("", "/events", "/chart.png"):
            answer = await client.get(f"/v1/runs/{quote(id)}{rest}")
            assert (answer.status_code, answer.json()["what"]) == (
                404,
                "There is no run with this id that you can see.",
            )


async def test_a_run_accepted_for_somebody_else_is_not_even_submitted(world: World) -> None:
    taken = (await world.client("ben").post("/v1/messages", json={"text": "a"})).json()
    assert (await world.client("ada").get(taken["status"])).status_code == 404


async def test_recent_runs_are_ones_own_newest_first(world: World) -> None:
    for id in ("r1", "r2", "r3"):
        await world.answer(id)
    await world.answer("of ben", who=BEN)
    answer = await world.client("ada").get("/v1/runs?limit=2")
    assert [run["id"] for run in answer.json()["runs"]] == ["r3", "r2"]


async def test_a_chart_is_drawn_light_or_dark(world: World) -> None:
    await world.answer("r1")
    answer = await world.client("ada").get("/v1/runs/r1/chart.png?theme=dark")
    assert (answer.content, answer.headers["content-type"]) == (b"PNG bar dark", "image/png")
    assert (await world.client("ada").get("/v1/runs/r1/chart.png?theme=pink")).status_code == 422


async def test_a_run_without_a_chart_has_no_picture(world: World) -> None:
    await world.answer("r1", card=Card((Text("4"),)))
    answer = await world.client("ada").get("/v1/runs/r1/chart.png")
    assert answer.json()["what"] == "There is no chart with this id that you can see."


def events(answer: httpx.Response) -> list[dict[str, str]]:
    """The events of a stream, as field and value."""
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


async def test_a_stream_tells_every_change_and_then_ends(world: World) -> None:
    client = world.client("ada")
    taken = (await client.post("/v1/messages", json={"text": "a", "id": "q"})).json()
    run = (await world.begin(taken["run"])).id
    world.runs.all.pop(run)
    steps: Iterator[Callable[[], Coroutine[Any, Any, object]]] = iter(
        [
            lambda: world.begin(run),
            lambda: world.runs.finish(run, "working", Card((Progress("Reading", 1, 2),)), {}),
            lambda: world.runs.finish(run, "working", Card((Progress("Reading", 2, 2),)), {}),
            lambda: world.runs.finish(run, "completed", ANSWER, {}),
        ]
    )
    quiet = iter(range(100))

    def step() -> None:
        if next(quiet) % 4 == 3:
            drive(next(steps)())

    world.on_look = step
    told = events(await client.get(taken["events"]))
    assert [event["event"] for event in told] == ["run", "run", "run", "run", "run", "end"]
    states = [json.loads(event["data"])["state"] for event in told[:-1]]
    assert states == ["submitted", "working", "working", "working", "completed"]
    assert len({event["id"] for event in told[:-1]}) == 5


def drive(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that never really waits."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


async def test_looking_slows_down_and_quickens_after_a_change(world: World) -> None:
    await world.begin("r1")
    count = iter(range(100))

    def step() -> None:
        n = next(count)
        if n == 20:
            drive(world.runs.finish("r1", "working", Card((Progress("Reading"),)), {}))
        if n == 22:
            drive(world.runs.finish("r1", "completed", ANSWER, {}))

    world.on_look = step
    await world.client("ada").get("/v1/runs/r1/events")
    pauses = [seconds for _, seconds in world.looks]
    assert pauses[0] == pauses[21] == 0.010
    assert pauses[:20] == sorted(pauses[:20])
    assert max(pauses) == 0.250


async def test_a_stream_goes_on_after_the_last_event_that_was_seen(world: World) -> None:
    await world.begin("r1")
    world.on_look = lambda: drive(world.runs.finish("r1", "completed", ANSWER, {}))
    client = world.client("ada")
    first = events(await client.get("/v1/runs/r1/events"))
    again = events(await client.get("/v1/runs/r1/events", headers={"Last-Event-ID": first[0]["id"]}))
    assert [event["id"] for event in again] == [first[1]["id"], first[1]["id"]]
    over = await client.get("/v1/runs/r1/events", headers={"Last-Event-ID": first[-1]["id"]})
    assert over.status_code == 204
