"""A password that is typed does not stay where it was typed."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.credentials import in_address, in_options, references, referred
from tests.infra.cli.conftest import Quillux
from tests.postgres import PASSWORD, postgres_server, why_not

KEYRING = {"PYTHON_KEYRING_BACKEND": "tests.fixtures.keyrings.FileKeyring"}
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
ADDRESS = "postgresql://ada:hunter2-fake@127.0.0.1:1/shop"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgresql://ada:p%40ss@host/db", [("", "p@ss")]),
        ("postgresql://ada:a:b@host/db?password=x%20y&sslmode=require", [("", "a:b"), ("password", "x y")]),
        ("postgresql://ada:${env:PW}@host/db?sslpassword=${file:/run/secrets/x}", []),
        ("postgresql://ada:${keyring:a/b}@host/db", []),
        ("postgresql://ada:${env:A}x@host/db", [("", "${env:A}x")]),
        ("postgresql://ada@host/db", []),
        ("sqlite:///a:b@c.db", []),
        ("folder/of:files@home", []),
    ],
)
def test_passwords_are_found_where_they_stand(address: str, found: list[tuple[str, str]]) -> None:
    assert [(literal.label, literal.value) for literal in in_address(address)] == found


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20))
def test_any_password_is_found_and_replaced(password: str) -> None:
    address = f"postgresql://ada:{quote(password, safe='')}@host:5432/db?x=a@b"
    found = in_address(address)
    assert [literal.value for literal in found] == [password]
    assert referred(address, found, {"": "env:PW"}) == "postgresql://ada:${env:PW}@host:5432/db?x=a@b"


def test_options_that_are_secret_by_name_are_found() -> None:
    options = {
        "secret_access_key": "abc",
        "secret_key": "abc",
        "token_url": "https://x",
        "api_key": "${env:KEY}",
        "region": "eu",
    }
    assert [literal.label for literal in in_options(options)] == ["secret_access_key", "secret_key"]


def test_what_is_referred_to_is_listed_once() -> None:
    assert references("x://${env:A}:${env:B}@h", {"key": "${env:A}", "k2": "${file:/c}"}) == [
        "env:A",
        "env:B",
        "file:/c",
    ]


def source(folder: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((folder / "quillux.toml").read_text())["sources"][0]
    return found


def clean(folder: Path) -> bool:
    """Whether the password is in no file but the keyring."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "keyring.json"]
    return not [path for path in files if b"hunter2" in path.read_bytes()]


def test_a_password_goes_to_the_keyring(quillux: Quillux, folder: Path) -> None:
    done = quillux("source", "add", "shop", ADDRESS, "--no-test", env=KEYRING)
    assert done.returncode == 0, done.stderr
    assert source(folder)["address"] == "postgresql://ada:${keyring:quillux/shop}@127.0.0.1:1/shop"
    assert json.loads((folder / "keyring.json").read_text()) == {"quillux/shop": "hunter2-fake"}
    assert "hunter2" not in done.stdout + done.stderr
    assert "shell's history" in done.stderr
    assert clean(folder)


def test_without_a_keyring_nothing_is_added_and_the_way_out_is_told(quillux: Quillux, folder: Path) -> None:
    done = quillux("source", "add", "shop", ADDRESS, "--no-test", env=NO_KEYRING)
    assert done.returncode == 4
    assert "--password-env SHOP_PASSWORD" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert not (folder / "quillux.toml").exists()


def test_a_password_may_come_from_a_variable(quillux: Quillux, folder: Path) -> None:
    done = quillux("source", "add", "shop", ADDRESS, "--no-test", "--password-env", "SHOP_PW", env=NO_KEYRING)
    assert done.returncode == 0, done.stderr
    assert source(folder)["address"] == "postgresql://ada:${env:SHOP_PW}@127.0.0.1:1/shop"
    assert "set the variable SHOP_PW" in done.stderr
    assert clean(folder)


def test_a_password_stays_only_when_the_person_insists(quillux: Quillux, folder: Path) -> None:
    done = quillux("source", "add", "shop", ADDRESS, "--no-test", "--keep-password", env=NO_KEYRING)
    assert done.returncode == 0, done.stderr
    assert source(folder)["address"] == ADDRESS
    assert "in clear" in done.stderr
    listed = quillux("source", "list")
    assert "postgresql://ada:…@127.0.0.1:1/shop" in listed.stdout


def test_a_secret_option_goes_to_the_keyring_too(quillux: Quillux, folder: Path) -> None:
    words = ("--option", "secret_access_key=hunter2-fake", "--option", "region=eu")
    done = quillux("source", "add", "shop", "shop.db", *words, "--no-test", env=KEYRING)
    assert done.returncode == 0, done.stderr
    assert source(folder)["options"] == {
        "secret_access_key": "${keyring:quillux/shop.secret_access_key}",
        "region": "eu",
    }
    assert clean(folder)


def test_a_password_that_can_not_be_told_apart_is_refused(quillux: Quillux, folder: Path) -> None:
    done = quillux("source", "add", "shop", "postgresql://ada:hunter2/x@host/db", "--no-test", env=KEYRING)
    assert done.returncode == 4
    assert "%2F" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_who_asks_is_told_to_the_database_as_the_settings_say(quillux: Quillux, folder: Path) -> None:
    words = ("--identity", "variables", "--variable", "app.person={person}", "--variable", "app.groups={groups}")
    assert quillux("source", "add", "shop", "shop.db", *words).returncode == 0
    assert source(folder)["identity"] == {
        "kind": "variables",
        "variables": {"app.person": "{person}", "app.groups": "{groups}"},
    }
    assert quillux("source", "list").returncode == 0
    assert quillux("source", "add", "odd", "shop.db", "--identity", "guess").returncode == 2
    assert quillux("source", "add", "odd", "shop.db", "--option", "nonsense").returncode == 2


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    if why_not():
        pytest.skip(why_not())
    with postgres_server() as address:
        yield address


def test_a_database_is_added_asked_and_its_password_is_nowhere(quillux: Quillux, folder: Path, postgres: str) -> None:
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY, amount int)")
    address = postgres.replace(PASSWORD, "${file:" + str(folder / "pw") + "}")
    (folder / "pw").write_text(f"{PASSWORD}\n")
    (folder / "pw").chmod(0o600)
    home = {"HOME": str(folder)}
    added = quillux("source", "add", "shop", address, env=home)
    assert added.returncode == 0, added.stderr
    asked = quillux("ask", "how many orders are there", "--receipt", env=home)
    assert asked.returncode == 0, asked.stderr
    doctor = quillux("doctor", env=home)
    assert "source shop" in doctor.stdout
    (folder / "pw").write_text("wrong-fake")
    broken = quillux("source", "test", "shop", env=home)
    assert broken.returncode == 5
    for done in (added, asked, doctor, broken, quillux("source", "list")):
        assert PASSWORD not in done.stdout + done.stderr
        assert "wrong-fake" not in done.stdout + done.stderr
    (folder / "pw").unlink()
    for path in folder.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


def test_a_place_for_a_password_that_is_not_there_is_refused(quillux: Quillux, folder: Path) -> None:
    for option in ("--password-env=SHOP_PW", "--password-keyring=quillux/shop"):
        done = quillux("source", "add", "shop", "mysql://reader@db.example.com/shop", "--no-test", option)
        assert done.returncode == 4
        assert "There is no password to move. Nothing was added." in " ".join(done.stderr.split())
    assert not (folder / "quillux.toml").exists()
