"""`quillux glossary`, in one process."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from tests.infra.cli.test_verified import PEOPLE

SHOP = """
[[sources]]
name = "shop"
address = "sqlite:///shop.db"
"""


class Quillux:
    """The command, run in this process: each of the many would load everything anew."""

    def __call__(self, *words: str) -> "Done":
        return Done(CliRunner().invoke(app, words))


class Done:
    """How a command ended, with its two outputs."""

    def __init__(self, result: Result) -> None:
        self.returncode, self.stdout, self.stderr = result.exit_code, result.stdout, result.stderr


@pytest.fixture
def quillux(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Quillux:
    monkeypatch.chdir(folder)
    (folder / "quillux.toml").write_text(SHOP + PEOPLE)
    return Quillux()


TERMS = """
glossary: 1
terms:
- id: amount-sold
  name: Amount sold
  kind: metric
  status: approved
  definition: What was shipped.
  synonyms: [sales]
  metric:
    source: shop
    table: orders
    expression: SUM(amount)
    filters: ["status = 'shipped'"]
- id: land
  name: Country
  kind: dimension
  status: draft
  places:
  - {source: shop, table: customers, column: country}
"""


def test_terms_go_into_the_glossary_and_through_git_and_back(quillux: Quillux, folder: Path) -> None:
    (folder / "terms.yaml").write_text(TERMS)
    looked = quillux("glossary", "import", "terms.yaml", "--by", "eva", "--dry-run")
    assert (looked.returncode, "Amount sold (amount-sold): new" in looked.stdout) == (0, True), looked.stderr
    asked = quillux("glossary", "import", "terms.yaml", "--by", "eva")
    assert (asked.returncode, "Nobody can be asked here" in asked.stderr) == (2, True)
    refused = quillux("glossary", "import", "terms.yaml", "--by", "ann", "--yes")
    assert (refused.returncode, "no expert" in refused.stderr) == (4, True)
    done = quillux("glossary", "import", "terms.yaml", "--by", "eva", "--yes", "--note", "from git")
    assert (done.returncode, "Made 2 changes." in done.stderr) == (0, True), done.stderr
    assert "amount-sold" in quillux("glossary", "list", "--status", "approved").stdout

    exported = quillux("glossary", "export", "--dir", "terms")
    assert exported.returncode == 0, exported.stderr
    assert {file.name for file in (folder / "terms").iterdir()} == {"amount-sold.yaml", "land.yaml"}
    again = quillux("glossary", "import", "terms", "--by", "eva")
    assert (again.returncode, again.stderr.strip()) == (0, "Everything is as in the file.")

    file = folder / "terms" / "land.yaml"
    file.write_text(file.read_text().replace("name: Country", "name: Land"))
    assert "The name was “Country” and is “Land”." in quillux("glossary", "diff", "terms").stdout
    assert quillux("glossary", "import", "terms", "--by", "eva", "--yes").returncode == 0
    file.write_text(file.read_text().replace("name: Land", "name: State"))
    clash = quillux("glossary", "import", "terms", "--by", "eva", "--yes")
    assert clash.returncode == 4
    assert "eva changed it meanwhile" in clash.stdout
    assert "Nothing was imported." in clash.stderr


def test_versions_are_shown_blamed_and_taken_back(quillux: Quillux, folder: Path) -> None:
    file = folder / "terms.yaml"
    file.write_text(TERMS)
    quillux("glossary", "import", "terms.yaml", "--by", "eva", "--yes")
    file.write_text(TERMS.replace("SUM(amount)", "SUM(amount) / COUNT(*)"))
    changed = quillux("glossary", "import", "terms.yaml", "--by", "eva", "--yes", "--note", "per order")
    assert "warning: amount-sold: It is said to be additive" in changed.stderr
    history = json.loads(quillux("glossary", "history", "amount-sold", "--json").stdout)
    assert [(version["version"], version["note"]) for version in history] == [
        (2, "per order"),
        (1, "imported from terms.yaml"),
    ]
    assert "per order" in quillux("glossary", "blame", "amount-sold").stdout
    assert "“SUM(amount)” and is “SUM(amount) / COUNT(*)”" in quillux("glossary", "diff", "amount-sold").stdout
    back = quillux("glossary", "rollback", "amount-sold", "1", "--by", "eva", "--yes")
    assert (back.returncode, "it is version 3 now" in back.stderr) == (0, True), back.stderr
    shown = json.loads(quillux("glossary", "show", "amount-sold", "--json").stdout)
    assert (shown["metric"]["expression"], shown["note"]) == ("SUM(amount)", "Back to version 1.")
    lineage = quillux("glossary", "lineage", "amount-sold").stdout
    assert "reads     shop.orders.amount" in lineage
    assert "term      land" in quillux("glossary", "lineage", "shop.customers.country").stdout
    turtle = quillux("glossary", "export", "--form", "skos").stdout
    assert "skos:prefLabel" in turtle
    assert quillux("glossary", "remove", "land", "--by", "eva").returncode == 0
    assert quillux("glossary", "show", "land").returncode == 4


def test_a_file_that_can_not_be_used_changes_nothing_and_says_why(quillux: Quillux, folder: Path) -> None:
    (folder / "bad.yaml").write_text(
        TERMS.replace("SUM(amount)", "(SELECT 1)").replace("status: draft", "status: approved")
    )
    checked = quillux("glossary", "check", "bad.yaml")
    assert (checked.returncode, "not allowed in a metric" in checked.stdout) == (1, True), checked.stderr
    refused = quillux("glossary", "import", "bad.yaml", "--by", "eva", "--yes")
    assert (refused.returncode, "Nothing was imported." in refused.stderr) == (4, True)
    (folder / "bomb.yaml").write_text("a: &a [1]\nb: *a")
    bomb = quillux("glossary", "import", "bomb.yaml", "--by", "eva", "--yes")
    assert (bomb.returncode, "alias" in bomb.stderr) == (4, True)
    assert quillux("glossary", "check").returncode == 0
