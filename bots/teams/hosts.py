"""Which connector addresses we talk to. The address comes with each activity, so it is checked before it is used."""

from collections.abc import Iterable
from urllib.parse import urlsplit

_HOSTS = frozenset(
    {
        "smba.trafficmanager.net",
        "api.botframework.com",
        "api.botframework.us",
    }
)
_DOMAINS = (".botframework.com", ".botframework.us", ".teams.microsoft.com", ".teams.microsoft.us")


def allowed(service_url: str, configured: Iterable[str] = ()) -> bool:
    """Whether this is the https address of a Bot Framework host, or begins with one of the configured addresses."""
    try:
        parts = urlsplit(service_url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username is not None or "\\" in service_url or any(char.isspace() for char in service_url):
        return False
    if any(service_url == known or service_url.startswith(known.rstrip("/") + "/") for known in configured):
        return True
    microsoft = host in _HOSTS or host.endswith(_DOMAINS)
    return parts.scheme == "https" and microsoft and port in (None, 443)
