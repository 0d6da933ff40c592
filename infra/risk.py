"""The operator's rules on risk: Rego, in this process, over the thresholds of the settings."""

import hashlib
import json
import logging
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from regopy import Input, Interpreter, RegoError  # type: ignore[import-untyped]

from conversation.codec import Json, JsonObject
from conversation.errors import OperatorError
from conversation.gates import Deciders, Risk, Stage
from conversation.gates.risks import Ruling
from conversation.principal import Principal
from infra.settings import Settings

REGO = Path(__file__).parents[1] / "manifests/policies/gates.rego"
_SAMPLE: JsonObject = {"do": "run a query", "rows_read": 1, "rows_returned": 1}
LARGEST = 2**53
_FAULTS = (RegoError, ValueError, KeyError, IndexError, TypeError)
_log = logging.getLogger(__name__)

Seconds = Annotated[int, Field(ge=0, le=10 * 365 * 86_400)]


class _People(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    users: list[str] = []
    roles: list[str] = []
    groups: list[str] = []

    def deciders(self) -> Deciders:
        return Deciders(tuple(self.users), tuple(self.roles), tuple(self.groups))


class _Stage(_People):
    name: str = ""
    quorum: Annotated[int, Field(ge=1, le=1_000)] | Literal["any", "all", "majority"] = "any"
    veto: bool = True

    def stage(self) -> Stage:
        return Stage(self.deciders(), self.quorum, self.veto, self.name)


class _Ruling(BaseModel):
    """What the rules must say; anything else can't be used."""

    model_config = ConfigDict(extra="forbid", strict=True)

    risk: Risk
    stages: list[_Stage] = []
    due_seconds: Seconds = 0
    remind_seconds: Seconds = 0
    escalate_seconds: Seconds = 0
    escalate_to: _People = _People()


class RegoRisks:
    """`conversation.gates.risks.Risks` over a file of Rego, which is read once, at the start."""

    def __init__(self, rego: Path, thresholds: JsonObject, approvers: tuple[str, ...] = ()) -> None:
        self._facts: JsonObject = {"thresholds": thresholds, "approvers": list(approvers)}
        try:
            code = rego.read_text("utf-8")
            self._rego = Interpreter()
            self._rego.add_module(rego.name, code)
            self._lock = Lock()
            facts = json.dumps(self._facts, sort_keys=True)
            self._policy = f"gates-{hashlib.sha256(chr(0).join((code, facts)).encode()).hexdigest()[:16]}"
            self._ruling(_SAMPLE, Principal("", "", ""))
        except (OSError, *_FAULTS) as error:
            raise OperatorError(
                f"The rules on risk in {rego} can't be used: {_said(error)}.",
                unchanged="Nothing was started.",
                next_step="Correct them; manifests/policies/README.md says what they may say.",
            ) from error

    @property
    def policy(self) -> str:
        """The version of the rules: equal for equal rules, thresholds and approvers."""
        return self._policy

    def risk(self, action: JsonObject, asked_by: Principal) -> Ruling:
        """What this action takes; high where the rules can't say."""
        try:
            said = self._ruling(action, asked_by)
        except _FAULTS as error:
            _log.error("rules on risk could not be evaluated, so it is high", extra={"why": _said(error)})
            return Ruling("high", self._policy)
        return Ruling(
            said.risk,
            self._policy,
            tuple(stage.stage() for stage in said.stages),
            said.due_seconds,
            said.remind_seconds,
            said.escalate_seconds,
            said.escalate_to.deciders(),
        )

    def _ruling(self, action: JsonObject, asked_by: Principal) -> _Ruling:
        asker = {
            "id": asked_by.id,
            "tenant": asked_by.tenant,
            "roles": sorted(asked_by.roles),
            "groups": sorted(asked_by.groups),
        }
        facts: dict[str, Any] = {**self._facts, "action": _exact(action), "asker": asker}
        with self._lock:
            self._rego.set_input(Input(facts))
            answer = json.loads(str(self._rego.query("data.quillux.gates.ruling")))
        return _Ruling.model_validate(answer["expressions"][0])


def risks(settings: Settings) -> RegoRisks:
    """The rules that the settings name, else ours. Raises OperatorError for a file that can't be used."""
    answers = settings.answers
    thresholds: JsonObject = {
        "rows_read": answers.approval_rows_read,
        "rows_returned": answers.approval_rows_returned,
    }
    rego = Path(settings.gate_policy) if settings.gate_policy else REGO
    return RegoRisks(rego, thresholds, answers.approvers)


def _exact(value: Json) -> Json:
    """The value, checked for numbers that Rego would read as others. Raises ValueError."""
    match value:
        case dict():
            return {name: _exact(item) for name, item in value.items()}
        case list():
            return [_exact(item) for item in value]
        case int() | float() if not abs(value) <= LARGEST:
            raise ValueError("a number is too large to be compared")
    return value


def _said(error: Exception) -> str:
    """What is wrong, without what was put in: an action may hold values that belong in no log."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())[:300]
    return str(error)[:300]
