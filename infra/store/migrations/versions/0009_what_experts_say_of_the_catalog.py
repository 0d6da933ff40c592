"""What experts said of keys and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_note",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("tenant", "source", "place", "column", "aspect", "value")
        ),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "place", "column", "aspect", "value"),
    )


def downgrade() -> None:
    op.drop_table("catalog_note")
