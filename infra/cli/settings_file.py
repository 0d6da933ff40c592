"""The settings file: written with every setting explained, and edited without touching anything else in it."""

import json
import os
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from conversation.errors import OperatorError
from infra.settings import DocumentsSetting, Person, Settings, SourceSetting

_EXAMPLES: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "sources": (SourceSetting, {"name": "warehouse", "address": "sqlite:///warehouse.db"}),
    "documents": (DocumentsSetting, {"name": "handbook", "path": "/srv/handbook", "link": "https://wiki.example/"}),
    "people": (Person, {"id": "ada", "name": "Ada", "roles": ["member", "approver"], "identities": ["slack:T0:U0"]}),
}
_HEADER = """\
# Settings of Quillux. A line that begins with `# name =` shows a default; remove the `#` to change it.
# The environment wins over this file: QUILLUX_SERVER__PORT=9000 is `port` in [server].
"""
_BLOCK = re.compile(r"^\s*\[")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def explained() -> str:
    """A settings file in which every setting stands with its default and what it is for."""
    return "\n".join((_HEADER, *_settings()))


def _settings() -> Iterator[str]:
    fields = Settings.model_fields
    plain = {name: field for name, field in fields.items() if _section(field) is None and name not in _EXAMPLES}
    for name, field in plain.items():
        yield from _setting(name, field)
    for name, field in fields.items():
        section = _section(field)
        if section is not None:
            yield f"\n# {(section.__doc__ or '').strip()}\n[{name}]"
            for inner, described in section.model_fields.items():
                yield from _setting(inner, described)
    for name, (model, example) in _EXAMPLES.items():
        yield from _example(name, model, example)


def _setting(name: str, field: FieldInfo) -> Iterator[str]:
    yield f"# {field.description or ''}".rstrip()
    yield f"# {name} = {_toml(field.default)}\n"


def _example(name: str, model: type[BaseModel], example: dict[str, Any]) -> Iterator[str]:
    yield f"\n# {(model.__doc__ or '').strip()} One block for each.\n# [[{name}]]"
    for inner, field in model.model_fields.items():
        default = None if field.default is PydanticUndefined else field.default
        yield f"# {inner} = {_toml(example.get(inner, default))}  # {field.description or ''}"


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _toml(value: object) -> str:
    """A value as TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:_}" if abs(value) >= 100_000 else str(value)
        case float():
            return repr(value)
        case tuple() | list():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case SecretStr():
            return _toml(value.get_secret_value())
        case BaseModel():
            return _toml({name: getattr(value, name) for name in type(value).model_fields})
        case dict():
            return f"{{{', '.join(f'{_key(name)} = {_toml(item)}' for name, item in value.items())}}}"
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _toml(name)


def with_source(text: str, name: str, address: str, **more: object) -> str:
    """The file's text with one more source at its end. Raises OperatorError where that would change anything else."""
    return with_block(text, "sources", {"name": name, "address": address, **more})


def with_block(text: str, table: str, values: dict[str, object]) -> str:
    """The file's text with one more `[[table]]` at its end. Raises OperatorError where more would change."""
    block = "".join((f"[[{table}]]\n", *(f"{key} = {_toml(value)}\n" for key, value in values.items())))
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    before = _parsed(text)
    return _checked(text + gap + block, {**before, table: [*_entries(before, table), values]}, table)


def without_source(text: str, name: str) -> str:
    """The file's text without the block of this source; comments before the next block stay."""
    return without_block(text, "sources", name)


def without_block(text: str, table: str, name: str) -> str:
    """The file's text without the `[[table]]` of this name; the next block's comments stay. Raises OperatorError."""
    before = _parsed(text)
    wanted = {**before, table: [entry for entry in _entries(before, table) if entry.get("name") != name]}
    if not wanted[table]:
        wanted.pop(table)
    lines = text.splitlines(keepends=True)
    for start, end in _blocks(lines, table):
        if _named("".join(lines[start:end]), table, name):
            return _checked("".join(lines[:start] + lines[end:]).rstrip("\n") + "\n", wanted, table)
    raise _by_hand(table)


def _blocks(lines: list[str], table: str) -> Iterator[tuple[int, int]]:
    """First and last line (exclusive) of each `[[table]]` block, without the comments that belong to the next."""
    heads = [at for at, line in enumerate(lines) if _BLOCK.match(line)] + [len(lines)]
    for start, end in pairwise(heads):
        if re.match(rf"\s*\[\[\s*{table}\s*\]\]", lines[start]):
            while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
                end -= 1
            yield start, end


def _named(block: str, table: str, name: str) -> bool:
    try:
        return any(entry.get("name") == name for entry in _entries(tomllib.loads(block), table))
    except tomllib.TOMLDecodeError:
        return False


def write(path: Path, text: str) -> None:
    """Replace a file as a whole: whoever reads it sees the old or the new one. Its permissions stay."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    fresh = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.chmod(mode)
    fresh.replace(path)


def _checked(text: str, wanted: dict[str, Any], table: str) -> str:
    """The text, if it says exactly what is wanted."""
    if _parsed(text) != wanted:
        raise _by_hand(table)
    return text


def _by_hand(table: str) -> OperatorError:
    return OperatorError(
        f"The {table} in the settings file are written in a way that this command can't change safely.",
        unchanged="The file was not changed.",
        next_step=f"Edit it by hand: each is a [[{table}]] block with its `name`.",
    )


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise OperatorError(
            f"The settings file is not valid TOML: {wrong}.",
            unchanged="The file was not changed.",
            next_step="Correct it; `quillux init --stdout` shows a valid one.",
        ) from wrong


def _entries(parsed: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found = parsed.get(table, [])
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
