"""Catalogs table by table, with what scans measured and snapshots of what they found.

What was stored of a catalog is dropped: the next scan makes it again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("catalog")
    op.create_table(
        "catalog",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("address_digest", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("snapshot", sa.String(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("scanned_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source"),
    )
    op.create_table(
        "catalog_snapshot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("dialect", sa.String(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("tenant", "source"):
        op.create_index(f"ix_catalog_snapshot_{column}", "catalog_snapshot", [column])
    op.create_table(
        "catalog_table",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "digest"),
    )
    op.create_table(
        "catalog_entry",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("schema_name", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("structure", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("measured_at", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "schema_name", "table_name"),
    )


def downgrade() -> None:
    for table in ("catalog_entry", "catalog_table", "catalog_snapshot", "catalog"):
        op.drop_table(table)
    op.create_table(
        "catalog",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("address_digest", sa.String(), nullable=False),
        sa.Column("tables", sa.String(), nullable=False),
        sa.Column("scanned_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source"),
    )
