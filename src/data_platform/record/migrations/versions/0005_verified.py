"""The identity of the mesh, the digest of each data file, and the leases that ran out.

Only expands: a program of revision 0004 writes on, and the files that it publishes have no digest.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From 0004 to 0005."""
    op.create_table(
        "mesh",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mesh"),
    )
    op.create_table(
        "data_files",
        sa.Column("path", TEXT, nullable=False),
        sa.Column("stage_id", TEXT, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("damage", TEXT),
        sa.Column("stamp", TEXT),
        sa.PrimaryKeyConstraint("path", name="pk_data_files"),
    )
    op.create_index("ix_data_files_stage_id", "data_files", ["stage_id"])
    op.create_index("ix_data_files_checked_at", "data_files", ["checked_at"])
    op.create_table(
        "ended_leases",
        sa.Column("stage_id", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("output", TEXT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("stage_id", name="pk_ended_leases"),
    )
    op.create_table(
        "unrestored_files",
        sa.Column("path", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_unrestored_files"),
    )
