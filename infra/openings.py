"""From the setting of a source to what it is opened with."""

from infra.settings import SourceSetting
from knowledge.sources.opening import Identity, Opening, Resolve


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
