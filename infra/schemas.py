"""Checks values against JSON schemas (draft 2020-12). Nothing is fetched: a schema may refer to itself only."""

from collections.abc import Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from conversation.codec import JsonObject
from conversation.errors import OperatorError

MOST = 10
"""Faults that are told at once."""


class JsonSchemas:
    """`conversation.gates.ceremony.Schemas`."""

    def faults(self, schema: JsonObject, value: JsonObject) -> Sequence[tuple[str, str]]:
        """What is wrong, as (field, words). Raises OperatorError for a schema that is none."""
        try:
            Draft202012Validator.check_schema(schema)
            checks = Draft202012Validator(
                schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
            )
            found = sorted(checks.iter_errors(value), key=lambda fault: [str(part) for part in fault.absolute_path])
        except (SchemaError, Unresolvable) as wrong:
            raise OperatorError("The schema of this action can't be read, so no change of it is taken.") from wrong
        return [(_field(schema, fault), _words(fault)) for fault in found[:MOST]]


def _field(schema: JsonObject, fault: ValidationError) -> str:
    """The name of the field as the form shows it."""
    names: list[str] = []
    part: object = schema
    for step in fault.absolute_path:
        told = part.get("properties", {}).get(step) if isinstance(part, dict) else None
        title = told.get("title") if isinstance(told, dict) else None
        names.append(str(title or step).replace("_", " "))
        part = told
    return ": ".join(name[:1].upper() + name[1:] for name in names)


def _words(fault: ValidationError) -> str:
    """The fault in words; values are quoted short, for they may be long."""
    limit: Any = fault.validator_value
    match fault.validator:
        case "minimum":
            return f"must be {limit} or more"
        case "maximum":
            return f"must be {limit} or less"
        case "minLength" if limit == 1:
            return "must not be empty"
        case "maxLength":
            return f"may have {limit} characters"
        case "enum":
            return f"must be one of {', '.join(map(str, limit))}"[:300]
        case _:
            return fault.message[:300]
