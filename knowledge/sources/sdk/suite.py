"""The checks as tests, one for each check and source named by `--source`; collected by the plugin `conformance`."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import pytest

from knowledge.sources.sdk.checks import CHECKS, Check
from knowledge.sources.sdk.ground import Skipped, grounded, opening


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each source with each check."""
    named = metafunc.config.getoption("source")
    metafunc.parametrize("factory", [_factory(name) for name in named], ids=named)
    metafunc.parametrize("check", CHECKS, ids=[check.__name__ for check in CHECKS])


def test_source(factory: Callable[..., Any], check: Check) -> None:
    """The source keeps this promise."""

    async def run() -> None:
        async with opening(factory)() as source:
            await check(await grounded(source))

    try:
        asyncio.run(run())
    except Skipped as reason:
        pytest.skip(str(reason))


def _factory(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found = getattr(import_module(module), attribute or "source", None)
    if not callable(found):
        raise pytest.UsageError(f"--source {name}: give package:factory, a class or function that opens a source")
    return cast(Callable[..., Any], found)
