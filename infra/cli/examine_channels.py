"""What `quillux doctor` looks at of the channels: the browser, Slack and Teams."""

from collections.abc import Awaitable, Callable

from infra.cli.examine import SECONDS, Finding, State
from infra.settings import Settings

OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"


def channels(settings: Settings) -> list[tuple[str, Callable[[], Awaitable[Finding]]]]:
    """A look for each channel."""
    return [
        ("web", lambda: _web(settings)),
        ("slack", lambda: _slack(settings)),
        ("teams", lambda: _teams(settings)),
        ("teams credential", lambda: _teams_credential(settings)),
    ]


async def _web(settings: Settings) -> Finding:
    web = settings.web
    ways = []
    with_password = sum(bool(person.password.get_secret_value()) for person in settings.people)
    if web.password and with_password:
        ways.append(f"password ({with_password} people)")
    entra = (web.entra_tenant, web.entra_client_id, web.entra_client_secret.get_secret_value())
    if any(entra) and not all(entra):
        step = "Set web.entra_tenant, entra_client_id and entra_client_secret, or none of them."
        return Finding("web", "broken", "sign-in with Microsoft Entra is half configured", step)
    if all(entra):
        ways.append("Microsoft Entra")
    if web.trusted_header:
        if not web.trusted_secret.get_secret_value():
            step = "Set web.trusted_secret and let the proxy send it in X-Proxy-Secret."
            return Finding("web", "broken", "the trusted header could be sent by anybody", step)
        ways.append(f"header {web.trusted_header}")
    if not ways:
        step = "Add a [[people]] block with a password, or sign-in with Microsoft Entra."
        return Finding("web", "warning", "nobody can sign in (`quillux run --demo` brings its own people)", step)
    return Finding("web", "ok", f"sign-in by {', '.join(ways)}")


async def _slack(settings: Settings) -> Finding:
    slack = settings.slack
    token = slack.bot_token.get_secret_value()
    if not token:
        return Finding("slack", "off", "not configured", "manifests/slack.md goes from nothing to a working bot.")
    needed = "signing_secret" if slack.mode == "http" else "app_token"
    if not getattr(slack, needed).get_secret_value():
        return Finding("slack", "broken", f"slack.{needed} is missing", f"Set it; {slack.mode} mode needs it.")
    return await _slack_says(slack.api_url, token, _reachable(settings, slack.mode == "http"))


async def _slack_says(api: str, token: str, warning: str) -> Finding:
    import httpx

    try:
        async with httpx.AsyncClient(timeout=SECONDS - 1) as client:
            answer = await client.post(f"{api}auth.test", headers={"Authorization": f"Bearer {token}"})
            said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as away:
        found = f"{api} can't be reached: {type(away).__name__}"
        return Finding("slack", "broken", found, "Check the network and its proxy.")
    if not isinstance(said, dict) or not said.get("ok"):
        reason = said.get("error", "no reason") if isinstance(said, dict) else "no reason"
        return Finding(
            "slack", "broken", f"Slack refuses the token: {reason}", "Install the app again, copy its token."
        )
    state: State = "warning" if warning else "ok"
    return Finding("slack", state, f"{said.get('user')} in {said.get('team')}. {warning}".strip(), warning and _URL)


_URL = "Set server.public_url to the https address of this server."


def _reachable(settings: Settings, needed: bool) -> str:
    """What stands in the way of a service that calls us; empty if nothing does."""
    secure = settings.server.public_url.startswith("https://")
    return "" if secure or not needed else "It reaches us over https only, and server.public_url is none."


async def _teams(settings: Settings) -> Finding:
    import httpx

    teams = settings.teams
    if not teams.app_id:
        return Finding("teams", "off", "not configured", "manifests/teams.md goes from nothing to a working bot.")
    address = teams.openid_metadata or OPENID
    try:
        async with httpx.AsyncClient(timeout=SECONDS - 1) as client:
            known = (await client.get(address)).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as away:
        found = f"the keys of the Bot Connector can't be read: {type(away).__name__}"
        return Finding("teams", "broken", found, f"Let this machine reach {address}.")
    if "jwks_uri" not in known:
        return Finding("teams", "broken", f"{address} names no keys", "Check teams.openid_metadata.")
    warning = _reachable(settings, True)
    return Finding("teams", "warning" if warning else "ok", f"bot {teams.app_id}. {warning}".strip(), warning and _URL)


async def _teams_credential(settings: Settings) -> Finding:
    teams = settings.teams
    if not teams.app_id:
        return Finding("teams credential", "off", "not configured")
    secret = teams.app_secret.get_secret_value()
    if teams.credential == "secret" and not secret:
        step = "Set teams.app_secret, or teams.credential to managed or workload."
        return Finding("teams credential", "broken", "teams.app_secret is missing", step)
    from azure.core.exceptions import AzureError

    from bots.teams.connector import SCOPE
    from bots.teams.credentials import credential

    try:
        proof = credential(teams.credential, teams.app_id, teams.tenant, secret)
        try:
            await proof.get_token(SCOPE)
        finally:
            await proof.close()
    except (AzureError, ValueError) as refused:
        reason = str(refused).splitlines()[0][:200]
        return Finding("teams credential", "broken", reason, "Check app id, tenant and credential of the bot.")
    return Finding("teams credential", "ok", f"Microsoft Entra gives a token ({teams.credential})")
