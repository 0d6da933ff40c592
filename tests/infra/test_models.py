"""Real LangChain clients against a local server that speaks the protocol, well and badly."""

import logging
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from conversation.errors import OperatorError
from infra.models.chat import chat_model, check
from infra.models.complete import LONGEST_REST, ChatCompletion
from infra.models.proposer import proposer
from infra.settings import Model
from knowledge.translation.assisted import ModelFailed, Prompt, Reply
from tests.fixtures.openai_server import KEY, REPLIES, Odd, OpenAIServer

PROMPT = Prompt("Be brief.", ("one", "two", "three"))
GOOD = Reply(REPLIES["good"], 10, 10)


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer.running() as server:
        yield server


def model(address: str, *, key: str = KEY, seconds: float = 20.0) -> Model:
    return Model(name="openai:test-model", base_url=address, api_key=SecretStr(key), seconds=seconds)


async def test_the_prompt_arrives_as_it_was_written_with_the_key(openai: OpenAIServer) -> None:
    openai.say(REPLIES["good"])
    assert await ChatCompletion(chat_model(model(openai.address)))(PROMPT) == GOOD
    (request,) = openai.requests
    assert request["model"] == "test-model"
    said = [(message["role"], message["content"]) for message in request["messages"]]
    assert said == [("system", "Be brief."), ("user", "one"), ("assistant", "two"), ("user", "three")]
    assert openai.keys == [f"Bearer {KEY}"]


async def test_a_key_of_the_environment_does_not_travel_to_another_address(
    openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ambient")
    openai.say(REPLIES["good"])
    await ChatCompletion(chat_model(model(openai.address, key="")))(PROMPT)
    assert openai.keys == ["Bearer none"]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (401, "did not accept the key"),
        (404, "does not know this model"),
        (429, "asked too often"),
        (500, "its service failed"),
        (400, "refused the request"),
        (b"<html>", "no answer that could be read"),
        (b"{}", "no answer that could be read"),
    ],
)
async def test_what_the_service_does_wrong_is_said_without_its_words(
    openai: OpenAIServer, reply: int | bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    openai.say(reply)
    with caplog.at_level(logging.DEBUG), pytest.raises(ModelFailed, match=why):
        await ChatCompletion(chat_model(model(openai.address)))(PROMPT)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("infra", "knowledge"))]
    assert ours
    assert KEY not in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (Odd("half of it", cut=True), "could not be reached"),
        (Odd("a page", kind="text/html"), "no answer that could be read"),
        (Odd(status=503), "its service failed"),
    ],
)
async def test_a_service_that_leaves_the_protocol_is_said(openai: OpenAIServer, odd: Odd, why: str) -> None:
    openai.say(odd)
    with pytest.raises(ModelFailed, match=why):
        await ChatCompletion(chat_model(model(openai.address)))(PROMPT)


async def test_a_reply_that_is_not_counted_has_no_counts(openai: OpenAIServer) -> None:
    openai.say(Odd("yes", uncounted=True))
    assert await ChatCompletion(chat_model(model(openai.address)))(PROMPT) == Reply("yes")


async def test_one_refusal_for_a_moment_is_waited_for(openai: OpenAIServer) -> None:
    openai.say(Odd(status=429, headers={"Retry-After": "0.01"}), "yes")
    assert (await ChatCompletion(chat_model(model(openai.address)))(PROMPT)).text == "yes"
    assert len(openai.requests) == 2


@pytest.mark.parametrize(("said", "seconds"), [("121", 121.0), ("1e9", LONGEST_REST), ("-5", 0.0), ("tomorrow", 0.0)])
async def test_how_long_a_service_wants_to_be_left_alone_is_told(
    openai: OpenAIServer, said: str, seconds: float
) -> None:
    openai.say(Odd(status=429, headers={"Retry-After": said}))
    with pytest.raises(ModelFailed, match="too often") as failed:
        await ChatCompletion(chat_model(model(openai.address)))(PROMPT)
    assert failed.value.after == seconds


async def test_no_answer_in_time_is_said(openai: OpenAIServer) -> None:
    openai.say(None)
    with pytest.raises(ModelFailed, match="in time"):
        await ChatCompletion(chat_model(model(openai.address, seconds=0.2)))(PROMPT)


async def test_a_service_that_is_away_is_said() -> None:
    with pytest.raises(ModelFailed, match="could not be reached"):
        await ChatCompletion(chat_model(model("http://127.0.0.1:1/v1")))(PROMPT)


@pytest.mark.parametrize("name", ["gpt-4.1", "openai:", ":x"])
def test_a_name_without_provider_or_model_is_refused_with_the_fix(name: str) -> None:
    with pytest.raises(OperatorError, match=r"openai:gpt-4\.1"):
        check(Model(name=name))


@pytest.mark.parametrize("name", ["mistralai:mistral-large", "nobody:x"])
def test_a_provider_without_its_package_is_refused_with_the_fix(name: str) -> None:
    with pytest.raises(OperatorError) as refused:
        chat_model(Model(name=name, api_key=SecretStr(KEY)))
    assert "langchain-" in refused.value.next_step or "model.name" in refused.value.next_step


def test_a_key_that_is_missing_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(OperatorError, match="api_key"):
        chat_model(Model(name="openai:gpt-4.1"))


@pytest.mark.parametrize(("name", "path"), [("openai:x", "/v1"), ("anthropic:claude-x", ""), ("ollama:x", "")])
async def test_each_provider_of_the_extra_is_asked_at_its_address(openai: OpenAIServer, name: str, path: str) -> None:
    openai.say(REPLIES["good"])
    address = openai.address.removesuffix("/v1") + path
    setting = Model(name=name, api_key=SecretStr(KEY), base_url=address)
    assert await ChatCompletion(chat_model(setting))(PROMPT) == GOOD
    assert openai.keys[0].removeprefix("Bearer ") == KEY
    assert "three" in repr(openai.requests[0]["messages"][-1])


@pytest.mark.parametrize("name", ["anthropic:claude-x", "ollama:x"])
async def test_what_another_provider_refuses_is_said_too(name: str) -> None:
    setting = Model(name=name, api_key=SecretStr(KEY), base_url="http://127.0.0.1:1")
    with pytest.raises(ModelFailed, match="could not be reached"):
        await ChatCompletion(chat_model(setting))(PROMPT)


def test_no_model_means_no_proposer_and_no_import() -> None:
    assert proposer(Model()) is None
    look = (
        "import sys, infra.bootstrap, infra.models.proposer as p, infra.settings as s; p.proposer(s.Model());"
        "print([n for n in sys.modules if n.split('.')[0] in ('langchain', 'langchain_openai', 'openai', 'anthropic')])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
