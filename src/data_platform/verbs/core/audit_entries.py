"""Audit entries of verbs: each is written in the transaction of the act, as its last write.

    with context.record.transaction() as tx:
        policies.add(tx, …)
        audit_entries.record(context, tx, Act.POLICY, POLICIES, revision=7, file="policies.yaml")

Details are small: numbers, names, counts. Never values of the data, texts of queries, or secrets.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.record.audit_log import log, reads
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.entry import Deed
from data_platform.record.audit_log.trail import hash_contract
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations.incidents import Incident
from data_platform.settings.identity import describe_machine
from data_platform.verbs.core.context import Context
from data_platform.verbs.results.incidents import WHOLE

__all__ = ["KEYS", "MESH", "OUTBOX", "POLICIES", "READS", "Act", "record"]

MESH = "mesh:"
POLICIES = "mesh:policies"
READS = "mesh:reads"
FILES = "mesh:files"
KEYS = "mesh:keys"
OUTBOX = "mesh:outbox"
"""Subjects that are no product: a colon is in no name."""

_MOST_CHANGES = 50
_PAUSES = (0.02, 0.08, 0.2)
"""Seconds to wait for the transactions of others to end before reads are sealed the next time."""


def record(context: Context, tx: Connection, act: Act, subject: str, /, **details: Any) -> int:
    """Records an act in the caller's transaction, and returns the number of its entry.

    `subject` is a product, `product.output`, or `KIND:NAME`. Details may be text, numbers, moments, enums, and lists
    and mappings of those; None is left out. Raises TypeError for anything else.
    """
    here, who = describe_machine(), context.principal
    given = {name: value for name, value in details.items() if value is not None}
    deed = Deed(context.clock(), who.name, who.verified, act, subject, context.door, here.host, here.user, given)
    return log.append(tx, deed)


def record_registration(context: Context, tx: Connection, row: ProductRow, changes: Sequence[str] = ()) -> None:
    """A contract, with a digest of its text."""
    record(
        context,
        tx,
        Act.REGISTER,
        row.name,
        revision=row.revision,
        version=row.version,
        domain=row.domain,
        owner=row.owner,
        contract=hash_contract(row.spec),
        changes=list(changes[:_MOST_CHANGES]) or None,
        more_changes=max(0, len(changes) - _MOST_CHANGES) or None,
    )


def record_publish(context: Context, tx: Connection, row: VersionRow) -> None:
    """A version, and where its metadata lies."""
    record(
        context,
        tx,
        Act.PUBLISH,
        f"{row.product}.{row.output}",
        version=row.version,
        contract_revision=row.contract_revision,
        rows=row.rows,
        outcome=row.outcome,
        stage=row.stage_id,
        metadata=row.metadata_location,
    )


def record_publish_refusal(
    context: Context, tx: Connection, product: str, output: str, refusal: Refused, audit: int
) -> None:
    """A publish that was refused: which kind of refusal, and the rules that failed; their texts may hold values."""
    verdict = getattr(refusal, "verdict", None)  # a DataQualityError's; incidents and domains need not load the rules
    results = verdict.results if verdict is not None else ()
    failed = [result.rule.name for result in results if not result.passed]
    kind = type(refusal).__name__
    record(context, tx, Act.REFUSAL, f"{product}.{output}", audit=audit, kind=kind, rules=failed or None)


def record_new_keys(context: Context, product: str, output: str, key_ids: Sequence[str]) -> None:
    """New keys, by their ids, in a transaction of its own: before anything is sealed with them."""
    with context.record.transaction() as tx:
        record(context, tx, Act.KEY, f"{product}.{output}", made=list(key_ids))


def record_contract_refusal(context: Context, tx: Connection, product: str, refusal: Refused) -> None:
    """A contract that was refused, or a read that policies refused."""
    record(context, tx, Act.REFUSAL, product, kind=type(refusal).__name__)


def record_incident_act(context: Context, tx: Connection, incident: Incident, did: str) -> None:
    """A change of an incident by hand; comments stay in its timeline only."""
    whole = incident.output == WHOLE
    subject = incident.product if whole else f"{incident.product}.{incident.output}"
    record(context, tx, Act.INCIDENT, subject, id=incident.id, did=did)


def seal_reads(context: Context) -> int:
    """Seals the reads since the last time in batches, and returns how many they were.

    It does not block: reads below which another transaction may still write one are left for the next time.
    """
    with context.record.reading() as conn:
        mark = reads.mark(conn)
    if not _is_over(context, mark):
        return 0
    sealed = 0
    while True:
        with context.record.reading() as conn:
            batch = reads.make_batch(conn, mark.id)
        if batch is None:
            return sealed
        with context.record.transaction() as tx:
            log.wait_for_others(tx)
            if reads.find_last_sealed(tx) == batch.after:  # or else another tick was quicker
                record(context, tx, Act.READS, READS, **batch.details)
                sealed += batch.count


def _is_over(context: Context, mark: reads.Mark) -> bool:
    for pause in (0, *_PAUSES):
        time.sleep(pause)
        with context.record.reading() as conn:
            if reads.is_final(conn, mark):
                return True
    return False
