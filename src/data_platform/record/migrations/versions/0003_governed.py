"""How the mesh is governed: policies and exceptions, the audit log, majors side by side, who follows and hands over.

Only expands: a program of revision 0002 writes on, and reads what it knows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
HISTORY = ("policies", "audit_log")


def upgrade() -> None:
    """From 0002 to 0003."""
    op.add_column("products", sa.Column("archived_at", MOMENT))
    op.add_column("outputs", sa.Column("output", TEXT))
    op.add_column("outputs", sa.Column("major", sa.Integer()))
    op.add_column("outputs", sa.Column("revision", sa.Integer()))
    op.add_column("outputs", sa.Column("deprecated_at", MOMENT))
    op.add_column("outputs", sa.Column("ends_at", MOMENT))
    _policies()
    _exceptions()
    _audit_log()
    _people()
    _keep_history()


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("file", TEXT, nullable=False),
        sa.Column("note", TEXT),
        sa.Column("applied_at", MOMENT, nullable=False),
        sa.Column("applied_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_policies"),
    )


def _exceptions() -> None:
    op.create_table(
        "attestations",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("given_by", TEXT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawn_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_attestations"),
    )
    op.create_index("ix_attestations_product_policy", "attestations", ["product", "policy"])
    op.create_table(
        "waivers",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("subject", TEXT),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("approved_by", TEXT),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_waivers"),
    )
    op.create_index("ix_waivers_product_policy", "waivers", ["product", "policy"])


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("entry", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_subject_number", "audit_log", ["subject", "number"])


def _people() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product", "principal", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_subscriptions_products"),
    )
    op.create_table(
        "transfers",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("to_owner", TEXT, nullable=False),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("offered_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("product", name="pk_transfers"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_transfers_products"),
    )
    op.create_table(
        "departures",
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("principal", name="pk_departures"),
    )


def _keep_history() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in HISTORY:
            refusal = f"SELECT RAISE(ABORT, '{table} are history and cannot be changed')"
            op.execute(f"CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table} BEGIN {refusal}; END")
        return
    for table in HISTORY:
        op.execute(
            f"CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history()"
        )
