"""The tables of the record at revision `REVISION`, these and those of the neighbouring files.

A change needs a migration in `migrations/versions/`; a test compares the two. History is only added: the database
refuses to change it. `events`, `outbox` and `audit_log` are written in the same transaction as what they describe.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from data_platform.record.db.access_schema import ACCESS_GRANTS as ACCESS_GRANTS
from data_platform.record.db.anonymisation_schema import ANONYMISATIONS as ANONYMISATIONS
from data_platform.record.db.files_schema import DATA_FILES as DATA_FILES
from data_platform.record.db.files_schema import ENDED_LEASES as ENDED_LEASES
from data_platform.record.db.glossary_schema import TERMS as TERMS
from data_platform.record.db.governance_schema import ATTESTATIONS as ATTESTATIONS
from data_platform.record.db.governance_schema import POLICIES as POLICIES
from data_platform.record.db.governance_schema import WAIVERS as WAIVERS
from data_platform.record.db.history_triggers import keep_history
from data_platform.record.db.identity_schema import PRINCIPALS as PRINCIPALS
from data_platform.record.db.limits_schema import IDEMPOTENCY_KEYS as IDEMPOTENCY_KEYS
from data_platform.record.db.metadata import METADATA as METADATA
from data_platform.record.db.partial_indexes import index_later_majors
from data_platform.record.db.runs_schema import RUNS as RUNS
from data_platform.record.db.session_schema import SESSIONS as SESSIONS
from data_platform.record.db.stored_json import ContractText, SchemaText
from data_platform.record.db.types import Id, Json, Moment, Text, Texts
from data_platform.record.db.watch_schema import CLOCK as CLOCK

REVISION = "0005"
"""The newest migration; a record stamped otherwise is older (upgraded when opened) or newer (refused)."""

STAMP = Table("alembic_version", MetaData(naming_convention={"pk": "alembic_version_pkc"}))
STAMP.append_column(Column("version_num", String(32), primary_key=True))

DOMAINS = Table(
    "domains",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("responsibility", Text),
    Column("owner", Text),
    Column("members", Texts, nullable=False),
    Column("created_at", Moment, nullable=False),
)

PRODUCTS = Table(
    "products",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("domain", Text, ForeignKey("domains.name"), nullable=False, index=True),
    Column("owner", Text, nullable=False),
    Column("description", Text),
    Column("tags", Texts, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("spec", ContractText, key="stored_contract", nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("archived_at", Moment),
)
"""`archived_at` closes a product: it can be read, but not published to."""

CONTRACTS = Table(
    "contracts",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("spec", ContractText, key="stored_contract", nullable=False),
    Column("changes", Texts, nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("registered_by", Text, nullable=False),
)

OUTPUTS = Table(
    "outputs",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("topic", Text),
    Column("schema", SchemaText, key="stored_schema"),
    Column("inferred", Boolean, nullable=False),
    Column("field_ids", Json, nullable=False),
    Column("last_column_id", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("metadata_location", Text),
    Column("retired", Boolean, nullable=False),
    Column("output", Text),
    Column("major", Integer),
    Column("revision", Integer),
    Column("deprecated_at", Moment),
    Column("ends_at", Moment),
)
"""One major of an output. `output` is the name in product.yaml, `name` the key: the same for the first major, and with
`@major` behind it for those that followed. `revision` is the last contract that declared it. A deprecated major has an
end. The five are NULL in rows of revision 0002."""

VERSIONS = Table(
    "versions",
    METADATA,
    Column("product", Text, primary_key=True),
    Column("output", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("contract_version", Text, nullable=False),
    Column("contract_revision", Integer, nullable=False),
    Column("stage_id", Text, nullable=False, unique=True),
    Column("snapshot_id", BigInteger, nullable=False),
    Column("metadata_location", Text, nullable=False),
    Column("manifest_list", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("files", Integer, nullable=False),
    Column("schema", SchemaText, key="stored_schema", nullable=False),
    Column("statistics", Json, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("content_since", BigInteger),
    ForeignKeyConstraint(["product", "output"], ["outputs.product", "outputs.name"]),
)

AUDITS = Table(
    "audits",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, ForeignKey("products.name"), nullable=False),
    Column("output", Text, nullable=False),
    Column("version", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("results", Json, nullable=False),
    Column("error", Text),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("score", Float),
    Column("dimensions", Json),
    Index(None, "product", "at"),
)
"""`score` and `dimensions` are by the formula of that release; NULL in rows older than revision 0002."""

INPUTS = Table(
    "inputs",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("source_product", Text, primary_key=True),
    Column("source_output", Text, primary_key=True),
    Index(None, "source_product"),
)
"""The inputs that each product declares now, as an index: the declaration itself is in `products.spec`."""

LINEAGE = Table(
    "lineage",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("source_output", Text),
    Column("source_version", BigInteger),
    Column("columns", Texts, nullable=False),
    Column("latest", Boolean, nullable=False),
    ForeignKeyConstraint(["product", "output", "version"], ["versions.product", "versions.output", "versions.version"]),
    Index(None, "product", "latest"),
    Index(None, "source_name", "latest"),
)
"""`latest` marks the edges of each output's newest version, so that current lineage is read without the history."""

COLUMN_LINEAGE = Table(
    "column_lineage",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("column", Text),
    Column("kind", Text, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("source_output", Text),
    Column("source_version", BigInteger),
    Column("source_column", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subtype", Text, nullable=False),
    Column("masking", Boolean, nullable=False),
    Column("latest", Boolean, nullable=False),
    ForeignKeyConstraint(["product", "output", "version"], ["versions.product", "versions.output", "versions.version"]),
    Index("ix_column_lineage_made", "product", "latest", "output", "column"),
    Index("ix_column_lineage_source", "source_name", "latest", "source_output", "source_column"),
)
"""One use of a source's column; `column` is NULL where it touches every row (a filter, a join, a grouping)."""

USAGE = Table(
    "usage",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, ForeignKey("products.name"), nullable=False),
    Column("output", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("columns", Texts, nullable=False),
    Column("principal", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("purpose", Text),
    Column("error", Text),
    Index(None, "product", "at"),
)
"""`error` is why an allowed read failed: the output was not available to that reader."""

LEASES = Table(
    "leases",
    METADATA,
    Column("stage_id", Text, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, ForeignKey("products.name"), nullable=False),
    Column("output", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("occurrences", Integer, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("open", Boolean),
    Column("severity", Text),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", Text),
    Column("resolved_by", Text),
    UniqueConstraint("product", "output", "cause", "open"),
    Index(None, "product", "opened_at"),
)
"""`open` is true, then NULL once resolved: the unique key ignores NULLs, so it applies to open incidents only."""

INCIDENT_EVENTS = Table(
    "incident_events",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("incident_id", BigInteger, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text),
)
"""An incident's timeline."""

EVENTS = Table(
    "events",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("product", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("body", Json),
    Column("output", Text),
    Column("details", Json),
    Index(None, "xid", "id"),
    Index(None, "product", "id"),
)
"""What happened, in order: the change sequence. `xid` is the writing transaction on Postgres, 0 on SQLite."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("xid", BigInteger, nullable=False),
    Column("event_id", BigInteger, ForeignKey("events.id"), nullable=False),
    Column("destination", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    Column("refused_at", Moment),
    Column("error", Text),
    Index(None, "destination", "key", "xid", "id"),
)
"""Events to deliver, one row per destination until it has accepted it; those of one `key` are delivered in order.

A message that its destination rejected (`refused_at`) is kept, and does not block others.
"""

AUDIT_LOG = Table(
    "audit_log",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "subject", "number"),
)
"""Who did what when, numbered without gaps; `hash` covers `entry` and the hash before it."""

SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("principal", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
)
"""Who follows a product's contract, and up to which moment they have seen its changes."""

TRANSFERS = Table(
    "transfers",
    METADATA,
    Column("product", Text, ForeignKey("products.name"), primary_key=True),
    Column("to_owner", Text, nullable=False),
    Column("offered_at", Moment, nullable=False),
    Column("offered_by", Text, nullable=False),
)
"""Products that are offered to another owner who has not accepted yet."""

DEPARTURES = Table(
    "departures",
    METADATA,
    Column("principal", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
)
"""People and teams who have left; their products need another owner."""

REDIRECTS = Table(
    "redirects",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("product", Text, nullable=False, index=True),
    Column("folder", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("by", Text, nullable=False),
)
"""Former names of products: the product that each leads to, and the folder of its files, named by its first name."""

index_later_majors(OUTPUTS)
keep_history(CONTRACTS, VERSIONS, AUDITS, EVENTS, POLICIES, AUDIT_LOG)
