"""Alembic's entry: runs on the connection that `infra.store.engine.migrate` opened."""

from alembic import context
from sqlmodel import SQLModel

from infra.store import (  # noqa: F401 - register the tables
    delegation_rows,
    gate_rows,
    glossary_rows,
    note_rows,
    proof_rows,
    review_rows,
    tables,
    web,
)

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
