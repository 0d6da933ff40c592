"""The migrations lead to the very tables that the stores use."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from infra.store import delegation_rows, gate_rows, proof_rows, tables, web
from infra.store.engine import migrate


def test_a_migrated_database_has_the_tables_and_columns_that_the_stores_use(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'quillux.sqlite'}"
    migrate(address)
    assert len({delegation_rows, gate_rows, proof_rows, tables, web}) == 5
    engine = create_engine(address)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'quillux.sqlite'}"
    migrate(address)
    migrate(address)


def test_every_table_carries_its_tenant() -> None:
    without = {name for name, table in SQLModel.metadata.tables.items() if "tenant" not in table.columns}
    assert without == set()
