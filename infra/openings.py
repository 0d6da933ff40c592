"""From the setting of a source to what it is opened with, and to the open source behind its breaker."""

from infra.secrets.redact import REDACTION
from infra.settings import Breaker, SourceSetting
from knowledge.sources.breaker import Bounds
from knowledge.sources.opening import Identity, Opening, Resolve
from knowledge.sources.port import Limits, Source
from knowledge.sources.registry import open_source
from knowledge.sources.sheltered import sheltered

NO_LIMIT = Limits(2**62, 10.0**9, 2**62)


def opening(setting: SourceSetting, resolve: Resolve) -> Opening:
    """The opening that a setting describes; its secrets are looked up by `resolve` when the source connects."""
    identity = setting.identity
    return Opening(
        setting.name,
        setting.address,
        resolve,
        Identity(identity.kind, identity.role, identity.variables),
        setting.options,
    )


def opened(setting: SourceSetting, resolve: Resolve, breaker: Breaker | None = None) -> Source:
    """The source of a setting: behind a breaker, within its own limits, with errors that show no secret.

    Nothing is connected yet. Raises SourceUnavailable for an address of no known kind.
    """
    bounds = Bounds(**(breaker or Breaker()).model_dump())
    most = Limits(setting.rows or NO_LIMIT.rows, setting.seconds or NO_LIMIT.seconds, setting.bytes or NO_LIMIT.bytes)
    return sheltered(open_source(opening(setting, resolve)), bounds, most=most, clean=REDACTION.text)
