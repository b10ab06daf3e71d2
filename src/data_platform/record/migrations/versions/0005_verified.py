"""Digests of files, ended leases, runs, erasures, principals, tokens, idempotency keys, and events of every act.

Only expands: a program of revision 0004 writes on, and the files that it publishes have no digest.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def _name_texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _name_moments(*names: str) -> list[sa.Column[datetime]]:
    return [sa.Column(name, MOMENT, nullable=False) for name in names]


def _name_optional(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def _name_act(done: str) -> list[sa.Column[Any]]:
    return [*_name_moments(f"{done}_at"), *_name_texts(f"{done}_by")]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def upgrade() -> None:
    """From 0004 to 0005."""
    op.create_table("mesh", *_name_texts("id"), *_name_moments("created_at"), _key("mesh", "id"))
    op.create_table(
        "data_files",
        *_name_texts("path", "stage_id", "product", "output", "digest"),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("added", "rows", "bytes")),
        sa.Column("removed", sa.BigInteger()),
        sa.Column("statistics", sa.JSON(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        *_name_optional(TEXT, "damage", "stamp"),
        _key("data_files", "path"),
    )
    op.add_column("versions", sa.Column("content_since", sa.BigInteger()))
    op.execute("CREATE INDEX ix_outputs_later ON outputs (product, output) WHERE output <> name")
    op.create_index("ix_data_files_stage_id", "data_files", ["stage_id"])
    op.create_index("ix_data_files_checked_at", "data_files", ["checked_at"])
    op.create_index("ix_data_files_output", "data_files", ["product", "output", "added"])
    op.create_table(
        "ended_leases",
        *_name_texts("stage_id", "product", "output"),
        *_name_moments("ended_at"),
        _key("ended_leases", "stage_id"),
    )
    op.create_table("unrestored_files", sa.Column("path", TEXT, nullable=False), _key("unrestored_files", "path"))
    _create_runs()
    _create_reported_edges()
    _create_keys()
    _create_identity()
    _create_tokens()
    _create_limits()
    _create_sessions()
    _create_access_requests()
    _create_access_answers()
    _create_readers()
    _create_anonymisations()
    _create_watch()
    _create_glossary()
    _keep_history()
    _widen_events()


def _widen_events() -> None:
    position = "strpos" if op.get_bind().dialect.name == "postgresql" else "instr"
    without_domain = f"substr(key, {position}(key, '/') + 1)"  # a product moves between domains, its events keep order
    op.execute(f"UPDATE outbox SET key = {without_domain} WHERE destination = 'openlineage'")
    op.add_column("events", sa.Column("output", TEXT))
    op.add_column("events", sa.Column("details", sa.JSON()))


def _create_anonymisations() -> None:
    op.create_table(
        "anonymisations",
        sa.Column("id", ID, nullable=False),
        *_name_texts("product", "output", "column"),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("method", TEXT, nullable=False),
        *_name_act("declared"),
        sa.Column("verdict", TEXT),
        sa.Column("decided_at", MOMENT),
        *_name_optional(TEXT, "decided_by", "note"),
        sa.Column("ended_at", MOMENT),
        _key("anonymisations", "id"),
    )
    op.create_index("ix_anonymisations_product_output", "anonymisations", ["product", "output"])


def _create_watch() -> None:
    moments = [sa.Column(name, MOMENT) for name in ("claimed_until", "begun_at", "ran_at")]
    key = _key("clock", "name")
    op.create_table("clock", *_name_texts("name"), sa.Column("holder", TEXT), *moments, key)
    op.create_table(
        "probes",
        *_name_texts("product", "output"),
        *_name_moments("hour"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("probes", "failed")),
        *_name_moments("first_at", "last_at"),
        _key("probes", "product", "output", "hour"),
    )
    texts, moments = _name_texts("channel", "by"), _name_moments("delivered_at")
    op.create_table("channel_tests", *texts, *moments, _key("channel_tests", "channel"))
    key = _key("readiness", "product")
    measured: sa.Column[bool] = sa.Column("measured", sa.Boolean(), nullable=False)
    op.create_table("readiness", *_name_texts("product", "basis"), measured, *_name_texts("missed"), key)
    key = _key("page_views", "principal", "product", "hour")
    hour = sa.Column("hour", sa.BigInteger(), nullable=False)
    op.create_table("page_views", *_name_texts("principal", "product"), hour, key)
    op.create_index("ix_page_views_product_hour", "page_views", ["product", "hour"])


def _create_runs() -> None:
    op.create_table(
        "runs",
        *_name_texts("id", "product", "output", "state"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("scheduled_for", MOMENT),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        *_name_texts("door", "host"),
        *_name_moments("started_at", "heartbeat_at"),
        *_name_optional(MOMENT, "publishing_at", "finished_at"),
        sa.Column("version", sa.BigInteger()),
        *_name_optional(TEXT, "error_kind", "error", "log"),
        _key("runs", "id"),
        sa.UniqueConstraint(
            "product", "output", "scheduled_for", "attempt", name="uq_runs_product_output_scheduled_for_attempt"
        ),
    )
    op.create_index("ix_runs_product_started_at", "runs", ["product", "started_at"])
    op.create_index("ix_runs_started_at", "runs", ["started_at"])
    op.create_index("ix_runs_state_heartbeat_at", "runs", ["state", "heartbeat_at"])


def _create_reported_edges() -> None:
    ends = [
        sa.Column(f"{end}_{part}", TEXT)
        for end in ("source", "target")
        for part in ("product", "output", "namespace", "name")
    ]
    op.create_table(
        "reported_edges",
        sa.Column("digest", TEXT, nullable=False),
        *ends,
        *_name_texts("job", "run", "producer", "by"),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        _key("reported_edges", "digest"),
    )
    op.create_index("ix_reported_edges_source_product", "reported_edges", ["source_product"])
    op.create_index("ix_reported_edges_target_product", "reported_edges", ["target_product"])


def _create_keys() -> None:
    op.create_table(
        "key_erasures",
        sa.Column("id", ID, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("key_uid", TEXT),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *_name_act("erased"),
        sa.Column("finished_at", MOMENT),
        _key("key_erasures", "id"),
    )
    op.create_index("ix_key_erasures_key_id", "key_erasures", ["key_id"])
    op.create_table(
        "mesh_keys", sa.Column("key_id", TEXT, nullable=False), *_name_act("made"), _key("mesh_keys", "key_id")
    )


def _create_identity() -> None:
    op.create_table(
        "principals",
        *_name_texts("name", "kind"),
        sa.Column("acts_for", TEXT),
        *_name_act("created"),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_by", TEXT),
        _key("principals", "name"),
    )
    op.create_table(
        "memberships", *_name_texts("team", "member"), *_name_act("added"), _key("memberships", "team", "member")
    )
    op.create_index("ix_memberships_member", "memberships", ["member"])
    op.create_table(
        "role_grants",
        *_name_texts("principal", "role", "domain"),
        *_name_act("granted"),
        _key("role_grants", "principal", "role", "domain"),
    )
    op.create_table(
        "owner_claims", *_name_texts("address", "holder"), *_name_act("claimed"), _key("owner_claims", "address")
    )
    op.create_table("registrars", *_name_texts("product", "team"), _key("registrars", "product"))


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", ID, nullable=False),
        *_name_texts("digest", "prefix", "principal", "role"),
        sa.Column("team", TEXT),
        sa.Column("verbs", sa.JSON()),
        sa.Column("domains", sa.JSON()),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        *_name_act("created"),
        *_name_optional(MOMENT, "expires_at", "revoked_at"),
        sa.Column("revoked_by", TEXT),
        sa.Column("last_used_at", MOMENT),
        _key("tokens", "id"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )
    op.create_index("ix_tokens_principal", "tokens", ["principal"])


def _create_limits() -> None:
    op.create_table(
        "idempotency_keys",
        *_name_texts("principal", "key", "verb", "request_digest"),
        sa.Column("data_digest", TEXT),
        *_name_texts("holder", "state"),
        *_name_moments("claimed_until", "expires_at"),
        sa.Column("entry", sa.BigInteger()),
        sa.Column("answer", sa.JSON()),
        _key("idempotency_keys", "principal", "key"),
        sa.UniqueConstraint("holder", name="uq_idempotency_keys_holder"),
    )
    op.create_index("ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"])
    op.create_table(
        "publish_slots",
        *_name_texts("id", "domain"),
        sa.Column("until", MOMENT, nullable=False),
        _key("publish_slots", "id"),
    )
    op.create_index("ix_publish_slots_domain_until", "publish_slots", ["domain", "until"])
    op.create_table(
        "query_seconds",
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("minute", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        _key("query_seconds", "domain", "minute"),
    )
    op.create_index("ix_query_seconds_minute", "query_seconds", ["minute"])


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        *_name_texts("digest", "principal"),
        sa.Column("local", sa.Boolean(), nullable=False),
        *_name_moments("created_at", "expires_at"),
        sa.Column("token", TEXT),
        _key("sessions", "digest"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "signin_codes",
        *_name_texts("digest", "principal"),
        sa.Column("challenge", TEXT),
        *_name_moments("created_at", "expires_at"),
        _key("signin_codes", "digest"),
    )
    op.create_index("ix_signin_codes_expires_at", "signin_codes", ["expires_at"])
    op.create_table(
        "accounts",
        *_name_texts("issuer", "subject", "principal"),
        sa.Column("created_at", MOMENT, nullable=False),
        _key("accounts", "issuer", "subject"),
        sa.UniqueConstraint("issuer", "principal", name="uq_accounts_issuer_principal"),
    )


def _create_access_requests() -> None:
    op.create_table(
        "access_requests",
        sa.Column("id", ID, nullable=False),
        *_name_texts("requester", "person", "holder", "purpose"),
        sa.Column("until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("is_break_glass", sa.Boolean(), nullable=False),
        _key("access_requests", "id"),
    )
    op.create_index("ix_access_requests_requester", "access_requests", ["requester"])
    op.create_index("ix_access_requests_holder", "access_requests", ["holder"])
    op.create_table(
        "access_request_outputs",
        sa.Column("request", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_name_texts("product", "output"),
        sa.Column("columns", sa.JSON()),
        *_name_optional(TEXT, "terms", "renews"),
        _key("access_request_outputs", "request", "position"),
        _refer_to_request("access_request_outputs"),
    )
    op.create_index("ix_access_request_outputs_product_output", "access_request_outputs", ["product", "output"])


def _create_access_answers() -> None:
    op.create_table(
        "access_decisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("request", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_name_texts("decider", "person", "capacity", "verdict"),
        sa.Column("note", TEXT),
        sa.Column("at", MOMENT, nullable=False),
        _key("access_decisions", "id"),
        _refer_to_request("access_decisions"),
    )
    op.create_index("ix_access_decisions_request", "access_decisions", ["request"])
    op.create_table(
        "access_grants",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("request", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_name_texts("product", "output", "holder", "purpose"),
        sa.Column("columns", sa.JSON()),
        sa.Column("opens_personal_data", sa.Boolean(), nullable=False),
        sa.Column("is_break_glass", sa.Boolean(), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        *_name_optional(MOMENT, "ends_at", "review_at", "revoked_at"),
        *_name_optional(TEXT, "revoked_by", "revoked_for"),
        _key("access_grants", "id"),
        _refer_to_request("access_grants"),
    )
    op.create_index("ix_access_grants_request", "access_grants", ["request"])
    op.create_index("ix_access_grants_holder", "access_grants", ["holder"])
    op.create_index("ix_access_grants_product_holder", "access_grants", ["product", "holder"])


def _create_readers() -> None:
    op.create_table(
        "product_access",
        *_name_texts("product", "access"),
        _key("product_access", "product"),
        sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_product_access_products"),
    )
    op.create_table(
        "principal_attributes",
        *_name_texts("principal", "name", "kind", "value"),
        *_name_act("set"),
        _key("principal_attributes", "principal", "name"),
    )


def _create_glossary() -> None:
    op.create_table(
        "terms",
        *_name_texts("key", "name", "definition", "owner"),
        *_name_optional(TEXT, "domain", "parent"),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        *_name_texts("letter", "words"),
        *_name_act("defined"),
        *_name_optional(MOMENT, "retired_at"),
        _key("terms", "key"),
    )
    op.create_index("ix_terms_letter_retired_at_key", "terms", ["letter", "retired_at", "key"])
    op.create_index("ix_terms_parent", "terms", ["parent"])
    key = _key("term_columns", "product", "output", "column")
    of = sa.ForeignKeyConstraint(["product"], ["products.name"], name="fk_term_columns_products")
    op.create_table("term_columns", *_name_texts("product", "output", "column", "term", "written"), key, of)
    op.create_index("ix_term_columns_term_product", "term_columns", ["term", "product"])


def _refer_to_request(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["request"], ["access_requests.id"], name=f"fk_{table}_access_requests")


def _keep_history() -> None:
    for table in ("access_requests", "access_request_outputs", "access_decisions"):
        if op.get_bind().dialect.name == "sqlite":
            refusal = f"SELECT RAISE(ABORT, '{table} are history and cannot be changed')"
            op.execute(f"CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table} BEGIN {refusal}; END")
        else:
            op.execute(
                f"CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history()"
            )
