"""The data policies of an installation: a YAML file of rules, and Rego, in this process, that says whom each is for."""

import asyncio
import hashlib
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from regopy import Input, Interpreter, RegoError  # type: ignore[import-untyped]

from conversation.errors import OperatorError
from infra.policy_file import read_rules
from infra.settings import Settings
from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.policy import OPEN, Key, Policy, TableRules
from knowledge.policy.filters import asked_by
from knowledge.policy.gather import Said, gather

REGO = Path(__file__).parents[1] / "manifests/policies/data.rego"
KEPT = 256
LARGE = 500
"""Tables above which rules are gathered outside the event loop, and kept."""

T = TypeVar("T")
_log = logging.getLogger(__name__)


def policy(settings: Settings) -> Policy:
    """What the settings name, or no policy at all. Raises OperatorError for a file that can't be used."""
    if not settings.policy:
        return OPEN
    return FilePolicy(Path(settings.policy), salt(settings.data / "policy.salt"))


def salt(path: Path) -> str:
    """The installation's secret for hashes of masked values, made once. Copy it along to keep hashes as they were."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16))
        return path.read_text().strip()
    except OSError as error:
        raise OperatorError(
            f"The secret of hashed columns can't be kept in {path}: {error.strerror}.",
            unchanged="Nothing was started.",
            next_step="Let Quillux write to its data folder.",
        ) from error


class FilePolicy:
    """`knowledge.policy.Policy` over a file of rules. The file is read once, at the start."""

    def __init__(self, path: Path, secret: str, rego: Path = REGO) -> None:
        self._rules, text = read_rules(path)
        self._said = tuple(rule.said(secret) for rule in self._rules.rules)
        self._open = self._rules.default == "allow"
        code = rego.read_text()
        self.version = hashlib.sha256("\0".join((code, text, secret)).encode()).hexdigest()[:16]
        self._rego = Interpreter()
        try:
            self._rego.add_module(rego.name, code)
            self._rego.add_data_json(json.dumps({"policy": {"rules": [rule.whom() for rule in self._rules.rules]}}))
            self._evaluate(Asker("", ""))
        except (RegoError, ValueError, KeyError, IndexError, TypeError) as error:
            raise OperatorError(
                f"The policy code {rego.name} can't be used: {str(error)[:300]}.",
                unchanged="Nothing was started.",
                next_step="Correct it; `pytest tests/infra/test_policy.py` runs its tests.",
            ) from error
        self._holding: OrderedDict[tuple[object, ...], tuple[Said, ...]] = OrderedDict()
        self._gathered: OrderedDict[tuple[object, ...], tuple[Sequence[Table], Mapping[Key, TableRules]]] = (
            OrderedDict()
        )

    async def rules(self, asker: Asker, tables: Sequence[Table]) -> Mapping[Key, TableRules]:
        """See the port. When the policy can't be evaluated, nothing may be seen."""
        who = (asker.tenant, asker.person, tuple(sorted(asker.roles)), tuple(sorted(asker.groups)))
        try:
            holding = self._holding.get(who)
            if holding is None:
                holding = _keep(self._holding, who, self._evaluate(asker))
        except (RegoError, ValueError, KeyError, IndexError, TypeError):
            _log.exception("The data policy could not be evaluated; nothing is shown.")
            return {}
        if len(tables) < LARGE:
            return gather(tables, holding, open_by_default=self._open)
        # Two people under the same rules share one answer, and so one view of the catalog.
        key = (holding, id(tables))
        kept = self._gathered.get(key)
        if kept is None:
            found = await asyncio.to_thread(gather, tables, holding, open_by_default=self._open)
            kept = _keep(self._gathered, key, (tables, found))
        return kept[1]

    def _evaluate(self, asker: Asker) -> tuple[Said, ...]:
        self._rego.set_input(
            Input(
                {
                    "tenant": asker.tenant,
                    "person": asker.person,
                    "roles": sorted(asker.roles),
                    "groups": sorted(asker.groups),
                }
            )
        )
        answer = json.loads(str(self._rego.query("data.quillux.policies.holds")))
        numbers = answer["expressions"][0]
        said = (self._said[int(number)] for number in sorted(numbers))
        return tuple(replace(rule, filter=asked_by(rule.filter, asker)) for rule in said)


def _keep(shelf: OrderedDict[tuple[object, ...], T], key: tuple[object, ...], value: T) -> T:
    shelf[key] = value
    while len(shelf) > KEPT:
        shelf.popitem(last=False)
    return value
