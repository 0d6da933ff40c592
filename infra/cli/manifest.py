"""`quillux manifest`: what Slack and Teams must be told about this installation."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.codes import Exit, fail, say, settings

MANIFESTS = Path(__file__).parents[2] / "manifests"
PLACEHOLDER = "https://quillux.example.com"

app = typer.Typer(no_args_is_help=True, help="What Slack and Teams must be told about this installation.")

Url = Annotated[
    str, typer.Option("--url", help="Address under which the service reaches us; server.public_url if left out.")
]


@app.command()
def slack(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; printed if left out.")] = None,
    url: Url = "",
    socket: Annotated[bool | None, typer.Option("--socket/--http", help="Socket Mode; slack.mode if left out.")] = None,
) -> None:
    """The manifest from which the Slack app is created."""
    configured = settings()
    by_socket = configured.slack.mode == "socket" if socket is None else socket
    text = (MANIFESTS / "slack.yaml").read_text(encoding="utf-8")
    if by_socket:
        text = text.replace("socket_mode_enabled: false", "socket_mode_enabled: true")
    address = url or configured.server.public_url
    if address or not by_socket:
        text = text.replace(PLACEHOLDER, checked(address))
    if out is None:
        print(text, end="")
        return
    out.write_text(text, encoding="utf-8")
    say(f"Wrote {out}. Next: https://api.slack.com/apps, “Create New App”, “From a manifest”.")


@app.command()
def teams(
    out: Annotated[Path, typer.Option("--out", "-o", help="Zip file to write.")] = Path("quillux-teams.zip"),
    url: Url = "",
    app_id: Annotated[str, typer.Option("--app-id", help="Id of the Teams app; the bot's id if left out.")] = "",
    bot_id: Annotated[str, typer.Option("--bot-id", help="App id of the bot; teams.app_id if left out.")] = "",
) -> None:
    """The app package that an administrator uploads to Teams."""
    from bots.teams.package import build
    from conversation.errors import OperatorError

    configured = settings()
    bot = bot_id or configured.teams.app_id
    if not bot:
        fail(Exit.USAGE, "The bot has no id yet.", "Nothing was written.", "Set teams.app_id, or use --bot-id.")
    domain = checked(url or configured.server.public_url).removeprefix("https://").split("/")[0]
    try:
        build(out, app_id or bot, bot, domain)
    except OperatorError as error:
        fail(Exit.USAGE, error.what, error.unchanged, error.next_step)
    say(f"Wrote {out}. Next: Teams admin centre, “Manage apps”, “Upload”; manifests/teams.md tells the rest.")


def checked(address: str) -> str:
    """The address without its last slash; ends the command when a chat service could not reach it."""
    if not address.startswith("https://"):
        fail(
            Exit.USAGE,
            "The service reaches Quillux over https only.",
            "Nothing was written.",
            "Set server.public_url in the settings file, or use --url https://...",
        )
    return address.rstrip("/")
