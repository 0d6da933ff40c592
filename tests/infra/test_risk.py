"""The rules on risk: what they say by default, an operator's own, and what happens when they can't say."""

import json
from pathlib import Path

import pytest
from regopy import Input, Interpreter  # type: ignore[import-untyped]

from conversation.codec import JsonObject
from conversation.errors import OperatorError
from conversation.gates import Deciders, Stage
from conversation.principal import Principal
from infra.risk import REGO, RegoRisks, risks
from infra.settings import Answers, Settings

ADA = Principal("ada", "t", "Ada", ("member",), ("eu",))
HEAVY: JsonObject = {"do": "run a query", "rows_read": 2_000, "rows_returned": 5}
LIMITS: JsonObject = {"rows_read": 1_000, "rows_returned": 100}
HEAD = "package quillux.gates\nimport rego.v1\n"


def of(tmp_path: Path, code: str) -> RegoRisks:
    path = tmp_path / "own.rego"
    path.write_text(HEAD + code)
    return RegoRisks(path, LIMITS, ("approver",))


def _cases() -> dict[str, dict[str, object]]:
    rego = Interpreter()
    rego.add_module("gates_test.rego", REGO.with_name("gates_test.rego").read_text())
    cases: dict[str, dict[str, object]] = json.loads(str(rego.query("data.quillux.gates_test.cases")))["expressions"][0]
    return cases


@pytest.mark.parametrize("name", list(_cases()))
def test_rego(name: str) -> None:
    case = _cases()[name]
    rego = Interpreter()
    rego.add_module("gates.rego", REGO.read_text())
    rego.set_input(Input(case["input"]))
    (ruling,) = json.loads(str(rego.query("data.quillux.gates.ruling")))["expressions"]
    assert ruling == {"risk": case["risk"]}, "times are left to the settings"


def test_the_thresholds_are_those_of_the_settings() -> None:
    low = risks(Settings(answers=Answers(approval_rows_read=1_500)))
    high = risks(Settings(answers=Answers(approval_rows_read=15)))
    assert low.risk(HEAVY, ADA).risk == "low"
    assert high.risk(HEAVY, ADA).risk == "high"
    assert low.policy != high.policy
    assert low.policy == risks(Settings(answers=Answers(approval_rows_read=1_500))).policy


def test_the_rules_of_an_operator_say_who_decides_and_until_when(tmp_path: Path) -> None:
    own = of(
        tmp_path,
        """
ruling := {
	"risk": "medium",
	"stages": [
		{"name": "Finance", "groups": ["finance"], "quorum": 2, "veto": false},
		{"roles": input.approvers, "quorum": "majority"},
	],
	"due_seconds": 60,
	"escalate_seconds": 30,
	"escalate_to": {"users": ["ceo"]},
} if "eu" in input.asker.groups
else := {"risk": "low"}
""",
    )
    ruling = own.risk(HEAVY, ADA)
    assert ruling.stages == (
        Stage(Deciders(groups=("finance",)), 2, False, "Finance"),
        Stage(Deciders(roles=("approver",)), "majority"),
    )
    assert (ruling.risk, ruling.due_seconds, ruling.escalate_seconds) == ("medium", 60, 30)
    assert ruling.escalate_to == Deciders(users=("ceo",))
    assert own.risk(HEAVY, Principal("bob", "t", "Bob")).risk == "low"


@pytest.mark.parametrize(
    "said",
    [
        '{"risk": "none"}',
        '{"risk": "low", "stages": [{"quorum": 0}]}',
        '{"risk": "low", "due_seconds": -1}',
        '{"risk": "low", "ceremony": "none"}',
        '{"stages": []}',
        '"low"',
        "input.action.missing",
    ],
)
def test_what_can_not_be_evaluated_is_high_never_lower(tmp_path: Path, said: str) -> None:
    own = of(tmp_path, f'ruling := {{"risk": "low"}} if input.asker.id == ""\nelse := {said}\n')
    assert own.risk(HEAVY, ADA).risk == "high"
    assert own.risk(HEAVY, ADA).policy == own.policy


@pytest.mark.parametrize("code", ["ruling if {", "ruling := 1", "other := 1", 'ruling := {"risk": "some"}'])
def test_rules_that_say_nothing_usable_end_the_start(tmp_path: Path, code: str) -> None:
    with pytest.raises(OperatorError, match="rules on risk"):
        of(tmp_path, code)


def test_a_file_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="rules on risk"):
        risks(Settings(gate_policy=str(tmp_path / "none.rego")))


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**80, -(2**80), 1e300, "x" * 100_000, {"a": [{}] * 10}, "\x00\ud800"]
)
def test_odd_values_of_an_action_are_high_or_only_values(tmp_path: Path, value: object) -> None:
    del tmp_path
    ours = risks(Settings())
    assert ours.risk({"do": "run a query", "rows_read": value}, ADA).risk == "high"  # type: ignore[dict-item]
