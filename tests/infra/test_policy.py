"""The operator's rules: whom they hold for, what they add up to, and what happens when something is wrong."""

import asyncio
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regopy import Input, Interpreter  # type: ignore[import-untyped]

from conversation.errors import OperatorError
from infra.policy import REGO, FilePolicy, policy, salt
from infra.settings import Settings
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.policy import OPEN, Mask, Masking, TableRules, key_of, visible

T = DataType
ORDERS = Table(
    "shop", "orders", (Column("id", T.INTEGER), Column("region", T.TEXT), Column("email", T.TEXT, tags=("pii:email",)))
)
SALARIES = Table("hr", "salaries", (Column("person", T.TEXT), Column("amount", T.NUMBER)), schema="pay")
BIG = Table("shop", "big_orders", (Column("id", T.INTEGER),), kind="view", reads=("orders",))
OLD = Table("shop", "orders", (Column("id", T.INTEGER), Column("region", T.TEXT)), schema="archive")
ADA = Asker("t", "ada", ("member",), ("eu", "o'neill"))
BOB = Asker("t", "bob", ("admin",), ())


def of(tmp_path: Path, text: str) -> FilePolicy:
    path = tmp_path / "policies.yaml"
    path.write_text(text)
    return FilePolicy(path, "salt")


async def test_a_filter_holds_for_those_it_is_meant_for(tmp_path: Path) -> None:
    rules = of(
        tmp_path,
        """
rules:
  - {name: Own region, tables: ["shop.public.*"], except: {roles: [admin]}, filter: "region IN ({groups})"}
""",
    )
    seen = await rules.rules(ADA, (ORDERS, OLD))
    assert seen[key_of(ORDERS)] == TableRules(filters=("(region IN ('eu', 'o''neill'))",), names=("Own region",))
    assert seen[key_of(OLD)].open
    assert (await rules.rules(BOB, (ORDERS,)))[key_of(ORDERS)].open


async def test_somebody_in_no_group_sees_no_row(tmp_path: Path) -> None:
    rules = of(
        tmp_path, 'rules: [{name: a, tables: ["shop.orders"], filter: "region IN ({groups}) AND email = {person}"}]'
    )
    assert (await rules.rules(BOB, (ORDERS,)))[key_of(ORDERS)].filters == ("(FALSE AND email = 'bob')",)


async def test_tags_are_masked_and_the_strongest_mask_counts(tmp_path: Path) -> None:
    rules = of(
        tmp_path,
        """
rules:
  - {name: Personal data, tables: ["*"], except: {people: [bob]}, mask: {"tag:pii:*": hash}}
  - {name: Readable ends, tables: ["shop.orders"], mask: {email: {partial: 2}, region: {generalise: 1}}}
""",
    )
    seen = (await rules.rules(ADA, (ORDERS,)))[key_of(ORDERS)]
    assert seen.masks == {"email": Mask(Masking.HASH, salt="salt"), "region": Mask(Masking.GENERALISE, step="1")}
    assert seen.names == ("Personal data", "Readable ends")
    assert (await rules.rules(BOB, (ORDERS,)))[key_of(ORDERS)].masks["email"] == Mask(Masking.PARTIAL, keep=2)


async def test_what_no_rule_allows_is_not_seen_when_that_is_the_default(tmp_path: Path) -> None:
    rules = of(tmp_path, 'default: deny\nrules: [{name: a, tables: ["shop.*"], for: {groups: [eu]}, allow: true}]')
    seen = await rules.rules(ADA, (ORDERS, SALARIES))
    assert seen[key_of(ORDERS)].allowed
    assert not seen[key_of(SALARIES)].allowed
    assert visible(Catalog((ORDERS, SALARIES)), seen).tables == (ORDERS,)


async def test_a_view_over_a_restricted_table_is_not_seen_unless_it_is_vouched_for(tmp_path: Path) -> None:
    hidden = 'rules:\n  - {name: a, tables: ["shop.orders"], hide: [email]}\n'
    seen = await of(tmp_path, hidden).rules(ADA, (ORDERS, BIG))
    assert not seen[key_of(BIG)].allowed
    seen = await of(tmp_path, hidden + '  - {name: b, tables: ["shop.big_orders"], vouched: true}').rules(
        ADA, (ORDERS, BIG)
    )
    assert seen[key_of(BIG)].allowed


async def test_a_filter_over_a_column_that_a_table_lacks_hides_the_table(tmp_path: Path) -> None:
    rules = of(tmp_path, 'rules: [{name: a, tables: ["*"], filter: "region = \'EU\'"}]')
    assert not (await rules.rules(ADA, (SALARIES,)))[key_of(SALARIES)].allowed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules:\n  - name: a\n    tables: [x]\n    filter: 'SELECT 1'", "line 4"),
        ("rules:\n  - name: a\n    tables: [x]\n    filter: \"owner = '{person}'\"", "without quotes"),
        ("rules:\n  - name: a\n    tables: [x]\n    filter: 'owner = {groups}'", "are lists"),
        ("rules:\n  - name: a\n    tables: [x]\n    filter: 'read_text(a) = b'", "line 4"),
        ("rules:\n  - name: a\n    tables: [x]\n    mask:\n      email: blur", "line 5"),
        ("rules:\n  - name: a\n    tabels: [x]", "line 3"),
        ("rules:\n  - name: [", "no YAML"),
        ("- 1", "line 1"),
        ("!!python/object/apply:os.system ['true']", "line 1"),
    ],
)
def test_a_mistake_ends_the_start_with_its_line_and_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(OperatorError) as refusal:
        of(tmp_path, text)
    assert says in refusal.value.what
    assert "Correct the file" in refusal.value.next_step


async def test_a_policy_that_cannot_be_evaluated_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("rules: []")
    code = REGO.read_text() + '\nholds contains number if { input.person == "ada"; number := "no number" }\n'
    (tmp_path / "odd.rego").write_text(code)
    odd = FilePolicy(tmp_path / "p.yaml", "salt", tmp_path / "odd.rego")
    assert await odd.rules(ADA, (ORDERS,)) == {}
    assert (await odd.rules(BOB, (ORDERS,)))[key_of(ORDERS)].open
    (tmp_path / "bad.rego").write_text("package quillux.policies\nholds if {")
    with pytest.raises(OperatorError, match="policy code"):
        FilePolicy(tmp_path / "p.yaml", "salt", tmp_path / "bad.rego")


async def test_many_tables_are_decided_once_and_people_alike_share_it(tmp_path: Path) -> None:
    rules = of(tmp_path, 'rules: [{name: a, tables: ["shop.t1"], for: {groups: [eu]}, hide: [id]}]')
    many = tuple(Table("shop", f"t{number}", (Column("id", T.INTEGER), Column("x", T.TEXT))) for number in range(1_000))
    first = await rules.rules(ADA, many)
    assert await rules.rules(Asker("t", "eve", (), ("eu",)), many) is first
    assert await rules.rules(BOB, many) is not first
    catalog = Catalog(many)
    assert visible(catalog, first) is visible(catalog, first) is not catalog
    assert visible(catalog, await rules.rules(BOB, many)) is catalog


def test_the_version_changes_with_the_file_and_the_salt_stays(tmp_path: Path) -> None:
    one, two = of(tmp_path, "rules: []").version, of(tmp_path, "default: deny").version
    assert one != two
    assert salt(tmp_path / "x/policy.salt") == salt(tmp_path / "x/policy.salt")
    assert len(salt(tmp_path / "x/policy.salt")) == 32
    assert (tmp_path / "x/policy.salt").stat().st_mode & 0o077 == 0


def test_no_file_is_no_policy(tmp_path: Path) -> None:
    assert policy(Settings(data=tmp_path)) is OPEN
    example = REGO.with_name("example.yaml")
    assert policy(Settings(data=tmp_path, policy=str(example))).version != "open"


def _cases() -> dict[str, dict[str, object]]:
    rego = Interpreter()
    rego.add_module("data_test.rego", REGO.with_name("data_test.rego").read_text())
    cases: dict[str, dict[str, object]] = json.loads(str(rego.query("data.quillux.policies_test.cases")))[
        "expressions"
    ][0]
    return cases


@pytest.mark.parametrize("name", list(_cases()))
def test_rego(name: str) -> None:
    case = _cases()[name]
    rego = Interpreter()
    rego.add_module("data.rego", REGO.read_text())
    rego.add_data({"policy": {"rules": case["rules"]}})
    rego.set_input(Input(case["input"]))
    assert json.loads(str(rego.query("data.quillux.policies.holds")))["expressions"] == [case["holds"]]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=8), max_size=3))
def test_odd_names_are_only_names(person: str, groups: list[str]) -> None:
    one = {"for": {"people": ["ada"], "groups": ["eu"]}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.yaml"
        path.write_text(json.dumps({"rules": [{"name": "a", "tables": ["*"], "hide": ["id"], **one}]}))
        seen = asyncio.run(FilePolicy(path, "").rules(Asker("t", person, (), tuple(groups)), (ORDERS,)))
    meant = person == "ada" or "eu" in groups
    assert seen == {} or seen[key_of(ORDERS)].open is not meant
