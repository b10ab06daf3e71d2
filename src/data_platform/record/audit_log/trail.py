"""Whether the audit log tells all that a product did: each contract revision, each version, each refusal.

What an older release recorded before the log began has no entry, and needs none. The product's own entries are checked
byte by byte, and against the entries before them; the whole chain is `audit verify`'s. Entries from before a product
was renamed are about the name of their day, and count for the product.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.chain import Stored, fault, fetch, page, parsed, reading
from data_platform.record.audit_log.entry import BEFORE_ALL
from data_platform.record.audit_log.log import about
from data_platform.record.audit_log.stored_bytes import stored_bytes, text_of
from data_platform.record.catalog import redirects
from data_platform.record.db.schema import AUDIT_LOG, AUDITS, CONTRACTS, PRODUCTS, VERSIONS
from data_platform.record.db.types import dumps, storable

_EVER = datetime.min.replace(tzinfo=UTC)
_SILENT = "has no entry in the audit log"
_CHANGED = "is not what the audit log says it was"


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
                self.contracts[details["revision"]] = details.get("contract", "")
            case Act.PUBLISH if "version" in details:
                told = tuple(details.get(name) for name in ("stage", "rows", "metadata"))
                self.versions[output, details["version"]] = told
            case Act.REFUSAL if "audit" in details:
                self.refusals.add(details["audit"])


def contract_digest(spec: Any) -> str:
    """What the log keeps of a contract: the SHA-256 of its text in the record."""
    return sha256(dumps(spec).encode()).hexdigest()


def audit_trail(conn: Connection, product: str) -> Trail:
    """Whether every contract revision, version and refusal of the product has its entry, unchanged."""
    product, told, entries = storable(product), defaultdict[str, _Told](_Told), 0
    until, wrong = _begun(conn)
    if wrong is not None:
        return Trail(False, wrong)
    names = redirects.names_of(conn, product)
    now = dict.fromkeys(names, product)
    for stored, previous in _with_those_before(conn, names):
        wrong = _hear(told, stored, previous, now)
        if wrong is not None:
            return Trail(False, wrong)
        entries += 1
    missing = next(_missing(conn, told, until, product), None)
    if missing is not None:
        return Trail(False, missing[1])
    return Trail(True, f"{entries:,} entries of the audit log, complete and unchanged")


def broken_trails(conn: Connection) -> dict[str, str]:
    """The same of all products at once, reading the log once: those whose trail is not whole, and why."""
    told = defaultdict[str, _Told](_Told)
    until, wrong = _begun(conn)
    if wrong is not None:
        return dict.fromkeys(conn.scalars(select(PRODUCTS.c.name)), wrong)
    broken: dict[str, str] = {}
    number, hashed = 0, BEFORE_ALL
    now = {each.name: each.product for each in redirects.all(conn)}
    while entries := page(conn, number):
        for stored in entries:
            wrong = _hear(told, stored, hashed if stored.number == number + 1 else BEFORE_ALL, now)
            if wrong is not None:
                broken.setdefault(_product(text_of(stored.subject), now), wrong)
            number, hashed = stored.number, text_of(stored.hash)
    for product, what in _missing(conn, told, until):
        broken.setdefault(product, what)
    return broken


def _begun(conn: Connection) -> tuple[datetime, str | None]:
    """The last moment of which the log need not tell, and what is wrong with the entry that says so."""
    opened = fetch(conn, reading(conn).where(AUDIT_LOG.c.number == 1))
    begun = parsed(opened[0]) if opened else {}
    if not opened or fault(opened[0], begun, BEFORE_ALL) or begun["act"] != Act.OPENED:
        return _EVER, "the first entry of the audit log is missing or was changed"
    until = begun["details"].get("until")
    return (_EVER if until is None else datetime.fromisoformat(until)), None


def _hear(told: defaultdict[str, _Told], stored: Stored, previous: str, now: Mapping[str, str]) -> str | None:
    """Takes in what an entry tells of its product; what is wrong with it otherwise."""
    entry = parsed(stored)
    wrong = fault(stored, entry, previous)
    if wrong is not None:
        return f"entry {stored.number} of the audit log: {wrong}"
    told[_product(entry["subject"], now)].hear(entry)
    return None


def _product(subject: str, now: Mapping[str, str]) -> str:
    """The product that an entry is about, by the name that it has now."""
    name = subject.partition(".")[0]
    return now.get(name, name)


def _with_those_before(conn: Connection, names: Collection[str]) -> Iterator[tuple[Stored, str]]:
    mine = about(names)
    entries = fetch(conn, reading(conn).where(mine).order_by(AUDIT_LOG.c.number))
    before = AUDIT_LOG.alias("before")
    query = select(AUDIT_LOG.c.number, stored_bytes(conn, before.c.hash).label("hash"))
    query = query.join_from(AUDIT_LOG, before, before.c.number == AUDIT_LOG.c.number - 1).where(mine)
    hashes = {row.number: text_of(row.hash) for row in conn.execute(query)}
    yield from ((stored, hashes.get(stored.number, BEFORE_ALL)) for stored in entries)


def _missing(
    conn: Connection, told: defaultdict[str, _Told], until: datetime, product: str | None = None
) -> Iterator[tuple[str, str]]:
    """What the record has and the log does not, of one product or of all: the product, and what, in words."""

    def those(query: Select[Any], of: Table, at: ColumnElement[datetime]) -> Iterator[Any]:
        query = query.where(at > until)
        yield from conn.execute(query if product is None else query.where(of.c.product == product))

    c, v, a = CONTRACTS.c, VERSIONS.c, AUDITS.c
    spec = stored_bytes(conn, c.spec)
    for name, revision, text in those(select(c.product, c.revision, spec), CONTRACTS, c.registered_at):
        kept = told[name].contracts.get(revision)
        if kept != sha256(bytes(text)).hexdigest():
            yield name, f"contract revision {revision} {_CHANGED if kept else _SILENT}"
    facts = (v.stage_id, v.rows, v.metadata_location)
    published = select(v.product, v.output, v.version, *facts)
    for name, output, version, *found in those(published, VERSIONS, v.published_at):
        logged = told[name].versions.get((output, version))
        if logged != tuple(found):
            yield name, f"version {version} of {output} {_CHANGED if logged else _SILENT}"
    refused = select(a.product, a.id, a.at).where(a.version.is_(None))
    for name, id, at in those(refused, AUDITS, a.at):
        if id not in told[name].refusals:
            yield name, f"the refusal of {at:%Y-%m-%d %H:%M:%S} UTC {_SILENT}"


def has_made_keys(conn: Connection) -> bool:
    """Whether a key was ever made in this mesh."""
    return conn.scalar(select(AUDIT_LOG.c.number).where(AUDIT_LOG.c.act == Act.KEY.value).limit(1)) is not None


def backup_folders(conn: Connection, count: int) -> tuple[str, ...]:
    """The folders that the newest backups were written to."""
    entries = select(AUDIT_LOG.c.entry).where(AUDIT_LOG.c.act == Act.BACKUP.value)
    folders: list[str] = []
    for entry in conn.scalars(entries.order_by(AUDIT_LOG.c.number.desc()).limit(count)):
        with suppress(
            ValueError, KeyError, TypeError, RecursionError
        ):  # an entry that was edited; `audit verify` says so
            folders.append(str(json.loads(entry)["details"]["folder"]))
    return tuple(folders)
