"""Outcomes: what acts came to, as the recorder takes them.

Details are small: numbers, names, counts. Never values of the data, texts of queries, or secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data_platform.errors import Refused
from data_platform.lineage.facets.envelope import Json
from data_platform.record.audit_log.trail import hash_contract
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.incidents import Incident
from data_platform.verbs.results.incidents import WHOLE

if TYPE_CHECKING:
    from data_platform.spec.product.contract import Contract

_MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """What an outcome is about: a product, an output of it, or `KIND:NAME`, because a colon is in no name."""

    name: str
    output: str | None = None

    def __str__(self) -> str:
        return self.name if self.output is None else f"{self.name}.{self.output}"


MESH = Subject("mesh:")
POLICIES = Subject("mesh:policies")
READS = Subject("mesh:reads")
FILES = Subject("mesh:files")
KEYS = Subject("mesh:keys")
OUTBOX = Subject("mesh:outbox")

LineageBuilder = Callable[[], list[Json]]
"""Builds the OpenLineage events of an outcome, in the transaction of the act."""


@dataclass(frozen=True, slots=True)
class ActOutcome:
    """What an act came to: it becomes an event, an entry of the audit log, and messages in the outbox.

    `details` may be text, numbers, moments, enums, and lists and mappings of those; None is left out. `lineage` is
    set where OpenLineage has an event for it. `follows` marks the consequence of an act that has an entry in the audit
    log itself: it is an event alone.
    """

    kind: EventKind
    subject: Subject
    details: Mapping[str, Any] = field(default_factory=dict)
    lineage: LineageBuilder | None = None
    follows: bool = False


def describe_registration(
    row: ProductRow, contract: Contract, changes: Sequence[str], lineage: LineageBuilder
) -> ActOutcome:
    """A contract, with a digest of its text, and why values in it that look like personal data are none."""
    details = {
        "revision": row.revision,
        "version": row.version,
        "domain": row.domain,
        "owner": row.owner,
        "contract": hash_contract(row.stored_contract),
        "changes": list(changes[:_MOST_CHANGES]) or None,
        "more_changes": max(0, len(changes) - _MOST_CHANGES) or None,
        "not_pii": list(_list_not_pii(contract)) or None,
    }
    return ActOutcome(EventKind.REGISTERED, Subject(row.name), details, lineage)


def _list_not_pii(contract: Contract) -> Iterator[str]:
    for output, schema in contract.schemas.items():
        for column in schema:
            for path, reason in column.list_not_pii():
                yield f"{'.'.join(filter(None, (output, column.name, path)))}: {reason}"


def describe_publish(row: VersionRow, lineage: LineageBuilder) -> ActOutcome:
    """A version, and where its metadata lies."""
    details = {
        "version": row.version,
        "contract_revision": row.contract_revision,
        "rows": row.rows,
        "outcome": row.outcome,
        "stage": row.stage_id,
        "metadata": row.metadata_location,
    }
    return ActOutcome(EventKind.PUBLISHED, Subject(row.product, row.output), details, lineage)


def describe_publish_refusal(subject: Subject, refusal: Refused, audit: int, lineage: LineageBuilder) -> ActOutcome:
    """A publish that was refused: which kind of refusal, and the rules that failed; their texts may hold values."""
    verdict = getattr(refusal, "verdict", None)  # a DataQualityError's; incidents and domains need not load the rules
    results = verdict.results if verdict is not None else ()
    failed = [result.rule.name for result in results if not result.passed]
    details = {"audit": audit, "kind": type(refusal).__name__, "rules": failed or None}
    return ActOutcome(EventKind.REFUSED, subject, details, lineage)


def describe_contract_refusal(product: str, refusal: Refused) -> ActOutcome:
    """A contract that was refused."""
    return ActOutcome(EventKind.CONTRACT_REFUSED, Subject(product), {"kind": type(refusal).__name__})


def describe_read_refusal(product: str, output: str, refusal: Refused) -> ActOutcome:
    """A read that policies refused."""
    return ActOutcome(EventKind.READ_REFUSED, Subject(product, output), {"kind": type(refusal).__name__})


def describe_incident(kind: EventKind, incident: Incident, *, follows: bool) -> ActOutcome:
    """An incident by its number and cause; its summary and its comments stay in the record, they may hold values."""
    output = None if incident.output == WHOLE else incident.output
    details = {"id": incident.id, "cause": incident.cause, "severity": incident.severity}
    return ActOutcome(kind, Subject(incident.product, output), details, follows=follows)
