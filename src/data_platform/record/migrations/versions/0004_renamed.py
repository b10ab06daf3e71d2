"""Products that have another name: the names they had, and where those lead.

Only expands: a program of revision 0003 writes on, and reads what it knows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From 0003 to 0004."""
    op.create_table(
        "redirects",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("folder", TEXT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_redirects"),
    )
    op.create_index("ix_redirects_product", "redirects", ["product"])
