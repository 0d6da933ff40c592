"""The address of a MySQL or MariaDB database."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_SSL = ("ssl_ca", "ssl_cert", "ssl_key")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of `mysql://user:password@host:port/database?ssl_ca=...&ssl_verify=true`."""

    host: str
    port: int
    user: str
    database: str
    password: str = field(repr=False)
    ssl: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, address: str) -> "Address | None":
        """None for an address that cannot be read: what is said of it could repeat the password."""
        try:
            parts = urlsplit(address)
            host, port = unquote(parts.hostname or ""), parts.port or 3306
        except ValueError:
            return None
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        ssl: dict[str, Any] = {key: asked[key] for key in _SSL if asked.get(key)}
        if asked.get("ssl_verify", "").lower() in ("1", "true", "yes"):
            ssl |= {"ssl_verify_cert": True, "ssl_verify_identity": True}
        database = unquote(parts.path.lstrip("/"))
        if not host or not database:
            return None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(host, port, user, database, password, ssl)

    def of(self, user: str, password: str) -> "Address":
        """The same place, for another login."""
        return replace(self, user=user, password=password)
