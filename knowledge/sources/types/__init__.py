"""From the native types of each dialect to Arrow types."""

from knowledge.sources.types.table import TypeTable

__all__ = ["TypeTable"]
