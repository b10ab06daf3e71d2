"""Whether the audit log tells all that a product did: each contract revision, each version, each refusal.

What an older release recorded before the log began has no entry, and needs none. The product's own entries are checked
byte by byte, and against the entries before them; the whole chain is `audit verify`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select

from data_platform.record.audit_chain import Stored, fault, fetch, parsed, reading
from data_platform.record.audit_entry import BEFORE_ALL, Act
from data_platform.record.schema import AUDIT_LOG, AUDITS, CONTRACTS, VERSIONS
from data_platform.record.stored import stored_bytes, text_of
from data_platform.record.types import dumps, storable


class Trail(NamedTuple):
    """Whether it is whole; `reason` says what is missing, or how much there is."""

    ok: bool
    reason: str


@dataclass
class _Told:
    """What the product's entries tell."""

    contracts: dict[int, str] = field(default_factory=dict)
    versions: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)
    refusals: set[int] = field(default_factory=set)

    def hear(self, entry: dict[str, Any]) -> None:
        output, details = entry["subject"].partition(".")[2], entry["details"]
        match entry["act"]:
            case Act.REGISTER if "revision" in details:
                self.contracts[details["revision"]] = details["contract"]
            case Act.PUBLISH:
                told = tuple(details[name] for name in ("stage", "rows", "metadata"))
                self.versions[output, details["version"]] = told
            case Act.REFUSAL if "audit" in details:
                self.refusals.add(details["audit"])


def contract_digest(spec: Any) -> str:
    """What the log keeps of a contract: the SHA-256 of its text in the record."""
    return sha256(dumps(spec).encode()).hexdigest()


def audit_trail(conn: Connection, product: str) -> Trail:
    """Whether every contract revision, version and refusal of the product has its entry, unchanged."""
    product, told, entries = storable(product), _Told(), 0
    opened = fetch(conn, reading(conn).where(AUDIT_LOG.c.number == 1))
    begun = parsed(opened[0]) if opened else {}
    if not opened or fault(opened[0], begun, BEFORE_ALL) or begun["act"] != Act.OPENED:
        return Trail(False, "the first entry of the audit log is missing or was changed")
    for stored, previous in _with_those_before(conn, product):
        entry = parsed(stored)
        wrong = fault(stored, entry, previous)
        if wrong is not None:
            return Trail(False, f"entry {stored.number} of the audit log: {wrong}")
        told.hear(entry)
        entries += 1
    missing = next(_missing(conn, product, told, begun["details"].get("until")), None)
    if missing is not None:
        return Trail(False, missing)
    return Trail(True, f"{entries:,} entries of the audit log, complete and unchanged")


def _with_those_before(conn: Connection, product: str) -> Iterator[tuple[Stored, str]]:
    subject = AUDIT_LOG.c.subject
    mine = or_(subject == product, (subject > f"{product}.") & (subject < f"{product}/"))
    entries = fetch(conn, reading(conn).where(mine).order_by(AUDIT_LOG.c.number))
    before = AUDIT_LOG.alias("before")
    query = select(AUDIT_LOG.c.number, stored_bytes(conn, before.c.hash).label("hash"))
    query = query.join_from(AUDIT_LOG, before, before.c.number == AUDIT_LOG.c.number - 1).where(mine)
    hashes = {row.number: text_of(row.hash) for row in conn.execute(query)}
    yield from ((stored, hashes.get(stored.number, BEFORE_ALL)) for stored in entries)


def _missing(conn: Connection, product: str, told: _Told, until: str | None) -> Iterator[str]:
    """What the record has and the log does not, in words."""
    since = datetime.min.replace(tzinfo=UTC) if until is None else datetime.fromisoformat(until)
    spec = stored_bytes(conn, CONTRACTS.c.spec).label("spec")
    mine = select(CONTRACTS.c.revision, spec).where(CONTRACTS.c.product == product, CONTRACTS.c.registered_at > since)
    for row in conn.execute(mine):
        if told.contracts.get(row.revision) != sha256(bytes(row.spec)).hexdigest():
            yield f"contract revision {row.revision} {_how(row.revision in told.contracts)}"
    v = VERSIONS.c
    facts = (v.stage_id, v.rows, v.metadata_location)
    published = select(v.output, v.version, *facts).where(v.product == product, v.published_at > since)
    for output, version, *found in conn.execute(published):
        if told.versions.get((output, version)) != tuple(found):
            yield f"version {version} of {output} {_how((output, version) in told.versions)}"
    refused = select(AUDITS.c.id, AUDITS.c.at).where(AUDITS.c.product == product, AUDITS.c.version.is_(None))
    for id, at in conn.execute(refused.where(AUDITS.c.at > since)):
        if id not in told.refusals:
            yield f"the refusal of {at:%Y-%m-%d %H:%M:%S} UTC {_how(False)}"


def _how(told: bool) -> str:
    return "is not what the audit log says it was" if told else "has no entry in the audit log"
