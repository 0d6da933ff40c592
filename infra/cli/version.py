"""Which Quillux this is."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def current() -> str:
    """The installed version, or that of the source tree this runs from."""
    try:
        return version("quillux")
    except PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text())["project"]["version"])
