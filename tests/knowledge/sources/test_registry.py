"""From an address to a source, with plugins that behave and plugins that do not."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import SourceUnavailable
from knowledge.sources.kinds import KINDS, Kind
from knowledge.sources.opening import Opening
from knowledge.sources.plugins import plugins
from knowledge.sources.registry import open_source
from knowledge.sources.sqlite import SqliteSource

Install = Callable[[str, dict[str, str], str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package with entry points on the path: name, scheme to target, and the text of its module."""

    def put(package: str, points: dict[str, str], module: str) -> None:
        home = tmp_path / package
        info = home / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = "".join(f"{scheme} = {target}\n" for scheme, target in points.items())
        (info / "entry_points.txt").write_text(f"[quillux.sources]\n{lines}")
        (home / f"{package}_module.py").write_text(module)
        monkeypatch.syspath_prepend(str(home))
        monkeypatch.delitem(sys.modules, f"{package}_module", raising=False)

    return put


GOOD = """
from pathlib import Path
from knowledge.sources.sqlite import SqliteSource

def open_it(opening):
    return SqliteSource(opening.name, Path(opening.options["file"]))
"""


def test_a_plugin_opens_its_scheme_with_the_whole_opening(install: Install, tmp_path: Path) -> None:
    install("goodone", {"ledger": "goodone_module:open_it"}, GOOD)
    source = open_source(Opening("books", "ledger://x", options={"file": str(tmp_path / "a.db")}))
    assert isinstance(source, SqliteSource)
    assert source.name == "books"


def test_a_plugin_cannot_take_a_built_in_scheme(install: Install, tmp_path: Path) -> None:
    install("greedy", {"sqlite": "greedy_module:steal", "sqlite+x": "greedy_module:steal"}, "def steal(o): 1 / 0")
    assert isinstance(open_source(f"sqlite:///{tmp_path}/a.db", "mine"), SqliteSource)
    problems = [plugin.problem for plugin in plugins() if plugin.package == "greedy"]
    assert len(problems) == 2
    assert all("built in and stays so" in problem for problem in problems)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("import nothing_of_that_name", "can't be imported .*nothing_of_that_name"),
        ("raise SystemExit(3)", "can't be imported"),
        ("open_it = 7", "nothing that can be called"),
        ("def open_it(opening): raise KeyError(opening.address)", "failed with KeyError"),
        ("def open_it(opening): return object()", "is no source: name, dialect"),
    ],
)
def test_a_broken_plugin_is_said_in_words_and_harms_no_other(install: Install, module: str, words: str) -> None:
    install("broken", {"broken": "broken_module:open_it"}, module)
    install("whole", {"whole": "whole_module:open_it"}, GOOD)
    with pytest.raises(SourceUnavailable, match=words) as error:
        open_source("broken://user:hunter2@host/", "odd")
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None or "hunter2" not in str(error.value.__cause__)
    assert "quillux source kinds" in error.value.next_step
    assert open_source(Opening("fine", "whole://", options={"file": "a.db"})).name == "fine"


def test_two_plugins_for_one_scheme_are_both_left_out(install: Install) -> None:
    install("first", {"same": "first_module:open_it"}, GOOD)
    install("second", {"same": "second_module:open_it"}, GOOD)
    with pytest.raises(SourceUnavailable, match="2 plugins want same://"):
        open_source("same://x", "odd")


def test_a_kind_whose_package_is_missing_says_how_to_install_it() -> None:
    kind = Kind("Strange", "nowhere:open", ("strange",), package="no_such.package", extra="strange")
    with pytest.raises(SourceUnavailable, match=r"pip install 'quillux\[strange\]'"):
        kind.open(Opening("odd", "strange://"))


def test_no_scheme_and_no_ending_belongs_to_two_kinds() -> None:
    claimed = [name for kind in KINDS for name in (*kind.schemes, *kind.suffixes)]
    assert len(claimed) == len(set(claimed))
