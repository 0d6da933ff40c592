"""Tables in an S3-compatible object store, read by Arrow: only the columns and row groups that a query needs."""

import csv
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset as ds
from pyarrow import fs

from knowledge.errors import SourceUnavailable
from knowledge.sources.lake.delta import DeltaLakeTable
from knowledge.sources.lake.drift import as_one
from knowledge.sources.lake.files import comments_of
from knowledge.sources.lake.place import About, LakeTable
from knowledge.sources.lake.s3_access import Access
from knowledge.sources.listing import DELTA_LOG, MOST_TABLES, glob_regex, reader_of, split_pattern, stem_of

_AT_ONCE = 8
_TAGGED = 200
_HEAD = 64 * 1024
_FORMATS = {"read_parquet": "parquet", "arrow": "ipc", "read_json": "json"}


@dataclass(frozen=True, slots=True)
class S3Place:
    """`Place` over a prefix of a bucket, or over the objects that a pattern names."""

    access: Access
    bucket: str
    key: str

    def tables(self) -> list[LakeTable]:
        """As the objects lie there now, grouped as files in a folder are."""
        store = self.access.file_system()
        fixed, pattern = split_pattern(self.key)
        home = "/".join(part for part in (self.bucket, fixed) if part)
        listed = self._listed(store, home)
        if pattern:
            wanted = re.compile(glob_regex(tuple(pattern.split("/"))))
            listed = [info for info in listed if wanted.fullmatch(_below(info.path, home))]
        found = list(self._grouped(store, home, listed, whole=bool(pattern)))
        if not found or len(found) > MOST_TABLES:
            what = "No Parquet, CSV, JSON or Arrow object was found" if not found else "Too many tables are"
            raise self._error(f"{what} at s3://{home}", "Check bucket and prefix, or give a pattern such as *.parquet")
        return found

    def paths(self) -> tuple[Path, ...]:
        """None: Arrow reads it."""
        return ()

    def _listed(self, store: fs.S3FileSystem, home: str) -> list[fs.FileInfo]:
        try:
            one = store.get_file_info(home)
            if one.type == fs.FileType.File:
                return [one]
            infos = store.get_file_info(fs.FileSelector(home, recursive=True))
        except OSError as error:
            raise self._error(*s3_words(str(error), self.access, self.bucket)) from error
        return sorted((info for info in infos if info.type == fs.FileType.File), key=lambda info: str(info.path))

    def _grouped(
        self, store: fs.S3FileSystem, home: str, infos: list[fs.FileInfo], *, whole: bool
    ) -> Iterator[LakeTable]:
        if any(_below(info.path, home).startswith(f"{DELTA_LOG}/") for info in infos):
            yield self._delta(store, home)
            return
        groups: dict[tuple[str, str], list[fs.FileInfo]] = {}
        deltas: dict[str, None] = {}
        for info in infos:
            first, _, rest = _below(info.path, home).partition("/")
            if rest.startswith(f"{DELTA_LOG}/"):
                deltas[first] = None
            reader = reader_of(info.path)
            if reader and info.size and not info.base_name.startswith("."):
                name = home.rpartition("/")[2] if whole else first if rest else stem_of(info.base_name)
                groups.setdefault((name, reader), []).append(info)
        yield from (self._delta(store, f"{home}/{name}") for name in deltas)
        taken = {name.lower() for name in deltas}
        for (name, reader), files in groups.items():
            if name in deltas:
                continue
            single = name if name.lower() not in taken else f"{name}_{reader.removeprefix('read_')}"
            taken.add(single.lower())
            base = home if whole or "/" not in _below(files[0].path, home) else f"{home}/{name}"
            yield S3Table(self.access, store, single, tuple(files), reader, base)

    def _delta(self, store: fs.S3FileSystem, place: str) -> LakeTable:
        name = place.rpartition("/")[2]
        return DeltaLakeTable(self.access.source, name, f"s3://{place}", store, self.access.for_delta())

    def _error(self, why: str, then: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self.access.source}” could not be read: {why}.",
            next_step=f"{then}, then run `quillux source test`.",
        )


@dataclass(slots=True)
class S3Table:
    """`LakeTable` of objects of one kind."""

    access: Access
    store: fs.S3FileSystem = field(repr=False)
    name: str
    files: tuple[fs.FileInfo, ...]
    reader: str
    home: str
    _whole: ds.Dataset | None = field(default=None, repr=False)

    def view(self, database: duckdb.DuckDBPyConnection) -> str | None:
        """None: Arrow reads it."""
        return None

    def dataset(self) -> ds.Dataset:
        """All objects, columns united by name, folders such as `year=2025` as columns."""
        if self._whole is None:
            hive = all("=" in _below(file.path, self.home) for file in self.files)
            whole = partial(
                ds.dataset,
                [file.path for file in self.files],
                filesystem=self.store,
                format=self._format(),
                partitioning=ds.partitioning(flavor="hive") if hive else None,
                partition_base_dir=self.home,
            )
            self._whole = as_one(lambda schema: whole(schema=schema), self.access.source, self.name)
        return self._whole

    def about(self) -> About:
        """Comments of Parquet fields, rows where the footers tell, and when the youngest object was written."""
        dataset = self.dataset()
        moment = max(file.mtime for file in self.files).astimezone(UTC).isoformat(timespec="seconds")
        rows = dataset.count_rows() if self.reader == "read_parquet" else None
        return About(comments_of(dataset.schema), "", moment, rows)

    def state(self) -> str:
        """Names, sizes and times as the store listed them."""
        return _digest([f"{file.path}\0{file.size}\0{file.mtime}" for file in self.files])

    def position(self) -> str:
        """A digest of the objects' tags; of more than two hundred, of names, sizes and times."""
        if len(self.files) > _TAGGED:
            return self.state()
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return _digest(list(threads.map(self._tag, self.files)))

    def check(self) -> None:
        """Raises SourceUnavailable when an object was replaced while it was read."""
        for file in self.files if len(self.files) <= _TAGGED else ():
            now = self.store.get_file_info(file.path)
            if (now.size, now.mtime) != (file.size, file.mtime):
                raise SourceUnavailable(
                    f"“{file.base_name}” of the source “{self.access.source}” changed while it was being read.",
                    next_step="Ask again.",
                )

    def _tag(self, file: fs.FileInfo) -> str:
        with self.store.open_input_stream(file.path) as stream:
            tag = (stream.metadata() or {}).get("ETag", b"")
            return f"{file.path}\0{tag.decode() or (file.size, file.mtime)}"

    def _format(self) -> ds.FileFormat | str:
        if self.reader != "read_csv":
            return _FORMATS[self.reader]
        with self.store.open_input_stream(self.files[0].path, compression="detect") as stream:
            head = bytes(stream.read(_HEAD))
        encoding = "utf8" if _is_utf8(head) else "latin-1"
        options = pa.csv.ParseOptions(delimiter=_delimiter(head.decode("utf-8", "replace")), newlines_in_values=True)
        return ds.CsvFileFormat(options, read_options=pa.csv.ReadOptions(encoding=encoding))


def s3_words(said: str, access: Access, bucket: str) -> tuple[str, str]:
    """What an error of Arrow's client means, and what to do."""
    where = f" at {access.endpoint}" if access.endpoint else ""
    if re.search("ACCESS_DENIED|INVALID_ACCESS_KEY|InvalidAccessKeyId|SignatureDoesNotMatch|SIGNATURE|403", said):
        return f"the object store{where} did not accept the keys", "Check access_key, secret_key and their rights"
    if re.search("NO_SUCH_BUCKET|NoSuchBucket|Path does not exist|404|NOT_FOUND|NO_SUCH_KEY", said):
        return f"there is no bucket “{bucket}”, or nothing below that prefix{where}", "Check the address"
    if re.search("NETWORK_CONNECTION|curlCode|[Tt]imeout|timed out|REQUEST_TIMEOUT|Connection", said):
        return f"the object store{where} can't be reached or does not answer", "Check endpoint and network"
    code = re.search(r"AWS Error ([A-Z_]+)", said)
    return f"the object store{where} said {code[1] if code else 'something unknown'}", "Look into its log"


def _below(path: str, home: str) -> str:
    return path.removeprefix(home).lstrip("/")


def _digest(lines: list[str]) -> str:
    return sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _delimiter(head: str) -> str:
    try:
        return csv.Sniffer().sniff("\n".join(head.splitlines()[:20]), ",;\t|").delimiter
    except csv.Error:
        return ","


def _is_utf8(head: bytes) -> bool:
    try:
        head[: head.rfind(b"\n") + 1 or len(head)].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
