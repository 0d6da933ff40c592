"""Busy, slow, broken and hostile answers: waited for within bounds, then said in words."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.sources.rest.patience import Patience
from tests.knowledge.sources.rest.conftest import Open, rows
from tests.knowledge.sources.rest.server import Answered, Api, Asked, Route, api_server
from tests.knowledge.sources.rest.test_entry import Clock

TABLE = "base: BASE\ntables:\n  items:\n    path: /items\n    columns: {id: integer}\n"
SQL = "SELECT id FROM items"


def busy(times: int, **headers: str) -> Route:
    """Turns so many requests away before it answers."""
    left = [times]

    def route(asked: Asked) -> Answered:
        left[0] -= 1
        return Answered({}, 429, headers) if left[0] >= 0 else Answered([{"id": 1}])

    return route


@pytest.mark.parametrize("seconds", [0, 7])
async def test_an_api_that_asks_to_wait_is_waited_for(api: Api, opened: Open, seconds: int) -> None:
    clock = Clock()
    api.routes["/items"] = busy(2, **{"Retry-After": str(seconds)})
    assert await rows(opened(TABLE, patience=clock.patience()), SQL) == [{"id": 1}]
    assert [wait for wait in clock.waited if wait] == [seconds] * (2 if seconds else 0)


async def test_an_api_may_ask_to_wait_until_a_date(api: Api, opened: Open) -> None:
    clock, today = Clock(), datetime(2026, 1, 1, tzinfo=UTC)
    date = format_datetime(today + timedelta(seconds=9), usegmt=True)
    api.routes["/items"] = busy(1, **{"Retry-After": date})
    patience = Patience(wait=clock.wait, clock=lambda: clock.now, today=lambda: today)
    assert await rows(opened(TABLE, patience=patience), SQL) == [{"id": 1}]
    assert clock.waited == [9.0]


async def test_an_api_that_asks_to_wait_for_long_is_not_waited_for(api: Api, opened: Open) -> None:
    clock = Clock()
    api.routes["/items"] = busy(9, **{"Retry-After": "86400"})
    with pytest.raises(SourceUnavailable, match="wait for 86,400 seconds"):
        await rows(opened(TABLE, patience=clock.patience()), SQL)
    assert not clock.waited


async def test_attempts_are_bounded_and_further_apart_each_time(api: Api, opened: Open) -> None:
    clock = Clock()
    api.routes["/items"] = lambda asked: Answered({}, 503)
    with pytest.raises(SourceUnavailable, match="too busy"):
        await rows(opened(TABLE, patience=clock.patience()), SQL)
    assert len(api.asked) == 4
    assert clock.waited == sorted(clock.waited)
    assert 0 < clock.waited[0] < 0.3


async def test_requests_keep_the_rate_of_the_description(api: Api, opened: Open) -> None:
    clock = Clock()
    api.routes["/items"] = lambda asked: Answered(
        [{"id": int(asked.param("page"))}] if int(asked.param("page")) < 6 else []
    )
    source = opened(f"limits: {{rate: 2}}\n{TABLE}    pages: {{kind: page, param: page}}\n", patience=clock.patience())
    assert len(await rows(source, SQL)) == 5
    assert clock.waited == [0.5] * 5


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answered(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}), "text/html instead of JSON"),
        (Answered(b'{"data": ['), "no JSON"),
        (Answered(b"\xff\xfe\x00"), "no JSON"),
        (Answered(b"[" * 200_000 + b"]" * 200_000), "nested too deeply"),
        (Answered(b"[" + b"9" * 10_000 + b"]"), "no JSON|holds"),
        (Answered("text"), "no list of rows"),
        (Answered([{"id": "many"}]), "“id” of the table “items” holds a text where its type is integer"),
        (Answered([{"id": {"a": 1}}]), "holds an object"),
        (Answered([{"id": 1e300}]), "holds a number"),
        (Answered([{"id": 2**70}]), "holds a whole number"),
        (Answered({"error": "secret detail"}, 500), "answered 500 at /items"),
        (Answered({}, 404), "answered 404"),
    ],
)
async def test_an_answer_that_is_wrong_is_said_in_words(api: Api, opened: Open, answer: Answered, says: str) -> None:
    api.routes["/items"] = lambda asked: answer
    with pytest.raises(SourceUnavailable, match=says) as error:
        await rows(opened(TABLE), SQL)
    assert error.value.next_step
    assert "secret detail" not in str(error.value)


async def test_an_answer_may_be_one_row_or_plain_values(api: Api, opened: Open) -> None:
    api.routes["/items"] = lambda asked: Answered({"id": 7})
    assert await rows(opened(TABLE), SQL) == [{"id": 7}]


async def test_a_redirect_within_the_host_is_followed_and_one_to_another_is_refused(api: Api, opened: Open) -> None:
    auth = "auth: {kind: bearer, token: '${env:SHOP}'}\n"
    api.routes["/new"] = lambda asked: Answered([{"id": 1}])
    api.routes["/items"] = lambda asked: Answered(b"", 307, {"Location": "/new"})
    source = opened(auth + TABLE, {"env:SHOP": "not-a-secret"})
    assert await rows(source, SQL) == [{"id": 1}]
    with api_server() as other:
        other.routes["/items"] = lambda asked: Answered([{"id": 666}])
        api.routes["/items"] = lambda asked: Answered(b"", 302, {"Location": f"{other.address}/items"})
        with pytest.raises(SourceUnavailable, match="another host"):
            await rows(source, SQL)
        linked = opened(f"{auth}{TABLE}    pages: {{kind: link}}\n", {"env:SHOP": "not-a-secret"})
        link = {"Link": f'<{other.address}/items>; rel="next"'}
        api.routes["/items"] = lambda asked: Answered([{"id": 1}], headers=link)
        with pytest.raises(SourceUnavailable, match="another host"):
            await rows(linked, SQL)
        assert not other.asked
    api.routes["/items"] = lambda asked: Answered(b"", 302, {"Location": "/items"})
    with pytest.raises(SourceUnavailable, match="without end"):
        await rows(source, SQL)


@pytest.mark.parametrize(
    "base", ["http://169.254.169.254/latest", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"]
)
async def test_addresses_where_machines_keep_credentials_are_not_asked(opened: Open, base: str) -> None:
    with pytest.raises(SourceUnavailable, match="link-local"):
        await rows(opened(TABLE.replace("BASE", base)), SQL)


async def test_a_server_that_is_not_there_is_unavailable(opened: Open) -> None:
    with socket.socket() as deaf:  # held, but never listened to: no other process gets the port meanwhile
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnavailable, match="can't be reached"):
            await rows(opened(TABLE.replace("BASE", f"http://127.0.0.1:{deaf.getsockname()[1]}")), SQL)


async def test_a_server_that_never_answers_is_left_in_time(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        text = f"limits: {{request_seconds: 0.2, attempts: 1}}\n{TABLE.replace('BASE', address)}"
        with pytest.raises(SourceUnavailable, match="did not answer in time"):
            await rows(opened(text), SQL)


async def test_a_server_that_breaks_off_is_unavailable(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def break_off() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{")
                connection.close()

        thread = threading.Thread(target=break_off, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(SourceUnavailable, match="broke off"):
            await rows(opened(f"limits: {{attempts: 2}}\n{TABLE.replace('BASE', address)}"), SQL)
        thread.join(5)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(opened: Open, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "own.pem"))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        address = f"https://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(SourceUnavailable, match="certificate that can't be trusted"):
            await rows(opened(TABLE.replace("BASE", address)), SQL)
        thread.join(5)


def self_signed(path: Path) -> Path:
    """A key and its own certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_a_server_without_tls_is_no_https(api: Api, opened: Open) -> None:
    text = f"limits: {{attempts: 1}}\n{TABLE.replace('BASE', api.address.replace('http:', 'https:'))}"
    with pytest.raises(KnowledgeError, match=r"can't be reached|certificate"):
        await rows(opened(text), SQL)
