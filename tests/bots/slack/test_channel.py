"""Posting, updating, finding and attaching, against a Slack that runs in the test."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bots.slack.channel import SlackChannel
from bots.slack.settings import SlackSettings
from conversation.card import Card, File, Text
from conversation.channel import MessageRef
from conversation.codec import JsonObject
from conversation.errors import ChannelRefused, SourceUnavailable
from conversation.principal import ConversationRef
from tests.contracts.cards import CARDS
from tests.fixtures.fake_slack import BOT_TOKEN, FakeSlack, fake_slack

THREAD = ConversationRef("slack", "T1", "C1", "1700000000.000100")
DIRECT = ConversationRef("slack", "T1", "D1", "", personal=True)
SHORT = CARDS["short"]
ANSWER = CARDS["answer"]
PNG = b"\x89PNG picture"


async def chart_png(spec: JsonObject) -> bytes:
    assert "mark" in spec
    return PNG


async def read_file(file: File) -> bytes:
    if file.result == "gone":
        raise SourceUnavailable("The result is no longer kept.")
    return f"content of {file.result}".encode()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        yield running


@pytest.fixture
async def channel(slack: FakeSlack) -> AsyncIterator[SlackChannel]:
    opened = SlackChannel(SlackSettings(BOT_TOKEN, api_url=slack.api), chart_png=chart_png, read_file=read_file)
    yield opened
    await opened.aclose()


def words(message: dict[str, Any]) -> str:
    return json.dumps(message.get("blocks"), ensure_ascii=False)


def files(slack: FakeSlack, space: str = "C1") -> list[str]:
    return [file["name"] for message in slack.messages[space] for file in message.get("files", [])]


async def test_a_card_is_posted_into_its_thread_under_its_key(channel: SlackChannel, slack: FakeSlack) -> None:
    message = await channel.send(THREAD, SHORT, key="run-1")
    posted = slack.messages["C1"][0]
    assert message == MessageRef(THREAD, posted["ts"])
    assert posted["thread_ts"] == THREAD.thread
    assert posted["metadata"] == {"event_type": "quillux_post", "event_payload": {"key": "run-1"}}
    assert "4,211 orders" in words(posted)


async def test_a_card_is_updated_in_place(channel: SlackChannel, slack: FakeSlack) -> None:
    message = await channel.send(DIRECT, CARDS["progress without an end"], key="run-1")
    await channel.update(message, SHORT)
    assert len(slack.messages["D1"]) == 1
    assert "4,211 orders" in words(slack.messages["D1"][0])


async def test_a_post_to_a_person_is_known_by_the_direct_message_that_it_opened(
    channel: SlackChannel, slack: FakeSlack
) -> None:
    person = ConversationRef("slack", "T1", "U7", "", personal=True)
    message = await channel.send(person, SHORT, key="k")
    await channel.update(message, SHORT)
    assert message.where.space == "D7"
    assert await channel.find(person, "k") == message


async def test_a_post_is_found_by_its_key_behind_many_others(channel: SlackChannel, slack: FakeSlack) -> None:
    for where in (THREAD, DIRECT):
        message = await channel.send(where, SHORT, key="wanted")
        for number in range(5):
            await channel.send(where, SHORT, key=f"other-{number}")
        assert await channel.find(where, "wanted") == message
        assert await channel.find(where, "never posted") is None


async def test_a_post_that_arrived_before_the_line_broke_is_adopted(channel: SlackChannel, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "cut")
    message = await channel.send(THREAD, SHORT, key="run-1")
    assert [posted["ts"] for posted in slack.messages["C1"]] == [message.id]


async def test_a_rate_limit_is_waited_out(channel: SlackChannel, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "limited:0", "limited:0")
    await channel.send(THREAD, SHORT, key="run-1")
    assert len(slack.messages["C1"]) == 1
    assert len(slack.named("chat.postMessage")) == 3


async def test_a_rate_limit_of_an_hour_is_told_at_once(channel: SlackChannel, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "limited:3600")
    with pytest.raises(ChannelRefused, match="slow down"):
        await channel.send(THREAD, SHORT, key="run-1")


async def test_a_card_that_slack_refuses_is_sent_plainer(channel: SlackChannel, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "invalid_blocks")
    await channel.send(THREAD, CARDS["gate"], key="g")
    posted = slack.messages["C1"][0]
    assert {block["type"] for block in posted["blocks"]} == {"section", "actions"}
    assert "gate.decide" in words(posted)


async def test_a_card_that_slack_refuses_twice_is_sent_in_words(channel: SlackChannel, slack: FakeSlack) -> None:
    message = await channel.send(THREAD, SHORT, key="g")
    slack.fail("chat.update", "msg_blocks_too_long", "invalid_blocks")
    await channel.update(message, CARDS["markup"])
    assert slack.messages["C1"][0]["blocks"] == []
    assert "&lt;!channel&gt;" in slack.messages["C1"][0]["text"]


@pytest.mark.parametrize(
    ("error", "step"),
    [("not_in_channel", "Invite the bot"), ("invalid_auth", "valid bot token"), ("missing_scope", "scopes")],
)
async def test_a_refusal_says_what_to_do(channel: SlackChannel, slack: FakeSlack, error: str, step: str) -> None:
    slack.fail("chat.postMessage", error)
    with pytest.raises(ChannelRefused, match=step):
        await channel.send(THREAD, SHORT, key="run-1")


async def test_a_message_that_is_gone_is_told_apart(channel: SlackChannel) -> None:
    with pytest.raises(ChannelRefused, match="deleted"):
        await channel.update(MessageRef(THREAD, "1.000"), SHORT)


async def test_an_unreachable_slack_is_told() -> None:
    lonely = SlackChannel(SlackSettings(BOT_TOKEN, api_url="http://127.0.0.1:1/api/"))
    with pytest.raises(ChannelRefused, match=r"could not be reached"):
        await lonely.send(THREAD, SHORT, key="k")
    await lonely.aclose()


async def test_a_workspace_without_a_token_is_told(slack: FakeSlack) -> None:
    elsewhere = SlackChannel(SlackSettings("", tokens={"T1": BOT_TOKEN}, api_url=slack.api))
    await elsewhere.send(THREAD, SHORT, key="k")
    with pytest.raises(ChannelRefused, match="no bot token"):
        await elsewhere.send(replace(THREAD, workspace="T2"), SHORT, key="k")
    await elsewhere.aclose()


async def test_a_card_for_one_person_is_seen_by_them_alone_and_shown_anew(
    channel: SlackChannel, slack: FakeSlack
) -> None:
    message = await channel.send(THREAD, SHORT, key="k", only_for="U1")
    await channel.update(message, CARDS["error"])
    assert not slack.messages["C1"]
    assert [whisper["user"] for whisper in slack.whispers] == ["U1", "U1"]
    assert await channel.find(THREAD, "k") is None


async def test_charts_and_files_follow_the_answer_into_the_thread_once(channel: SlackChannel, slack: FakeSlack) -> None:
    message = await channel.send(THREAD, CARDS["progress without an end"], key="k")
    await channel.update(message, ANSWER)
    await channel.update(message, ANSWER)
    names = files(slack)
    assert [name.split("-")[0] for name in names] == ["chart", "orders"]
    contents = b" ".join(slack.contents.values())
    assert PNG in contents
    assert b"content of res_1" in contents
    assert {message.get("thread_ts") for message in slack.messages["C1"]} == {THREAD.thread}


async def test_in_a_direct_message_the_picture_stands_below_the_answer(channel: SlackChannel, slack: FakeSlack) -> None:
    await channel.send(DIRECT, CARDS["chart"], key="k")
    assert [message.get("thread_ts") for message in slack.messages["D1"]] == [None, None]


async def test_the_same_chart_in_two_answers_is_shown_twice(channel: SlackChannel, slack: FakeSlack) -> None:
    await channel.send(THREAD, CARDS["chart"], key="one")
    await channel.send(THREAD, CARDS["chart"], key="two")
    assert len(files(slack)) == 2


async def test_a_picture_that_cannot_be_uploaded_leaves_the_answer(channel: SlackChannel, slack: FakeSlack) -> None:
    slack.fail("files.getUploadURLExternal", "missing_scope")
    await channel.send(THREAD, CARDS["chart"], key="k")
    assert "A bar chart: North 120, South 80." in words(slack.messages["C1"][0])
    assert len(slack.messages["C1"]) == 1


async def test_a_file_that_is_gone_is_told_in_the_thread(channel: SlackChannel, slack: FakeSlack) -> None:
    await channel.send(THREAD, Card((Text("Here"), File("orders.csv", "gone"))), key="k")
    assert slack.messages["C1"][-1]["text"] == "orders.csv could not be attached."


async def test_a_file_name_cannot_leave_its_folder(channel: SlackChannel, slack: FakeSlack) -> None:
    await channel.send(THREAD, CARDS["file without address"], key="k")
    assert all("/" not in name and ".." not in name for name in files(slack))


async def test_slacks_own_table_gives_way_to_text_where_it_is_refused(slack: FakeSlack) -> None:
    modern = SlackChannel(SlackSettings(BOT_TOKEN, api_url=slack.api, table_block=True))
    await modern.send(THREAD, CARDS["table"], key="one")
    slack.fail("chat.postMessage", "invalid_blocks")
    await modern.send(THREAD, CARDS["table"], key="two")
    kinds = [[block["type"] for block in message["blocks"]] for message in slack.messages["C1"]]
    assert ["table" in kind for kind in kinds] == [True, False]
    assert "Region 4" in words(slack.messages["C1"][1])
    await modern.aclose()
