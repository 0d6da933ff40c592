"""What the doctor says, against real servers on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.infra.cli.conftest import Quillux


class Service:
    """A local server that stands for the services that the doctor asks; answers by path."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, object]] = {}
        self.seen: list[tuple[str, str]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.seen.append((self.path, self.headers.get("Authorization", "")))
                status, body = service.answers.get(self.path, (404, {}))
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815 - the name is http.server's

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    opened = Service()
    yield opened
    opened.close()


def findings(quillux: Quillux, folder: Path, text: str, port: int = 1) -> dict[str, dict[str, str]]:
    """What the doctor says with this settings file, by name, and its exit code under `exit`."""
    (folder / "quillux.toml").write_text(f"{text}\n[server]\nport = {port}\n")
    done = quillux("doctor", "--json")
    assert done.stdout, done.stderr
    return {item["name"]: item for item in json.loads(done.stdout)} | {"exit": {"code": str(done.returncode)}}


def test_nothing_configured_is_nothing_broken(quillux: Quillux, folder: Path) -> None:
    done = quillux("doctor")
    assert done.returncode == 0, done.stdout
    assert "quillux init" in done.stdout
    assert "source add" in done.stdout
    assert {path.name for path in folder.iterdir()} == {"shop.db"}


def test_a_good_and_a_missing_source(quillux: Quillux, folder: Path) -> None:
    good = "[[sources]]\nname = 'shop'\naddress = 'shop.db'\n"
    said = findings(quillux, folder, good)
    assert (said["source shop"]["state"], said["exit"]["code"]) == ("ok", "0")
    assert said["source shop"]["found"].startswith("2 tables, 8 rows")
    said = findings(quillux, folder, good + "[[sources]]\nname = 'gone'\naddress = 'gone.db'\n")
    assert (said["source gone"]["state"], said["exit"]["code"]) == ("broken", "1")
    assert said["source gone"]["next_step"]


def test_a_database_that_is_away_is_broken_and_its_password_not_shown(quillux: Quillux, folder: Path) -> None:
    said = findings(quillux, folder, "database = 'postgresql://ada:s3cret@127.0.0.1:1/quillux'")
    assert said["database"]["state"] == "broken"
    assert "s3cret" not in json.dumps(said)
    assert said["exit"]["code"] == "1"


def test_redis_that_is_away_is_broken(quillux: Quillux, folder: Path) -> None:
    assert findings(quillux, folder, "redis = 'redis://127.0.0.1:1'")["redis"]["state"] == "broken"


def test_a_server_that_runs_says_whether_it_is_ready(quillux: Quillux, folder: Path, service: Service) -> None:
    service.answers["/ready"] = (200, {"ready": True, "checks": []})
    assert findings(quillux, folder, "", service.port)["server"]["state"] == "ok"
    worker = {"name": "worker", "ok": False, "detail": "last seen 90 s ago"}
    service.answers["/ready"] = (503, {"ready": False, "checks": [worker]})
    server = findings(quillux, folder, "", service.port)["server"]
    assert (server["state"], server["found"]) == ("broken", "not ready: worker (last seen 90 s ago)")


def test_slack_is_asked_with_the_token(quillux: Quillux, folder: Path, service: Service) -> None:
    slack = f"[slack]\nbot_token = 'xoxb-1'\nsigning_secret = 's'\napi_url = '{service.url}/api/'\n"
    service.answers["/api/auth.test"] = (200, {"ok": True, "user": "quillux", "team": "Acme"})
    said = findings(quillux, folder, slack)
    assert service.seen == [("/api/auth.test", "Bearer xoxb-1")]
    assert said["slack"]["state"] == "warning"
    assert "quillux in Acme" in said["slack"]["found"]
    assert "server.public_url" in said["slack"]["next_step"]
    service.answers["/api/auth.test"] = (200, {"ok": False, "error": "invalid_auth"})
    said = findings(quillux, folder, slack)
    assert (said["slack"]["state"], said["exit"]["code"]) == ("broken", "1")
    assert "invalid_auth" in said["slack"]["found"]


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("[slack]\nbot_token = 'x'\n", "slack", "slack.signing_secret is missing"),
        ("[slack]\nbot_token = 'x'\nmode = 'socket'\n", "slack", "slack.app_token is missing"),
        (
            "[teams]\napp_id = 'x'\nopenid_metadata = 'http://127.0.0.1:1/'\n",
            "teams credential",
            "teams.app_secret is missing",
        ),
        ("[web]\nentra_tenant = 'x'\n", "web", "sign-in with Microsoft Entra is half configured"),
        ("[web]\ntrusted_header = 'X-User'\n", "web", "the trusted header could be sent by anybody"),
        ("[model]\nname = 'nobody:x'\n", "model", "langchain_nobody is not installed"),
        ("[model]\nname = 'x'\n", "model", "'x' names no provider"),
    ],
)
def test_what_is_half_configured_is_broken(quillux: Quillux, folder: Path, text: str, name: str, found: str) -> None:
    said = findings(quillux, folder, text)
    assert (said[name]["state"], said[name]["found"]) == ("broken", found)
    assert said[name]["next_step"]
    assert said["exit"]["code"] == "1"


def test_a_credential_that_can_not_be_is_broken(quillux: Quillux, folder: Path) -> None:
    teams = "[teams]\napp_id = 'app'\napp_secret = 's3cret'\ntenant = 'not a tenant!'\n"
    said = findings(quillux, folder, teams + "openid_metadata = 'http://127.0.0.1:1/'\n")
    assert said["teams credential"]["state"] == "broken"
    assert "tenant" in said["teams credential"]["found"].lower()
    assert "s3cret" not in json.dumps(said)


def test_the_keys_of_the_bot_connector_are_read(quillux: Quillux, folder: Path, service: Service) -> None:
    teams = f"[teams]\napp_id = 'app'\nopenid_metadata = '{service.url}/openid'\n"
    service.answers["/openid"] = (200, {"jwks_uri": "x"})
    assert findings(quillux, folder, teams)["teams"]["state"] == "warning"
    service.answers["/openid"] = (200, {})
    assert findings(quillux, folder, teams)["teams"]["state"] == "broken"


def test_secrets_that_everybody_can_read_are_told(quillux: Quillux, folder: Path) -> None:
    text = "[web]\nsecret = 'something'\n"
    (folder / "quillux.toml").touch(0o644)
    assert "everybody can read it" in findings(quillux, folder, text)["settings"]["found"]
    (folder / "quillux.toml").chmod(0o600)
    assert "chmod" not in findings(quillux, folder, text)["settings"]["next_step"]
