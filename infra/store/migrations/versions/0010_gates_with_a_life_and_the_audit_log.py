"""Gates with states, votes and times; who can act on them; the audit log, which only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REFUSED = "the audit log is append-only"


def upgrade() -> None:
    with op.batch_alter_table("gate") as gate:
        gate.add_column(sa.Column("state", sa.String(), nullable=False, server_default="open"))
        gate.add_column(sa.Column("stage", sa.Integer(), nullable=False, server_default="0"))
        gate.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        gate.add_column(sa.Column("votes", sa.Integer(), nullable=False, server_default="0"))
        gate.add_column(sa.Column("next_at", sa.String(), nullable=False, server_default=""))
        gate.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "gate_decider",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "subject", "created_at", "gate"),
    )
    op.create_index("ix_gate_decider_gate", "gate_decider", ["gate"])
    op.create_table(
        "gate_person",
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("voted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gate", "person"),
    )
    _bring_over()
    op.drop_index("ix_gate_decided", "gate")
    with op.batch_alter_table("gate") as gate:
        gate.drop_column("decided")
        gate.drop_column("decision")
    op.create_index("ix_gate_waiting", "gate", ["tenant", "state", "created_at"])
    op.create_index("ix_gate_next_at", "gate", ["next_at"])
    _audit()


def _bring_over() -> None:
    """Gates from before: a decided one keeps its decision, an open one stays decidable by the same roles."""
    gate = sa.table(
        "gate",
        *(sa.column(name) for name in ("id", "tenant", "state", "digest", "created_at", "decided")),
        sa.column("record", sa.JSON()),
        sa.column("decision", sa.JSON()),
    )
    decider = sa.table(
        "gate_decider",
        *(sa.column(name) for name in ("tenant", "subject", "created_at", "gate", "asker", "revision")),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(gate)).mappings().all():
        record = {**row["record"], "decision": row["decision"], "state": "decided" if row["decided"] else "open"}
        change = sa.update(gate).where(gate.c.id == row["id"])
        connection.execute(change.values(record=record, state=record["state"], digest=_digest(record)))
        roles = () if row["decided"] else dict.fromkeys(record.get("roles", ()))
        asker = "" if record.get("self_approval") else record["asked_by"]["id"]
        ways = [
            {
                "tenant": row["tenant"],
                "subject": f"role:{role}",
                "created_at": row["created_at"],
                "gate": row["id"],
                "asker": asker,
                "revision": 1,
            }
            for role in roles
        ]
        if ways:
            connection.execute(sa.insert(decider), ways)


def _digest(record: dict) -> str:  # type: ignore[type-arg]
    """What `Gate.digest` gives for a gate of that time."""
    from conversation.gates.canonical import NotCanonical, digest

    bound = {name: record.get(name, "") for name in ("flow", "parameters", "policy", "target", "target_version")}
    try:
        return digest(bound)
    except NotCanonical:
        return ""


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("at", "actor", "acting_for", "channel")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("what", "subject")),
        sa.Column("detail", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("previous", "digest")),
        sa.PrimaryKeyConstraint("tenant", "seq"),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["tenant", "subject", "seq"])
    op.create_table(
        "audit_head",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres()
    else:
        _guard_sqlite()


# The head may go on, or be touched without a change, which is how writers lock it.
_STEP = "NEW.tenant = OLD.tenant AND (NEW.seq > OLD.seq OR (NEW.seq = OLD.seq AND NEW.digest = OLD.digest))"


def _guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    op.execute(f"CREATE TRIGGER audit_entry_kept BEFORE UPDATE ON audit_entry {refuse}")
    op.execute(f"CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry {refuse}")
    op.execute(f"CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head WHEN NOT ({_STEP}) {refuse}")
    op.execute(f"CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head {refuse}")


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    run = "EXECUTE FUNCTION audit_refuse()"
    op.execute(f"CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW {run}")
    op.execute(f"CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NOT ({_STEP})) {run}")
    op.execute(f"CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head FOR EACH ROW {run}")
    for table in ("audit_entry", "audit_head"):
        op.execute(f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}")


def downgrade() -> None:
    raise NotImplementedError("an audit log is not thrown away; restore a backup to go back")
