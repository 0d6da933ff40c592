"""What counts as a fresh sign-in: a password typed again, or a proxy's word of one just now."""

from collections.abc import Mapping

import pytest

from conversation.principal import Sender
from web.approvals.fresh import FreshSignIn, Proxy

ANN = Sender("web", "acme", "ann", "Ann")
AT = "2026-01-01T12:00:00+00:00"
NOON = 1_767_268_800


async def authenticate(name: str, password: str) -> Sender | None:
    return Sender("web", "acme", name, name) if password == f"{name}-demo" else None


def vouch(headers: Mapping[str, str]) -> Sender | None:
    return Sender("web", "acme", headers["x-user"]) if headers.get("x-proxy-secret") == "s3" else None


async def test_the_own_password_counts_and_no_other() -> None:
    fresh = FreshSignIn(authenticate, None, "acme")
    assert await fresh.by_password(ANN, "ann-demo", AT)
    assert not await fresh.by_password(ANN, "bob-demo", AT)
    assert not await fresh.by_password(Sender("web", "other", "ann"), "ann-demo", AT)
    assert not await FreshSignIn(None, None, "acme").by_password(ANN, "ann-demo", AT)


async def test_after_five_wrong_passwords_no_further_one_is_looked_at_for_five_minutes() -> None:
    fresh = FreshSignIn(authenticate, None, "acme")
    for _ in range(5):
        assert not await fresh.by_password(ANN, "x", AT)
    assert fresh.locked(ANN)
    assert not await fresh.by_password(ANN, "ann-demo", AT)
    assert await fresh.by_password(ANN, "ann-demo", "2026-01-01T12:05:01+00:00")


@pytest.mark.parametrize(
    ("changed", "since"),
    [
        ({}, "2026-01-01T11:59:00.000000+00:00"),
        ({"x-time": str(NOON - 299)}, "2026-01-01T11:55:01.000000+00:00"),
        ({"x-time": str(NOON - 300)}, ""),
        ({"x-time": str(NOON + 1)}, ""),
        ({"x-time": "now"}, ""),
        ({"x-time": ""}, ""),
        ({"x-time": "9" * 400}, ""),
        ({"x-user": "bob"}, ""),
        ({"x-proxy-secret": "s4"}, ""),
    ],
)
def test_the_word_of_a_proxy_counts_for_this_person_and_five_minutes(changed: dict[str, str], since: str) -> None:
    fresh = FreshSignIn(None, Proxy(vouch, "X-Time"), "acme")
    headers = {"x-user": "ann", "x-proxy-secret": "s3", "x-time": str(NOON - 60), **changed}
    assert fresh.by_proxy(ANN, headers, AT) == since
