"""The tables of access: requests, decisions about them, and the grants that follow.

Requests and decisions are history: the database refuses to change them. A grant changes once, when it is revoked.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from data_platform.record.db.history_triggers import keep_history
from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Id, Moment, Text, Texts

ACCESS_REQUESTS = Table(
    "access_requests",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("requester", Text, nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("holder", Text, nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("is_break_glass", Boolean, nullable=False),
)
"""One justification for one or several outputs. `person` is the person behind an agent, else the requester."""

ACCESS_REQUEST_OUTPUTS = Table(
    "access_request_outputs",
    METADATA,
    Column("request", Id, ForeignKey("access_requests.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("columns", Texts),
    Column("terms", Text),
    Column("renews", Text),
    Index(None, "product", "output"),
)
"""An output of a request, without its major; no columns: all. `terms` is the digest of the accepted text.

`renews` is the grant that an approval replaces.
"""

ACCESS_DECISIONS = Table(
    "access_decisions",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("request", Id, ForeignKey("access_requests.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("decider", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("capacity", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("note", Text),
    Column("at", Moment, nullable=False),
)
"""What was decided about an output of a request: approve, deny or withdraw, by whom, and in which capacity."""

ACCESS_GRANTS = Table(
    "access_grants",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("request", Id, ForeignKey("access_requests.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("holder", Text, nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("columns", Texts),
    Column("opens_personal_data", Boolean, nullable=False),
    Column("is_break_glass", Boolean, nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("review_at", Moment),
    Column("revoked_at", Moment),
    Column("revoked_by", Text),
    Column("revoked_for", Text),
    Index(None, "product", "holder"),
)
"""What a request gives its holder, and until when; `revoked_for` is the reason of an end before that."""

PRODUCT_ACCESS = Table(
    "product_access",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("access", Text, nullable=False),
)
"""What a product declares of its readers, by output; no row: nothing. A release before this one writes none."""

keep_history(ACCESS_REQUESTS, ACCESS_REQUEST_OUTPUTS, ACCESS_DECISIONS)
