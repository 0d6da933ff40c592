"""Alembic's entry: runs on the connection that `infra.store.engine.migrate` opened."""

from alembic import context
from sqlmodel import SQLModel

from infra.store import delegation_rows, glossary_rows, note_rows, tables, web  # noqa: F401 - register the tables

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
