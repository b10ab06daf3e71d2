"""What the mesh knows: events and their outbox, column lineage, declared inputs, scores, the timeline of incidents.

Only expands: a program of revision 0001 writes on, and reads what it knows.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
HISTORY = ("contracts", "versions", "audits", "events")


def upgrade() -> None:
    """From 0001 to 0002."""
    op.add_column("audits", sa.Column("score", sa.Float()))
    op.add_column("audits", sa.Column("dimensions", sa.JSON()))
    op.add_column("usage", sa.Column("error", TEXT))
    _inputs()
    _column_lineage()
    _incidents()
    _events()
    _keep_history()


def _inputs() -> None:
    table = op.create_table(
        "inputs",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("source_product", TEXT, nullable=False),
        sa.Column("source_output", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("product", "source_product", "source_output", name="pk_inputs"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_inputs_products"),
    )
    op.create_index("ix_inputs_source_product", "inputs", ["source_product"])
    products = sa.table("products", sa.column("name", TEXT), sa.column("spec", sa.JSON()))
    declared = {
        (name, needed["data_product"], needed["output"])
        for name, spec in op.get_bind().execute(sa.select(products.c.name, products.c.spec))
        for needed in (json.loads(spec) if isinstance(spec, str) else spec)["product"].get("inputs", [])
    }
    if declared:
        names = ("product", "source_product", "source_output")
        op.bulk_insert(table, [dict(zip(names, row, strict=True)) for row in sorted(declared)])


def _column_lineage() -> None:
    op.create_table(
        "column_lineage",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("column", TEXT),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("source_name", TEXT, nullable=False),
        sa.Column("source_output", TEXT),
        sa.Column("source_version", sa.BigInteger()),
        sa.Column("source_column", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("subtype", TEXT, nullable=False),
        sa.Column("masking", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_column_lineage"),
        sa.ForeignKeyConstraint(
            ["product", "output", "version"],
            ["versions.product", "versions.output", "versions.version"],
            name="fk_column_lineage_versions",
        ),
    )
    source = ["source_name", "latest", "source_output", "source_column"]
    op.create_index("ix_column_lineage_made", "column_lineage", ["product", "latest", "output", "column"])
    op.create_index("ix_column_lineage_source", "column_lineage", source)


def _incidents() -> None:
    op.add_column("incidents", sa.Column("severity", TEXT))
    op.add_column("incidents", sa.Column("acknowledged_at", MOMENT))
    op.add_column("incidents", sa.Column("acknowledged_by", TEXT))
    op.add_column("incidents", sa.Column("resolved_by", TEXT))
    op.create_table(
        "incident_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("text", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_incident_events"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_events_incidents"),
    )
    op.create_index("ix_incident_events_incident_id", "incident_events", ["incident_id"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("body", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_xid_id", "events", ["xid", "id"])
    op.create_index("ix_events_product_id", "events", ["product", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("destination", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("refused_at", MOMENT),
        sa.Column("error", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_outbox_events"),
    )
    op.create_index("ix_outbox_destination_key_xid_id", "outbox", ["destination", "key", "xid", "id"])


def _keep_history() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in HISTORY:
            refusal = f"SELECT RAISE(ABORT, '{table} are history and cannot be changed')"
            op.execute(f"CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table} BEGIN {refusal}; END")
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' are history and cannot be changed'; END $$"
    )
    for table in HISTORY:
        op.execute(
            f"CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history()"
        )
