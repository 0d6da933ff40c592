"""The mounted pages: files, headers, configuration, sign-in. Chainlit itself runs in the browser test."""

import tomllib
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.testclient import TestClient

from conversation.principal import Sender
from web.app import WebSettings, config_toml
from web.headers import SecureHeaders
from web.live import title
from web.login import identifier, sender_from_entra, sender_from_proxy, sender_of


def settings(**more: str) -> WebSettings:
    return WebSettings(root=Path("unused"), secret="not a secret", realm="acme", **more)  # type: ignore[arg-type]


def test_uploads_sharing_and_foreign_origins_are_off() -> None:
    config = tomllib.loads(config_toml(settings()))
    assert config["project"]["allow_origins"] == []
    assert not config["features"]["spontaneous_file_upload"]["enabled"]
    assert "*/*" not in str(config["features"]["spontaneous_file_upload"]["accept"])
    assert not config["features"]["allow_thread_sharing"]
    assert not config["features"]["unsafe_allow_html"]


def test_an_address_with_quotes_does_not_break_out_of_the_configuration() -> None:
    evil = 'https://a"]\n[features]\nunsafe_allow_html = true #'
    config = tomllib.loads(config_toml(settings(public_url=evil)))
    assert config["project"]["allow_origins"] == [evil]
    assert not config["features"]["unsafe_allow_html"]


def test_a_person_is_read_back_from_the_identifier() -> None:
    sender = Sender("web", "a/b%c", "ann/x")
    assert sender_of(identifier(sender), "") == Sender("web", "a/b%c", "ann/x", "ann/x")
    assert sender_of("nobody") is None
    assert sender_of("acme/") is None


def test_a_header_counts_only_with_the_secret_of_the_proxy() -> None:
    trusting = settings(trusted_header="X-User", trusted_secret="s3")
    assert sender_from_proxy({"x-user": "ann", "x-proxy-secret": "s3"}, trusting) == Sender("web", "acme", "ann", "ann")
    assert sender_from_proxy({"x-user": "ann", "x-proxy-secret": "s4"}, trusting) is None
    assert sender_from_proxy({"x-user": "ann"}, trusting) is None
    assert sender_from_proxy({"x-proxy-secret": "s3"}, trusting) is None
    assert sender_from_proxy({"x-user": "ann", "x-proxy-secret": ""}, settings(trusted_header="X-User")) is None


def test_a_person_of_entra_is_known_by_the_object_id_and_never_by_name() -> None:
    person = {"id": "0f-1", "displayName": "Ann", "userPrincipalName": "ann@acme.example"}
    entra = settings(entra_tenant="t-1")
    assert sender_from_entra(person, entra) == Sender("web", "t-1", "0f-1", "Ann")
    assert sender_from_entra({"displayName": "Ann"}, entra) is None


def test_pages_over_https_carry_a_policy_and_secure_cookies() -> None:
    app = FastAPI()

    @app.get("/")
    async def page() -> HTMLResponse:
        response = HTMLResponse("<p>hello</p>")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2", secure=True)
        return response

    app.add_middleware(SecureHeaders, https=True)
    answer = TestClient(app).get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert all(cookie.lower().count("secure") == 1 for cookie in answer.headers.get_list("set-cookie"))
    assert len(answer.headers.get_list("set-cookie")) == 2


def test_a_long_question_names_its_conversation_in_one_short_line() -> None:
    assert title("orders\n per   region") == "orders per region"
    assert len(title("word " * 100)) <= 80
