"""The tables of the glossary: the terms of the mesh, and the columns that contracts link to them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Moment, Text, Texts

TERMS = Table(
    "terms",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("domain", Text),
    Column("parent", Text),
    Column("synonyms", Texts, nullable=False),
    Column("letter", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("defined_at", Moment, nullable=False),
    Column("defined_by", Text, nullable=False),
    Column("retired_at", Moment),
    Index(None, "letter", "retired_at", "key"),
    Index(None, "parent"),
)
"""`key` is the name without regard to case, by which columns and `parent` refer to a term. `words` is what a search
compares: name, synonyms and definition, without regard to case. `letter` is the first letter of the name."""

TERM_COLUMNS = Table(
    "term_columns",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("output", Text, primary_key=True),
    Column("column", Text, primary_key=True),
    Column("term", Text, nullable=False),
    Column("written", Text, nullable=False),
    Index(None, "term", "product"),
)
"""The terms of columns, as the current contract of each product writes them (`written`); `term` is the key."""
