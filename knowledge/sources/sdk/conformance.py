"""The pytest plugin: `pytest --source package:factory` runs every check of a source, beside the tests it is given.

The factory takes nothing and gives an open source over data of its own, or yields one and tidies up after it. Where
Quillux is not installed but on the path, name the plugin: `pytest -p knowledge.sources.sdk.conformance --source ...`.
"""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--source`, which may be given several times."""
    parser.getgroup("quillux").addoption(
        "--source",
        action="append",
        default=[],
        metavar="PACKAGE:FACTORY",
        help="run the checks of a source on this one",
    )


def pytest_configure(config: pytest.Config) -> None:
    """With `--source`, the checks are collected beside everything else."""
    if config.getoption("source"):
        config.args.append(str(Path(__file__).with_name("suite.py")))
