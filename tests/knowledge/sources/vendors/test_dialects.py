"""The SQL that a vendor is sent: rendered and read back, and what its SQLAlchemy dialect writes; nothing connects."""

import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlglot

from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.types import from_native
from knowledge.errors import NotAllowed, Refused, SourceUnavailable
from knowledge.sources.kinds import KINDS
from knowledge.sources.opening import Identity, Opening
from knowledge.sources.registry import open_source
from knowledge.sources.sdk.database import DatabaseSource
from knowledge.sources.sdk.reading import read_query
from knowledge.sources.vendors.opener import alchemical
from knowledge.sources.vendors.records import VENDORS, Vendor

ROOT = Path(__file__).parents[4]
QUERIES = '''
SELECT a FROM t ORDER BY a LIMIT 5
SELECT a FROM t ORDER BY a LIMIT 5 OFFSET 10
SELECT "odd ""name""", "select", "Ünï" FROM "my schema"."a]b`c"
SELECT d + INTERVAL 7 DAY FROM t WHERE d > CURRENT_DATE - INTERVAL 1 MONTH
SELECT date_trunc('month', d) AS m, count(*) FROM t GROUP BY date_trunc('month', d)
SELECT date_trunc('week', d) AS m, max(d) FROM t GROUP BY 1
SELECT extract(year FROM d), extract(month FROM d) FROM t
SELECT a FROM t WHERE d >= CAST('2025-01-01' AS DATE) AND d < CAST('2026-01-01' AS TIMESTAMP)
SELECT lower(a), upper(a), length(a), substring(a, 1, 3), trim(a), replace(a, 'x', 'y'), a || '-' || b FROM t
SELECT a FROM t WHERE a LIKE 'x%' AND a NOT LIKE '%y'
SELECT a FROM t WHERE a ILIKE '%x%' OR NOT a ILIKE 'y'
SELECT a FROM t WHERE flag = TRUE AND other = FALSE
SELECT a > 5 AS big, a IS NULL AS gone FROM t
SELECT sum(CASE WHEN a > 0 THEN 1 ELSE 0 END), coalesce(a, 0), nullif(a, 0) FROM t GROUP BY a
SELECT count(*) FILTER (WHERE a > 0), sum(b) FILTER (WHERE a > 0) FROM t
SELECT count(DISTINCT a), avg(b), min(c), stddev(b) FROM t HAVING count(*) > 3
SELECT a, row_number() OVER (PARTITION BY b ORDER BY a DESC) AS r, sum(a) OVER (ORDER BY d) AS s FROM t
WITH x AS (SELECT a, sum(b) AS s FROM t GROUP BY a) SELECT x.a, s FROM x JOIN u ON x.a = u.a
SELECT a FROM t UNION ALL SELECT a FROM u
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) AND b IN (1, 2) AND c BETWEEN 1 AND 9
SELECT a FROM t ORDER BY a DESC NULLS LAST
SELECT CAST(a AS TEXT), CAST(b AS DOUBLE), CAST(c AS DECIMAL(10, 2)), CAST(d AS TIMESTAMP), CAST(e AS BIGINT) FROM t
SELECT 'it''s', '100%', 'a:b', 'c?d' FROM t
SELECT round(a, 2), abs(a), a / 2, a % 3, -a FROM t
SELECT quantile_cont(a, 0.9), median(a) FROM t
'''.strip().splitlines()
NOT_TAKEN = {("mssql", QUERIES[-1])}


@pytest.fixture(params=VENDORS.values(), ids=list(VENDORS))
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


def sent(vendor: Vendor, sql: str) -> str:
    """What the vendor is sent for a query in its own dialect."""
    return vendor.speech.mend(read_query(sql, vendor.speech.dialect)).sql(vendor.speech.dialect, comments=False)


def written(vendor: Vendor, sql: str) -> str:
    """A query of ours in the vendor's dialect, as it is sent."""
    return sent(vendor, sqlglot.parse_one(sql, read="duckdb").sql(vendor.speech.dialect))


@pytest.mark.parametrize("sql", QUERIES)
def test_what_is_sent_is_read_back_as_the_same(vendor: Vendor, sql: str) -> None:
    if (vendor.scheme, sql) in NOT_TAKEN:
        with pytest.raises(Refused, match="no percentile"):
            written(vendor, sql)
        return
    once = written(vendor, sql)
    assert sent(vendor, once) == once


EXPECTED = {
    "mssql": {
        "SELECT a FROM t LIMIT 5": "SELECT TOP 5 a FROM t",
        "SELECT a FROM t WHERE a ILIKE '%x'": "SELECT a FROM t WHERE LOWER(a) LIKE LOWER('%x')",
        "SELECT d - INTERVAL 7 DAY FROM t": "SELECT DATEADD(DAY, -7, d) FROM t",
        "SELECT date_trunc('month', d) FROM t": "SELECT DATETRUNC(MONTH, d) FROM t",
        "SELECT a > 5 AS big FROM t": "SELECT CASE WHEN a > 5 THEN 1 WHEN NOT (a > 5) THEN 0 END AS big FROM t",
        "SELECT a FROM t WHERE flag = TRUE": "SELECT a FROM t WHERE flag = 1",
        'SELECT "a]b" FROM t': "SELECT [a]]b] FROM t",
    },
    "snowflake": {
        "SELECT quantile_cont(a, 0.9) FROM t": "SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT a FROM t WHERE a ILIKE '%x'": "SELECT a FROM t WHERE a ILIKE '%x'",
        'SELECT "a""b" FROM "t"': 'SELECT "a""b" FROM "t"',
    },
    "bigquery": {
        "SELECT quantile_cont(a, 0.9) FROM t": "SELECT APPROX_QUANTILES(a, 100)[OFFSET(90)] FROM t",
        "SELECT a FROM t WHERE a ILIKE '%x'": "SELECT a FROM t WHERE LOWER(a) LIKE LOWER('%x')",
        'SELECT "a`b" FROM "t"': "SELECT `a\\`b` FROM `t`",
        "SELECT CAST(a AS TEXT) FROM t": "SELECT CAST(a AS STRING) FROM t",
    },
    "databricks": {
        "SELECT quantile_cont(a, 0.9) FROM t": "SELECT PERCENTILE_APPROX(a, 0.9) FROM t",
        'SELECT "a`b" FROM "t"': "SELECT `a``b` FROM `t`",
    },
    "trino": {
        "SELECT quantile_cont(a, 0.9) FROM t": "SELECT APPROX_PERCENTILE(a, 0.9) FROM t",
        "SELECT a FROM t LIMIT 5 OFFSET 10": "SELECT a FROM t OFFSET 10 LIMIT 5",
        "SELECT a FROM t WHERE a ILIKE '%x'": "SELECT a FROM t WHERE LOWER(a) LIKE LOWER('%x')",
    },
    "clickhouse": {
        "SELECT quantile_cont(a, 0.9) FROM t": "SELECT quantile(0.9)(a) FROM t",
        "SELECT date_trunc('month', d) FROM t": "SELECT dateTrunc('MONTH', d) FROM t",
    },
    "redshift": {
        "SELECT count(*) FILTER (WHERE a > 0) FROM t": "SELECT COUNT(CASE WHEN a > 0 THEN 1 END) FROM t",
        "SELECT quantile_cont(a, 0.9) FROM t": "SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY a) FROM t",
    },
}


@pytest.mark.parametrize(
    ("scheme", "sql", "text"), [(scheme, *pair) for scheme, pairs in EXPECTED.items() for pair in pairs.items()]
)
def test_what_a_vendor_says_in_its_own_way_is_said_so(scheme: str, sql: str, text: str) -> None:
    assert written(VENDORS[scheme], sql) == text


@pytest.mark.parametrize("sql", ["DELETE FROM t", "SELECT 1; SELECT 2", "SELECT a INTO b FROM t", "EXEC x"])
def test_what_does_more_than_read_is_sent_to_nobody(vendor: Vendor, sql: str) -> None:
    with pytest.raises(Refused):
        sent(vendor, sql)


def test_a_sample_of_a_table_is_a_query_the_vendor_reads(vendor: Vendor) -> None:
    opening = Opening("x", f"{vendor.scheme}://x")
    source = DatabaseSource(opening, lambda _: sa.create_engine("sqlite://"), vendor.speech)
    table = Table("x", "odd name", (Column("a", DataType.INTEGER),), schema="s", rows=1_000_000)
    text = sent(vendor, f"SELECT * FROM {source._sample(table, 1_000)}")
    assert ("0.150" in text) == bool(vendor.speech.sample)
    assert "1000" in text
    assert sent(vendor, text) == text


def test_no_speech_does_more_than_set_up_a_session(vendor: Vendor) -> None:
    filled = vendor.speech.timeout.format(seconds=5, milliseconds=5_000)
    for statement in (*vendor.speech.prepare, *([filled] if filled else [])):
        assert statement.startswith(("SET ", "ALTER SESSION SET "))
        assert "{" not in statement


def dialect(vendor: Vendor) -> Any:
    vendor.before()
    module, _, name = vendor.dialect_class.partition(":")
    made = getattr(import_module(module), name)()
    made.server_version_info = (16, 0)
    return made


def test_its_dialect_writes_questions_about_tables_that_are_read_back(vendor: Vendor) -> None:
    schema = sa.MetaData(schema="INFORMATION_SCHEMA")
    names = [sa.Column(name, sa.Text()) for name in ("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "odd name")]
    columns = sa.Table("COLUMNS", schema, *names)
    query = sa.select(columns).where(columns.c.TABLE_SCHEMA == "it's").order_by(columns.c.TABLE_NAME).limit(10)
    text = str(query.compile(dialect=dialect(vendor), compile_kwargs={"literal_binds": True}))
    found = read_query(text, vendor.speech.dialect)
    assert [column.name for column in found.selects] == ["TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "odd name"]
    assert "10" in found.sql(vendor.speech.dialect)


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (sa.Integer(), DataType.INTEGER), (sa.BigInteger(), DataType.INTEGER), (sa.Numeric(10, 2), DataType.NUMBER),
        (sa.Date(), DataType.DATE), (sa.DateTime(), DataType.TIMESTAMP), (sa.Text(), DataType.TEXT),
    ],
)  # fmt: skip
def test_the_types_of_its_dialect_are_known(vendor: Vendor, made: sa.types.TypeEngine[Any], kind: DataType) -> None:
    known = {kind, DataType.NUMBER} if kind is DataType.INTEGER else {kind}
    assert from_native(made.compile(dialect=dialect(vendor))) in known


def test_an_extra_a_kind_and_a_record_belong_together(vendor: Vendor) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (kind,) = [kind for kind in KINDS if vendor.scheme in kind.schemes]
    assert (kind.title, kind.installed) == (vendor.title, True)
    assert kind.extra in extras


def test_an_address_may_name_another_driver(vendor: Vendor) -> None:
    assert alchemical(vendor, f"{vendor.scheme}://u@h/d") == f"{vendor.driver}://u@h/d"
    assert alchemical(vendor, f"{vendor.scheme}+other://u@h/d") == f"{vendor.scheme}+other://u@h/d"


async def test_a_driver_that_is_not_there_is_said_in_words() -> None:
    source = open_source("redshift+psycopg2://me:hunter2@127.0.0.1:1/x", "away")
    with pytest.raises(SourceUnavailable, match=r"driver for Redshift can't be loaded: .*psycopg2") as error:
        await source.introspect()
    assert "hunter2" not in str(error.value)
    await source.close()


def test_an_identity_that_can_not_be_told_is_refused_and_not_passed_over() -> None:
    with pytest.raises(SourceUnavailable, match="can't tell its database who asks"):
        open_source(Opening("x", "trino://u@h/c/s", identity=Identity("role")))


def test_hints_are_not_sent() -> None:
    with pytest.raises(NotAllowed):
        sent(VENDORS["databricks"], "SELECT /*+ BROADCAST(t) */ a FROM t")
    assert sent(VENDORS["trino"], "SELECT a /* secret */ FROM t -- more") == "SELECT a FROM t"
