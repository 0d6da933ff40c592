"""Reads the rules of a policy file, and says of a mistake in which line it is and what to do."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from conversation.errors import OperatorError
from knowledge.errors import Refused
from knowledge.policy.filters import read_filter
from knowledge.policy.gather import Said
from knowledge.policy.port import Mask, Masking

Place = tuple[str | int, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Who(_Strict):
    """People, by their ids, roles or groups; any of them is enough."""

    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Masked(_Strict):
    """`{partial: 4}` keeps the last characters, `{generalise: 10}` (or `month`) gives ranges."""

    partial: int | None = Field(None, ge=0, le=64)
    generalise: str | int | float | None = None


class Rule(_Strict):
    """One rule: for whom, on which tables, and what of them is seen."""

    name: str = Field(min_length=1, max_length=200)
    tables: tuple[str, ...] = Field(min_length=1)
    meant: Who | None = Field(None, alias="for")
    excepted: Who | None = Field(None, alias="except")
    allow: bool | None = None
    filter: str = Field("", max_length=2_000)
    mask: dict[str, Literal["null", "hash", "partial", "generalise"] | Masked] = {}
    hide: tuple[str, ...] = ()
    vouched: bool = False

    @field_validator("filter")
    @classmethod
    def _is_a_condition(cls, text: str) -> str:
        try:
            if text:
                read_filter(text)
        except Refused as error:
            raise ValueError(error.what) from error
        return text

    def whom(self) -> dict[str, object]:
        """What Rego is told of the rule."""
        whom = {"name": self.name, "for": self.meant, "except": self.excepted}
        return {
            key: value.model_dump() if isinstance(value, Who) else value
            for key, value in whom.items()
            if value is not None
        }

    def said(self, salt: str) -> Said:
        """The rule without its asker."""
        return Said(
            self.name,
            tuple(table.lower() for table in self.tables),
            self.allow,
            self.filter,
            tuple((column.lower(), _mask(mask, salt)) for column, mask in self.mask.items()),
            tuple(column.lower() for column in self.hide),
            self.vouched,
        )


class Rules(_Strict):
    """All rules of a file. `default` is for tables that no rule allows or refuses."""

    default: Literal["allow", "deny"] = "allow"
    rules: tuple[Rule, ...] = ()


def read_rules(path: Path) -> tuple[Rules, str]:
    """The rules and the text of the file. Raises OperatorError with the line of whatever is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        return Rules.model_validate(yaml.safe_load(text) or {}), text
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise _wrong(path, _line(tree, tuple(first["loc"])), first["msg"].removeprefix("Value error, ")) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _wrong(path, line, f"it is no YAML: {error.problem}") from error
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise _wrong(path, 0, f"it can't be read: {str(error)[:200]}") from error


def _mask(given: str | Masked, salt: str) -> Mask:
    if isinstance(given, Masked):
        if given.generalise is not None:
            return Mask(Masking.GENERALISE, step=str(given.generalise))
        return Mask(Masking.PARTIAL, keep=4 if given.partial is None else given.partial)
    kind = Masking(given)
    return Mask(kind, salt=salt) if kind is Masking.HASH else Mask(kind)


def _line(tree: yaml.Node | None, place: Place) -> int:
    """The line of the value at a place, or of the nearest thing around it."""
    line = 1
    for step in place:
        if isinstance(tree, yaml.MappingNode):
            found = next((pair for pair in tree.value if pair[0].value == str(step)), None)
        elif isinstance(tree, yaml.SequenceNode) and isinstance(step, int) and step < len(tree.value):
            found = (tree.value[step], tree.value[step])
        else:
            found = None
        if found is None:
            return line
        line, tree = found[0].start_mark.line + 1, found[1]
    return line


def _wrong(path: Path, line: int, why: str) -> OperatorError:
    where = f"{path}, line {line}" if line else str(path)
    return OperatorError(
        f"The data policies can't be used: {where}: {why.rstrip('.')}.",
        unchanged="Nothing was started.",
        next_step="Correct the file; manifests/policies/README.md says what a rule may contain.",
    )
