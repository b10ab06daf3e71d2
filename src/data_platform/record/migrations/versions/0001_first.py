"""The first record: domains, products, contracts, outputs, versions, audits, lineage, usage, leases, incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates every table of revision 0001."""
    _people()
    _contracts()
    _versions()
    _audits()
    _lineage()
    _usage()
    _leases()
    _incidents()


def _people() -> None:
    op.create_table(
        "domains",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("responsibility", TEXT),
        sa.Column("owner", TEXT),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_domains"),
    )
    op.create_table(
        "products",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("description", TEXT),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("registered_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_products"),
        sa.ForeignKeyConstraint(["domain"], ["domains.name"], name="fk_products_domains"),
    )
    op.create_index("ix_products_domain", "products", ["domain"])


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("registered_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("product", "revision", name="pk_contracts"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_contracts_products"),
    )
    op.create_table(
        "outputs",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("topic", TEXT),
        sa.Column("schema", sa.JSON()),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("field_ids", sa.JSON(), nullable=False),
        sa.Column("last_column_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("metadata_location", TEXT),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("product", "name", name="pk_outputs"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_outputs_products"),
    )


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("contract_version", TEXT, nullable=False),
        sa.Column("contract_revision", sa.Integer(), nullable=False),
        sa.Column("stage_id", TEXT, nullable=False),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("metadata_location", TEXT, nullable=False),
        sa.Column("manifest_list", TEXT, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("schema", sa.JSON(), nullable=False),
        sa.Column("statistics", sa.JSON(), nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("product", "output", "version", name="pk_versions"),
        sa.ForeignKeyConstraint(["product", "output"], ["outputs.product", "outputs.name"], name="fk_versions_outputs"),
        sa.UniqueConstraint("stage_id", name="uq_versions_stage_id"),
    )


def _audits() -> None:
    op.create_table(
        "audits",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger()),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.Column("error", TEXT),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audits"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_audits_products"),
    )
    op.create_index("ix_audits_product_at", "audits", ["product", "at"])


def _lineage() -> None:
    op.create_table(
        "lineage",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("source_name", TEXT, nullable=False),
        sa.Column("source_output", TEXT),
        sa.Column("source_version", sa.BigInteger()),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lineage"),
        sa.ForeignKeyConstraint(
            ["product", "output", "version"],
            ["versions.product", "versions.output", "versions.version"],
            name="fk_lineage_versions",
        ),
    )
    op.create_index("ix_lineage_product_latest", "lineage", ["product", "latest"])
    op.create_index("ix_lineage_source_name_latest", "lineage", ["source_name", "latest"])


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("purpose", TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_usage"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_usage_products"),
    )
    op.create_index("ix_usage_product_at", "usage", ["product", "at"])


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("stage_id", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("stage_id", name="pk_leases"),
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("open", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("product", "output", "cause", "open", name="uq_incidents_product_output_cause_open"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_incidents_products"),
    )
    op.create_index("ix_incidents_product_opened_at", "incidents", ["product", "opened_at"])
