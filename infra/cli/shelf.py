"""Sources that are open for one command, with their catalog; what was read of them is kept for the next command."""

import hashlib
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.cli.codes import say
from infra.openings import opened
from infra.secrets import Secrets
from infra.settings import Settings, SourceSetting
from knowledge.catalog.between import infer_between
from knowledge.catalog.codec import dumps, loads
from knowledge.catalog.model import Catalog, Table
from knowledge.catalog.scan import scan
from knowledge.errors import SourceUnavailable
from knowledge.sources.port import Source
from knowledge.values.port import Values

FOLDER = Path.home() / ".cache" / "quillux"
HOUR = 3600.0
"""Seconds for which the catalog of a database on another machine is good; that of files is until they change."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """`knowledge.federation.Sources` for one command: open sources by name, and all that can be asked of them."""

    sources: Mapping[str, Source]
    whole: Catalog
    secrets: Secrets
    values: Values | None = None

    async def catalog(self, tenant: str) -> Catalog:
        """All tables, whoever runs the command."""
        return self.whole

    def source(self, tenant: str, name: str) -> Source:
        """An open source. Raises SourceUnavailable for an unknown name."""
        if name not in self.sources:
            raise SourceUnavailable(f"There is no source {name!r}.", next_step="Name it with --source.")
        return self.sources[name]

    async def close(self) -> None:
        """Give connections back."""
        for source in self.sources.values():
            await source.close()
        await self.secrets.close()


async def open_shelf(
    addresses: Mapping[str, str], *, fresh: bool = False, folder: Path = FOLDER, configured: Settings | None = None
) -> Shelf:
    """Open sources by name and address. One that is away is said and left out; raises SourceUnavailable if all are.

    A source of the settings is opened with all that they say of it.
    """
    settings = {(source.name, source.address): source for source in configured.sources} if configured else {}
    secrets = Secrets(configured.secrets if configured else None)
    given = [settings.get(pair) or SourceSetting(name=pair[0], address=pair[1]) for pair in addresses.items()]
    sources = {setting.name: opened(setting, secrets, configured.breaker if configured else None) for setting in given}
    tables: list[Table] = []
    away: list[SourceUnavailable] = []
    for name, source in sources.items():
        try:
            tables += await _tables(source, addresses[name], folder, fresh=fresh)
        except SourceUnavailable as error:
            away.append(error)
            say(f"{name} is left out: {error.what}")
    if away and len(away) == len(sources):
        raise away[0]
    whole = Catalog(tuple(tables), {name: source.dialect for name, source in sources.items()})
    return Shelf(sources, await _linked(whole, sources, folder, fresh=fresh), secrets)


def names(addresses: Sequence[str]) -> dict[str, str]:
    """A name for each address, made of its last part."""
    named: dict[str, str] = {}
    for address in addresses:
        last = re.split(r"[/\\]", address.split("?", 1)[0].rstrip("/\\"))[-1]
        stem = re.sub(r"\W+", "_", last.rsplit(".", 1)[0], flags=re.ASCII).strip("_")[:40] or "source"
        stem = stem if stem[0].isalpha() else f"source_{stem}"
        count = sum(name == stem or name.startswith(f"{stem}_") for name in named)
        named[f"{stem}_{count + 1}" if stem in named else stem] = address
    return named


async def _tables(source: Source, address: str, folder: Path, *, fresh: bool) -> Sequence[Table]:
    path = folder / f"catalog-{_digest(source.name, address)}.json"
    if not fresh and _good(path, address):
        with suppress(OSError, ValueError, KeyError, TypeError):
            return loads(path.read_text(encoding="utf-8")).tables
    tables = await scan(source)
    with suppress(OSError):
        _keep(path, dumps(Catalog(tables, {source.name: source.dialect})))
    return tables


async def _linked(whole: Catalog, sources: Mapping[str, Source], folder: Path, *, fresh: bool) -> Catalog:
    """The catalog with the keys between its sources, which are looked for once."""
    if len(sources) < 2:
        return whole
    path = folder / f"keys-{whole.version}.json"
    if not fresh:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return loads(path.read_text(encoding="utf-8"))
    linked = await infer_between(whole, sources.__getitem__)
    with suppress(OSError):
        _keep(path, dumps(linked))
    return linked


def _good(path: Path, address: str) -> bool:
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    return "://" not in address.removeprefix("sqlite:///") or age < HOUR


def _digest(name: str, address: str) -> str:
    """Differs when the address does, and for files when one of them was written."""
    parts = [name, address, *(f"{path} {stat.st_mtime_ns} {stat.st_size}" for path, stat in _files(address))]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _files(address: str) -> Iterator[tuple[Path, os.stat_result]]:
    local = address.removeprefix("sqlite:///")
    if "://" in local:
        return
    path = Path(local).expanduser().absolute()
    around = sorted(path.rglob("*"))[:5_000] if path.is_dir() else [path, path.with_name(f"{path.name}-wal")]
    for file in around:
        with suppress(OSError, ValueError):
            yield file, file.stat()


def _keep(path: Path, text: str) -> None:
    """Sampled values are in a catalog, so only we may read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
