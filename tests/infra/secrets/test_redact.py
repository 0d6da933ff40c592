"""What is hidden, and what is left alone."""

import json
import logging
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.secrets.redact import MOST, REDACTION, Redaction
from infra.telemetry.logs import configure

PLANTED = 'Pl4nted "sec/ret"\\ü'


@given(
    st.text(st.characters(codec="utf-8"), min_size=6, max_size=30).filter(str.strip),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_a_secret_is_hidden_however_it_is_written(secret: str, before: str, after: str) -> None:
    redaction = Redaction()
    redaction.add(secret)
    for written in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]):
        assert written not in redaction.text(f"{before}{written}{after}") or written in "…" + before + after


def test_a_short_secret_is_hidden_as_a_word_only() -> None:
    redaction = Redaction()
    redaction.add("ab")
    assert redaction.text("password is ab, tables are about") == "password is …, tables are about"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ada:s3cret@host/db", "postgresql://ada:…@host/db"),
        ("postgresql://ada:s3/cr@et@host/db", "postgresql://ada:…@host/db"),
        ("postgresql://ada@host/db", "postgresql://ada@host/db"),
        ("postgresql://ada:${env:PW}@host/db", "postgresql://ada:${env:PW}@host/db"),
        ("postgresql://host/db?password=abc&x=1", "postgresql://host/db?password=…&x=1"),
        ("host=h password=abc dbname=d", "host=h password=… dbname=d"),
        ("s3://bucket?secret_access_key=abc/def", "s3://bucket?secret_access_key=…"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("see https://host:8080/path@v1", "see https://host:8080/path@v1"),
        ("password authentication failed for user ada", "password authentication failed for user ada"),
    ],
)
def test_passwords_of_addresses_are_hidden(text: str, shown: str) -> None:
    assert Redaction().text(text) == shown


@pytest.mark.parametrize("piece", ["://:", "-", "_", "password=", "://a:b", "token-"])
def test_a_hostile_text_takes_no_long_time(piece: str) -> None:
    began = time.process_time()
    Redaction().text(piece * (30_000 // len(piece)))
    assert time.process_time() - began < 2


def test_old_secrets_make_room_for_new_ones() -> None:
    redaction = Redaction()
    for number in range(2 * MOST):
        redaction.add(f"secret-{number}")
    assert redaction.text(f"secret-{2 * MOST - 1}") == "…"
    assert repr(redaction) == f"Redaction({MOST} forms)"


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_log_line_shows_a_secret(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    REDACTION.add(PLANTED)
    try:
        configure("json" if form == "json" else "text", "info")
        log = logging.getLogger("planted")
        log.warning("could not reach %s", f"postgresql://ada:{quote(PLANTED, safe='')}@db")
        log.warning("away", extra={"why": PLANTED, "tried": [{"address": PLANTED}]})
        try:
            raise ConnectionError(f"no way with {PLANTED}") from ValueError(PLANTED)
        except ConnectionError:
            log.exception("failed with %s", PLANTED)
    finally:
        root.handlers, root.level = handlers, level
    written = capsys.readouterr().err
    assert written.count("ConnectionError") >= 1
    assert "…" in written.replace("\\u2026", "…")
    assert "Pl4nted" not in written
