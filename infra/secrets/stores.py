"""What a place of secrets answers, and the places on this machine: environment, files, keyring."""

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from infra.settings import environment

MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A secret, and the seconds for which it may be remembered: None as the settings say, 0 not at all."""

    value: str = field(repr=False)
    seconds: float | None = None


class NotFound(Exception):
    """Why there is no secret, in words that hold none."""


Store: TypeAlias = Callable[[str], Awaitable[Found]]
"""From what stands after `store:` to the secret. Raises NotFound."""


async def from_environment(name: str) -> Found:
    """`${env:NAME}`."""
    value = environment(name)
    if not value:
        raise NotFound("the variable is not set")
    return Found(value)


class Files:
    """`${file:/path}`: what Docker and Kubernetes mount; the newline at its end is cut."""

    def __init__(self, *, open_files: bool = False) -> None:
        self._open_files = open_files

    async def __call__(self, name: str) -> Found:
        """Read at each use; blocking, as local files are small and near."""
        return Found(await asyncio.to_thread(self._read, Path(name)))

    def _read(self, path: Path) -> str:
        if not path.is_absolute():
            raise NotFound("the path of the file must begin with /")
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as away:
            raise NotFound(f"the file can't be read ({getattr(away, 'strerror', None) or 'no path'})") from None
        try:
            self._check(os.fstat(handle))
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(MOST_BYTES + 1)
        finally:
            os.close(handle)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise NotFound("the file is not text in UTF-8") from None
        text = text.removesuffix("\n").removesuffix("\r")
        if not text or len(content) > MOST_BYTES:
            raise NotFound(f"the file is {'larger than 64 kB' if text else 'empty'}")
        return text

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise NotFound("it is no file")
        if found.st_mode & 0o002:
            raise NotFound("everybody on this machine may write to the file; chmod 600 it")
        if found.st_mode & 0o004 and not self._open_files:
            raise NotFound("everybody on this machine may read the file; chmod 600 it, or set secrets.open_files")


async def from_keyring(name: str) -> Found:
    """`${keyring:service/user}`; the keyring of the machine, which may take its time to open."""
    service, _, user = name.rpartition("/")
    if not service or not user:
        raise NotFound("write keyring:service/user")
    return Found(await asyncio.to_thread(_keyring, service, user))


def _keyring(service: str, user: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        value = keyring.get_password(service, user)
    except (KeyringError, RuntimeError, OSError) as locked:
        raise NotFound(f"the keyring of this machine can't be used ({type(locked).__name__})") from None
    if not value:
        raise NotFound("the keyring of this machine has no such entry")
    return value


def into_keyring(service: str, user: str, secret: str) -> None:
    """Put a secret into the machine's keyring. Raises NotFound where there is none that keeps it."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(service, user, secret)
        kept = keyring.get_password(service, user)
    except (KeyringError, RuntimeError, OSError) as locked:
        raise NotFound(f"the keyring of this machine can't be used ({type(locked).__name__})") from None
    if kept != secret:
        raise NotFound("the keyring of this machine did not keep it")
