"""The tables of what watches the mesh: its clock, probes of availability, tests of channels, and views of pages."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Moment, Text

CLOCK = Table(
    "clock",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    Column("claimed_until", Moment),
    Column("begun_at", Moment),
    Column("ran_at", Moment),
)
"""What runs periodically: which process runs it and until when, when it last began, and when it last ended."""

PROBES = Table(
    "probes",
    METADATA,
    Column("product", Text, primary_key=True),
    Column("output", Text, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("probes", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
)
"""How often the clock read an output in an hour, and how often that failed."""

CHANNEL_TESTS = Table(
    "channel_tests",
    METADATA,
    Column("channel", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("delivered_at", Moment, nullable=False),
)
"""The last test message of each channel that was delivered."""

PAGE_VIEWS = Table(
    "page_views",
    METADATA,
    Column("principal", Text, primary_key=True),
    Column("product", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Index(None, "product", "hour"),
)
"""That a principal looked at the page of a product in an hour, which is counted since 1970-01-01 UTC."""

READINESS = Table(
    "readiness",
    METADATA,
    Column("product", Text, primary_key=True),
    Column("basis", Text, nullable=False),
    Column("measured", Boolean, nullable=False),
    Column("missed", Text, nullable=False),
)
"""What the clock last judged of each product's readiness, with what that rests on."""
