"""What review items wait for: a person, an answer, a change of a term; and the version of what they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ("version", "assignee", "asked", "change")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("review", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_review_change", "review", ["change"])


def downgrade() -> None:
    op.drop_index("ix_review_change", "review")
    for name in COLUMNS:
        op.drop_column("review", name)
