"""What Slack needs to know of an installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """The Slack app. `bot_token` serves every workspace that `tokens` (team id to bot token) does not name.

    HTTP mode needs `signing_secret`, Socket Mode (`socket_mode`) needs `app_token`. `bot_user` is needed only where
    events do not carry their authorization; `api_url` is another address only in tests.
    `table_block` shows a card's first table as Slack's own table, which not every client of Slack knows.
    """

    bot_token: str
    signing_secret: str = ""
    app_token: str = ""
    socket_mode: bool = False
    tokens: Mapping[str, str] = field(default_factory=dict)
    bot_user: str = ""
    api_url: str = "https://slack.com/api/"
    table_block: bool = False
    path: str = "/slack/events"

    def token(self, workspace: str) -> str:
        """The bot token for a workspace; empty where we are not installed."""
        return self.tokens.get(workspace, self.bot_token)
