"""One record a vendor: what differs from the others, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.sources.sdk.speech import Speech
from knowledge.sources.vendors.cancel import at_snowflake, by_closing, by_leaving
from knowledge.sources.vendors.mend import (
    approximate,
    filter_by_case,
    hundredth,
    ilike_by_lower,
    interval_by_dateadd,
    mending,
    no_percentile,
    percentile_by,
    predicate_by_case,
    quantile,
)


@dataclass(frozen=True, slots=True)
class Vendor:
    """`scheme` is ours, `driver` the scheme of SQLAlchemy that it stands for; an address may name another driver.

    `dialect_class` is the SQLAlchemy dialect (module:class). `before` is called once before an engine is made.
    """

    title: str
    scheme: str
    driver: str
    dialect_class: str
    speech: Speech
    before: Callable[[], None] = lambda: None


def _rename_for_snowflake() -> None:
    """Snowflake's dialect 1.11 names a class of SQLAlchemy that has an underscore before its name since 2.1."""
    from sqlalchemy.orm import context

    if not hasattr(context, "ORMSelectCompileState"):
        vars(context)["ORMSelectCompileState"] = vars(context)["_ORMSelectCompileState"]


SQL_SERVER = Vendor(
    "SQL Server",
    "mssql",
    "mssql+pyodbc",
    "sqlalchemy.dialects.mssql.pyodbc:MSDialect_pyodbc",
    Speech(
        "tsql",
        prepare=("SET TEXTSIZE 16777216",),
        timeout="SET LOCK_TIMEOUT {milliseconds}",
        sample="{table} TABLESAMPLE SYSTEM ({percent} PERCENT)",
        system=("information_schema", "sys", "guest"),
        mend=mending(ilike_by_lower, interval_by_dateadd, predicate_by_case, percentile_by(no_percentile)),
    ),
)
SNOWFLAKE = Vendor(
    "Snowflake",
    "snowflake",
    "snowflake",
    "snowflake.sqlalchemy.snowdialect:SnowflakeDialect",
    Speech(
        "snowflake",
        timeout="ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {seconds}",
        sample="{table} TABLESAMPLE SYSTEM ({percent}) SEED (7)",
        cancel=at_snowflake,
    ),
    _rename_for_snowflake,
)
BIGQUERY = Vendor(
    "BigQuery",
    "bigquery",
    "bigquery",
    "sqlalchemy_bigquery.base:BigQueryDialect",
    Speech(
        "bigquery",
        sample="{table} TABLESAMPLE SYSTEM ({percent} PERCENT)",
        cancel=by_leaving,
        mend=mending(percentile_by(hundredth)),
    ),
)
DATABRICKS = Vendor(
    "Databricks",
    "databricks",
    "databricks",
    "databricks.sqlalchemy.base:DatabricksDialect",
    Speech(
        "databricks",
        timeout="SET STATEMENT_TIMEOUT = {seconds}",
        sample="{table} TABLESAMPLE ({percent} PERCENT) REPEATABLE (7)",
        mend=mending(percentile_by(approximate)),
    ),
)
TRINO = Vendor(
    "Trino",
    "trino",
    "trino",
    "trino.sqlalchemy.dialect:TrinoDialect",
    Speech(
        "trino",
        timeout="SET SESSION query_max_run_time = '{seconds}s'",
        sample="{table} TABLESAMPLE SYSTEM ({percent})",
        mend=mending(percentile_by(approximate)),
    ),
)
CLICKHOUSE = Vendor(
    "ClickHouse",
    "clickhouse",
    "clickhousedb",
    "clickhouse_connect.cc_sqlalchemy.dialect:ClickHouseDialect",
    Speech(
        "clickhouse",
        prepare=("SET cancel_http_readonly_queries_on_client_close = 1", "SET readonly = 2"),
        timeout="SET max_execution_time = {seconds}",
        cancel=by_closing,
        system=("information_schema", "system"),
        mend=mending(percentile_by(quantile)),
    ),
)
REDSHIFT = Vendor(
    "Redshift",
    "redshift",
    "redshift+redshift_connector",
    "sqlalchemy_redshift.dialect:RedshiftDialect_redshift_connector",
    Speech(
        "redshift",
        timeout="SET statement_timeout TO {milliseconds}",
        cancel=by_leaving,
        system=("information_schema", "pg_catalog", "pg_internal", "pg_auto_copy"),
        mend=mending(filter_by_case),
    ),
)

VENDORS = {
    vendor.scheme: vendor for vendor in (SQL_SERVER, SNOWFLAKE, BIGQUERY, DATABRICKS, TRINO, CLICKHOUSE, REDSHIFT)
}
