"""Passwords as scrypt hashes, `scrypt$N$salt$hash`, from the standard library."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from binascii import Error

_COST = 2**14


def hash_password(password: str, *, cost: int = _COST) -> str:
    """A salted hash, different each time; about 40 ms and 16 MB at the default cost."""
    salt = secrets.token_bytes(16)
    return f"scrypt${cost}${b64encode(salt).decode()}${b64encode(_derive(password, salt, cost)).decode()}"


def verify_password(password: str, stored: str) -> bool:
    """Whether the password made this hash; False for a hash of another form."""
    try:
        scheme, cost, salt, expected = stored.split("$")
        derived = _derive(password, b64decode(salt), int(cost))
        return scheme == "scrypt" and hmac.compare_digest(derived, b64decode(expected))
    except (ValueError, Error):
        return False


def _derive(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1, maxmem=256 * 1024 * 1024)
