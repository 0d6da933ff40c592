"""How an object store is reached: endpoint, keys by reference, bounded patience."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pyarrow import fs

from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening, filled

ATTEMPTS = 3
_KEYS = ("access_key", "secret_key", "session_token")


@dataclass(frozen=True, slots=True)
class Access:
    """Options `endpoint`, `region`, `path_style`, `anonymous`, `timeout` in seconds, and the three keys, resolved.

    Without keys, those of the process (its environment or instance) are used, unless `anonymous`.
    """

    source: str
    endpoint: str = ""
    region: str = ""
    path_style: bool = True
    anonymous: bool = False
    timeout: float = 10.0
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)

    def file_system(self) -> fs.S3FileSystem:
        """Arrow's client; it connects at the first use and tries three times."""
        keys = {"access_key": self.access_key, "secret_key": self.secret_key, "session_token": self.session_token}
        parts = urlsplit(self.endpoint)
        endpoint = {"endpoint_override": parts.netloc, "scheme": parts.scheme} if self.endpoint else {}
        return fs.S3FileSystem(
            **({name: value for name, value in keys.items() if value} if not self.anonymous else {}),
            **endpoint,
            anonymous=self.anonymous,
            region=self.region or "us-east-1",
            force_virtual_addressing=not self.path_style,
            connect_timeout=min(self.timeout, 5.0),
            request_timeout=self.timeout,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        )

    def for_delta(self) -> dict[str, str]:
        """The same for delta-rs."""
        given = {
            "aws_endpoint": self.endpoint,
            "aws_region": self.region or "us-east-1",
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "aws_session_token": self.session_token,
            "aws_virtual_hosted_style_request": "false" if self.path_style else "true",
            "allow_http": "true" if self.endpoint.startswith("http://") else "",
            "aws_skip_signature": "true" if self.anonymous else "",
            "timeout": f"{self.timeout:g}s",
            "connect_timeout": f"{min(self.timeout, 5.0):g}s",
            "max_retries": str(ATTEMPTS - 1),
            "retry_timeout": f"{3 * self.timeout:g}s",
        }
        return {name: value for name, value in given.items() if value}


def checked(opening: Opening) -> None:
    """Raises SourceUnavailable for options that can't be right, or that hold a secret in plain text."""
    options = opening.options
    plain = [name for name in ("secret_key", "session_token") if (given := options.get(name)) and "${" not in given]
    if plain:
        raise _wrong(
            opening.name,
            f"{plain[0]} stands in its options in plain text",
            f"Give it by reference, for instance {plain[0]} = ${{env:S3_SECRET_KEY}}",
        )
    endpoint = urlsplit(options.get("endpoint", ""))
    if options.get("endpoint") and (endpoint.scheme not in ("http", "https") or not endpoint.hostname):
        raise _wrong(opening.name, "its endpoint is no http or https address", "Give https://host:port")
    if "@" in endpoint.netloc:
        raise _wrong(opening.name, "its endpoint holds a password", "Use the options access_key and secret_key")
    _number(opening)


async def access_of(opening: Opening) -> Access:
    """With its secrets resolved now. Raises SourceUnavailable when one can't be."""
    options = opening.options
    keys = {name: await filled(options.get(name, ""), opening.resolve, quoted=False) for name in _KEYS}
    return Access(
        opening.name,
        options.get("endpoint", ""),
        options.get("region", ""),
        _yes(options, "path_style", default=True),
        _yes(options, "anonymous", default=False),
        _number(opening),
        **keys,
    )


def _yes(options: Mapping[str, str], name: str, *, default: bool) -> bool:
    return options.get(name, str(default)).strip().lower() in ("1", "true", "yes", "on")


def _number(opening: Opening) -> float:
    try:
        seconds = float(opening.options.get("timeout", "10"))
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 300:
        raise _wrong(opening.name, "its timeout is no number of seconds up to 300", "Give timeout = 10")
    return seconds


def _wrong(name: str, why: str, then: str) -> SourceUnavailable:
    return SourceUnavailable(f"The source “{name}” can't be used: {why}.", next_step=f"{then}.")
