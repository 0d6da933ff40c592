"""The yardstick: a bare Bolt app that says back what it hears. `python -m bench.bolt_echo PORT API_URL`."""

import sys
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from tests.fixtures.fake_slack import BOT_TOKEN, SECRET


def echo(api_url: str) -> Starlette:
    """The app, with Bolt's defaults: verification, authorization, acknowledgement before the listener ends."""
    bolt = AsyncApp(client=AsyncWebClient(BOT_TOKEN, base_url=api_url), signing_secret=SECRET)

    @bolt.event("app_mention")
    async def say_back(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text=event["text"])

    return Starlette(routes=[Route("/slack/events", AsyncSlackRequestHandler(bolt).handle, methods=["POST"])])


if __name__ == "__main__":
    uvicorn.run(echo(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
