"""The channels that a worker answers through: the browser and the API always, Slack and Teams where they are set up."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from conversation.card import Chart, File
from conversation.channel import Channel
from conversation.codec import JsonObject
from conversation.errors import OperatorError, PersonError
from infra.settings import Settings
from infra.store.references import SqlReferences
from infra.store.web import SqlWebStore
from knowledge.charts import draw, png
from web.api.channel import ApiChannel
from web.api.downloads import csv_pieces
from web.channel import WebChannel

if TYPE_CHECKING:
    from bots.slack.settings import SlackSettings
    from bots.teams.channel import TeamsSettings
    from infra.stores import Stores


@asynccontextmanager
async def channels(settings: Settings, stores: "Stores") -> AsyncIterator[dict[str, Channel]]:
    """Every configured channel by name; connections end with the block."""
    reach: dict[str, Channel] = {
        "web": WebChannel(SqlWebStore(stores.engine), stores.directory),
        "api": ApiChannel(stores.runs),
        "cli": ApiChannel(stores.runs, "cli"),
    }
    slack, teams = slack_settings(settings), teams_settings(settings)
    if slack is not None:
        from bots.slack.channel import SlackChannel

        reach["slack"] = SlackChannel(slack, chart_png=_png, read_file=_Files(settings, stores).read)
    if teams is not None:
        from bots.teams.channel import teams_channel

        reach["teams"] = teams_channel(teams, SqlReferences(stores.engine, settings.tenant), _chart_data)
    yield reach
    for channel in reach.values():
        close = getattr(channel, "aclose", None)
        if close is not None:
            await close()


def check_channels(settings: Settings) -> None:
    """Raises OperatorError naming the setting without which a channel that is switched on could not work."""
    slack, teams = settings.slack, settings.teams
    needed = (
        ("slack.app_token", slack.bot_token and slack.mode == "socket", slack.app_token),
        ("slack.signing_secret", slack.bot_token and slack.mode == "http", slack.signing_secret),
        ("teams.app_secret", teams.app_id and teams.credential == "secret", teams.app_secret),
        ("teams.certificate", teams.app_id and teams.credential == "certificate", teams.certificate),
    )
    missing = [name for name, on, value in needed if on and not value]
    if missing:
        raise OperatorError(
            f"The channel can't work without {', '.join(f'`{name}`' for name in missing)}.",
            unchanged="Nothing was started.",
            next_step="Set it, or switch the channel off; `quillux doctor` looks at every channel.",
        )


def slack_settings(settings: Settings) -> "SlackSettings | None":
    """The Slack app, None while it has no token."""
    if not settings.slack.bot_token.get_secret_value():
        return None
    from bots.slack.settings import SlackSettings

    slack = settings.slack
    return SlackSettings(
        bot_token=slack.bot_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        app_token=slack.app_token.get_secret_value(),
        socket_mode=slack.mode == "socket",
        api_url=slack.api_url,
    )


def teams_settings(settings: Settings) -> "TeamsSettings | None":
    """The Teams bot, None while it has no app id."""
    if not settings.teams.app_id:
        return None
    from bots.teams.channel import TeamsSettings
    from bots.teams.tokens import ISSUER, METADATA

    teams = settings.teams
    return TeamsSettings(
        app_id=teams.app_id,
        tenant=teams.tenant,
        credential=teams.credential,
        secret=teams.app_secret.get_secret_value(),
        certificate=teams.certificate,
        service_urls=teams.service_urls,
        metadata=teams.openid_metadata or METADATA,
        issuer=teams.issuer or ISSUER,
    )


async def _png(spec: JsonObject) -> bytes:
    return await png(dict(spec))


def _chart_data(chart: Chart, _run: str) -> str:
    """The chart inside the message, as sharp as fits: a link would need a sign-in that Teams' image proxy lacks."""
    from bots.teams.limits import DATA_URI_BYTES

    address = ""
    for scale in (1.5, 1.0):
        image = draw(dict(chart.spec), width=440, scale=scale)
        address = f"data:image/png;base64,{base64.b64encode(image).decode()}"
        if len(address) <= DATA_URI_BYTES:
            break
    return address


class _Files:
    """Bytes of the files that cards carry, made from stored results of this tenant."""

    def __init__(self, settings: Settings, stores: "Stores") -> None:
        self._tenant = settings.tenant
        self._results = stores.results

    async def read(self, file: File) -> bytes:
        """The whole file. Raises PersonError when its result is past its retention."""
        table: Any = await self._results.get(self._tenant, file.result)
        if table is None:
            raise PersonError("This result is not kept any more.", next_step="Ask the question again.")
        return await asyncio.to_thread(lambda: b"".join(csv_pieces(table, bom=True)))
