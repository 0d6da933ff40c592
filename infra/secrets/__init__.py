"""Secrets are named by reference in the settings, looked up when they are used, and never shown."""

from infra.secrets.redact import REDACTION, Redaction
from infra.secrets.resolver import Secrets

__all__ = ["REDACTION", "Redaction", "Secrets"]
