"""The table of declarations that columns made from personal data are anonymous."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Id, Moment, Text, Texts

ANONYMISATIONS = Table(
    "anonymisations",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("sources", Texts, nullable=False),
    Column("method", Text, nullable=False),
    Column("declared_at", Moment, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("verdict", Text),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("note", Text),
    Column("ended_at", Moment),
    Index(None, "product", "output"),
)
"""What a contract declares of a column, and a governor's last verdict (approved, refused) about it.

`ended_at` is when the contract said something else of the column, or nothing.
"""
