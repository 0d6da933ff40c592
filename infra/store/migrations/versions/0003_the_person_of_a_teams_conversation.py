"""Whose personal conversation a Teams reference leads to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("teams_reference") as table:
        table.add_column(sa.Column("person", sa.String(), nullable=False, server_default=""))
        table.create_index("ix_teams_reference_person", ["person"])


def downgrade() -> None:
    with op.batch_alter_table("teams_reference") as table:
        table.drop_index("ix_teams_reference_person")
        table.drop_column("person")
