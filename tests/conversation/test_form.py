"""Forms from JSON schemas: what was typed comes back in the schema's own types, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.codec import Json, JsonObject
from conversation.errors import OperatorError
from conversation.gates.form import fields, inputs, read
from infra.schemas import JsonSchemas


def one(told: JsonObject, typed: object, before: Json = None) -> object:
    """What becomes of one field; the fault where there is one."""
    schema: JsonObject = {"type": "object", "properties": {"x": told}, "required": ["x"]}
    values, faults = read(schema, {"x": before}, {"edit.x": typed})
    return faults[0][1] if faults else values["x"]


@pytest.mark.parametrize(
    ("told", "typed", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, " -5 ", -5),
        ({"type": "integer"}, 5, 5),
        ({"type": "integer"}, 5.0, 5),
        ({"type": "number"}, "5", 5),
        ({"type": "number"}, "0.25", 0.25),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "boolean"}, True, True),
        ({"type": "boolean"}, "false", False),
        ({"type": "string"}, "5", "5"),
        ({"type": "string"}, 5, "5"),
        ({"type": ["integer", "null"]}, "", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "7", 7),
        ({"type": "string", "format": "date"}, "2026-01-31", "2026-01-31"),
        ({"enum": [1, 2, "two", True]}, "2", 2),
        ({"enum": [1, 2, "two", True]}, "two", "two"),
        ({"enum": [1, 2, "two", True]}, "true", True),
        ({"type": "array", "items": {"type": "string"}}, " a \n\nb", ["a", "b"]),
        ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}, ["b"], ["b"]),
        ({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}, "", []),
    ],
)
def test_what_is_typed_gets_the_type_of_the_schema(told: JsonObject, typed: object, value: Json) -> None:
    found = one(told, typed)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("told", "typed"),
    [
        ({"type": "integer"}, "5.5"),
        ({"type": "integer"}, "5,000"),
        ({"type": "integer"}, "٥"),
        ({"type": "integer"}, "9" * 400),
        ({"type": "integer"}, ""),
        ({"type": "integer"}, True),
        ({"type": "integer"}, [5]),
        ({"type": "number"}, "NaN"),
        ({"type": "number"}, "1e999"),
        ({"type": "number"}, float("inf")),
        ({"type": "boolean"}, "maybe"),
        ({"type": "string"}, ["x"]),
        ({"type": "string", "format": "date"}, "31.01.2026"),
        ({"enum": ["a"]}, "b"),
        ({"type": "array", "items": {"type": "string", "enum": ["a"]}}, ["a", "c"]),
    ],
)
def test_what_does_not_fit_is_told_in_words(told: JsonObject, typed: object) -> None:
    assert str(one(told, typed)).startswith(("write", "choose"))


def test_only_what_can_be_edited_is_a_field_and_all_else_is_kept() -> None:
    schema: JsonObject = {
        "properties": {
            "id": {"const": "x"},
            "fixed": {"type": "string", "readOnly": True},
            "rows": {"type": "array", "items": {"type": "object"}},
            "metric": {
                "anyOf": [{"type": "object", "properties": {"unit": {"type": "string"}}}, {"type": "null"}],
                "title": "Metric",
            },
            "missing": {"type": "object", "properties": {"a": {"type": "string"}}},
        }
    }
    action: JsonObject = {"id": "x", "fixed": "y", "rows": [{"a": 1}], "metric": {"unit": "EUR", "other": 1}}
    assert [(field.id, field.label) for field in fields(schema, action)] == [("edit.metric.unit", "Metric: Unit")]
    forged: dict[str, object] = {"edit.id": "z", "edit.fixed": "z", "edit.rows": "z", "edit.metric.unit": "USD"}
    values, faults = read(schema, action, {**forged, "edit.missing.a": "z", "id": "z", "edit.metric.other": "z"})
    changed: JsonObject = {"unit": "USD", "other": 1}
    assert (values, faults) == ({**action, "metric": changed}, [])
    assert action["metric"] == {"unit": "EUR", "other": 1}


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(-(10**9), 10**9) | st.booleans() | st.text(max_size=20)))
def test_a_form_that_nobody_changed_changes_nothing(action: dict[str, int | bool | str]) -> None:
    kinds = {bool: "boolean", int: "integer", str: "string"}
    told: JsonObject = {name: {"type": kinds[type(value)]} for name, value in action.items()}
    schema: JsonObject = {"type": "object", "properties": told}
    shown = {field.id: field.value for field in inputs(schema, dict(action))}
    assert read(schema, dict(action), shown) == (action, [])


def test_the_schema_is_checked_and_nothing_is_fetched_for_it() -> None:
    schemas = JsonSchemas()
    schema: JsonObject = {
        "type": "object",
        "properties": {"rows": {"type": "integer", "title": "Most rows", "minimum": 1}},
        "additionalProperties": False,
    }
    assert list(schemas.faults(schema, {"rows": 1})) == []
    assert list(schemas.faults(schema, {"rows": 0})) == [("Most rows", "must be 1 or more")]
    assert schemas.faults(schema, {"rows": 1, "x": 1})[0][0] == ""
    wrong: tuple[JsonObject, ...] = ({"type": "none"}, {"$ref": "http://127.0.0.1:9/schema.json"})
    for broken in wrong:
        with pytest.raises(OperatorError, match="schema"):
            schemas.faults(broken, {"rows": 1})
