"""Engines for joins that outgrow this machine."""

from knowledge.federation.remote.port import JoinEngine

__all__ = ["JoinEngine"]
