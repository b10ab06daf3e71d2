"""Whether the audit log covers all acts of a product: each contract revision, each version, each refusal.

Acts that an older release recorded before the log began need no entry. The product's own entries are checked byte by
byte, and against the entries before them; `audit verify` checks the whole chain. Entries under a former name of a
product count for the product.
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
from data_platform.record.audit_log.chain import Stored, fetch, find_fault, parse_entry, read_page, select_stored
from data_platform.record.audit_log.entry import BEFORE_ALL
from data_platform.record.audit_log.log import match_products
from data_platform.record.audit_log.stored_bytes import decode_text, select_bytes
from data_platform.record.catalog import redirects
from data_platform.record.db.schema import AUDIT_LOG, AUDITS, CONTRACTS, PRODUCTS, VERSIONS
from data_platform.record.db.stored_json import StoredContract
from data_platform.record.db.types import to_json, to_storable

_EVER = datetime.min.replace(tzinfo=UTC)
_SILENT = "has no entry in the audit log"
_CHANGED = "is not what the audit log says it was"


class Trail(NamedTuple):
    """Whether it is complete; `reason` says what is missing, or how many entries there are."""

    ok: bool
    reason: str


@dataclass
class _ProductEntries:
    """The facts in the product's entries."""

    contracts: dict[int, str] = field(default_factory=dict)
    versions: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)
    refusals: set[int] = field(default_factory=set)

    def add(self, entry: dict[str, Any]) -> None:
        output, details = entry["subject"].partition(".")[2], entry["details"]
        match entry["act"]:
            case Act.REGISTER if "revision" in details:
                self.contracts[details["revision"]] = details.get("contract", "")
            case Act.PUBLISH if "version" in details:
                self.versions[output, details["version"]] = tuple(map(details.get, ("stage", "rows", "metadata")))
            case Act.REFUSAL if "audit" in details:
                self.refusals.add(details["audit"])


def hash_contract(stored: StoredContract) -> str:
    """The log's digest of a contract: the SHA-256 of its text in the record."""
    return sha256(to_json(stored.json).encode()).hexdigest()


def check_trail(conn: Connection, product: str) -> Trail:
    """Whether every contract revision, version and refusal of the product has its entry, unchanged."""
    product, logged, entries = to_storable(product), defaultdict[str, _ProductEntries](_ProductEntries), 0
    until, wrong = _read_opening(conn)
    if wrong is not None:
        return Trail(False, wrong)
    names = redirects.list_names(conn, product)
    current = dict.fromkeys(names, product)
    for stored, previous in _load_with_previous(conn, names):
        wrong = _add_entry(logged, stored, previous, current)
        if wrong is not None:
            return Trail(False, wrong)
        entries += 1
    missing = next(_find_missing(conn, logged, until, product), None)
    if missing is not None:
        return Trail(False, missing[1])
    return Trail(True, f"{entries:,} entries of the audit log, complete and unchanged")


def find_broken_trails(conn: Connection) -> dict[str, str]:
    """The products with an incomplete trail, each with the reason; reads the log once."""
    logged = defaultdict[str, _ProductEntries](_ProductEntries)
    until, wrong = _read_opening(conn)
    if wrong is not None:
        return dict.fromkeys(conn.scalars(select(PRODUCTS.c.name)), wrong)
    broken: dict[str, str] = {}
    number, hashed = 0, BEFORE_ALL
    current = {redirect.name: redirect.product for redirect in redirects.list_all(conn)}
    while entries := read_page(conn, number):
        for stored in entries:
            wrong = _add_entry(logged, stored, hashed if stored.number == number + 1 else BEFORE_ALL, current)
            if wrong is not None:
                broken.setdefault(_resolve_product(decode_text(stored.subject), current), wrong)
            number, hashed = stored.number, decode_text(stored.hash)
    for product, what in _find_missing(conn, logged, until):
        broken.setdefault(product, what)
    return broken


def _read_opening(conn: Connection) -> tuple[datetime, str | None]:
    """The last moment for which no entries are expected, and what is wrong with the entry that contains it."""
    first = fetch(conn, select_stored(conn).where(AUDIT_LOG.c.number == 1))
    opening = parse_entry(first[0]) if first else {}
    if not first or find_fault(first[0], opening, BEFORE_ALL) or opening["act"] != Act.OPENED:
        return _EVER, "the first entry of the audit log is missing or was changed"
    until = opening["details"].get("until")
    return (_EVER if until is None else datetime.fromisoformat(until)), None


def _add_entry(
    logged: defaultdict[str, _ProductEntries], stored: Stored, previous: str, current: Mapping[str, str]
) -> str | None:
    """Adds an entry's facts to its product; returns what is wrong with the entry, if anything."""
    entry = parse_entry(stored)
    wrong = find_fault(stored, entry, previous)
    if wrong is not None:
        return f"entry {stored.number} of the audit log: {wrong}"
    logged[_resolve_product(entry["subject"], current)].add(entry)
    return None


def _resolve_product(subject: str, current: Mapping[str, str]) -> str:
    """The current name of the product that an entry is about."""
    name = subject.partition(".")[0]
    return current.get(name, name)


def _load_with_previous(conn: Connection, names: Collection[str]) -> Iterator[tuple[Stored, str]]:
    mine = match_products(names)
    entries = fetch(conn, select_stored(conn).where(mine).order_by(AUDIT_LOG.c.number))
    before = AUDIT_LOG.alias("before")
    query = select(AUDIT_LOG.c.number, select_bytes(conn, before.c.hash).label("hash"))
    query = query.join_from(AUDIT_LOG, before, before.c.number == AUDIT_LOG.c.number - 1).where(mine)
    hashes = {row.number: decode_text(row.hash) for row in conn.execute(query)}
    yield from ((stored, hashes.get(stored.number, BEFORE_ALL)) for stored in entries)


def _find_missing(
    conn: Connection, logged: defaultdict[str, _ProductEntries], until: datetime, product: str | None = None
) -> Iterator[tuple[str, str]]:
    """What is in the record but not in the log, of one product or of all: the product, and a description."""

    def select_rows(query: Select[Any], of: Table, at: ColumnElement[datetime]) -> Iterator[Any]:
        query = query.where(at > until)
        yield from conn.execute(query if product is None else query.where(of.c.product == product))

    c, v, a = CONTRACTS.c, VERSIONS.c, AUDITS.c
    spec = select_bytes(conn, c.stored_contract)
    for name, revision, text in select_rows(select(c.product, c.revision, spec), CONTRACTS, c.registered_at):
        kept = logged[name].contracts.get(revision)
        if kept != sha256(bytes(text)).hexdigest():
            yield name, f"contract revision {revision} {_CHANGED if kept else _SILENT}"
    facts = (v.stage_id, v.rows, v.metadata_location)
    published = select(v.product, v.output, v.version, *facts)
    for name, output, version, *values in select_rows(published, VERSIONS, v.published_at):
        entry = logged[name].versions.get((output, version))
        if entry != tuple(values):
            yield name, f"version {version} of {output} {_CHANGED if entry else _SILENT}"
    refused = select(a.product, a.id, a.at).where(a.version.is_(None))
    for name, id, at in select_rows(refused, AUDITS, a.at):
        if id not in logged[name].refusals:
            yield name, f"the refusal of {at:%Y-%m-%d %H:%M:%S} UTC {_SILENT}"


def has_made_keys(conn: Connection) -> bool:
    """Whether a key was ever created in this mesh."""
    return conn.scalar(select(AUDIT_LOG.c.number).where(AUDIT_LOG.c.act == Act.KEY.value).limit(1)) is not None


def list_made_keys(conn: Connection) -> tuple[str, ...]:
    """The ids of the keys that were created in this mesh."""
    key_ids: list[str] = []
    for entry in conn.scalars(select(AUDIT_LOG.c.entry).where(AUDIT_LOG.c.act == Act.KEY.value)):
        with suppress(ValueError, KeyError, TypeError, RecursionError):  # manipulated: `audit verify` reports it
            key_ids += map(str, json.loads(entry)["details"].get("made", ()))
    return tuple(dict.fromkeys(key_ids))


def list_backup_folders(conn: Connection, count: int) -> tuple[str, ...]:
    """The folders that the newest backups were written to."""
    entries = select(AUDIT_LOG.c.entry).where(AUDIT_LOG.c.act == Act.BACKUP.value)
    folders: list[str] = []
    for entry in conn.scalars(entries.order_by(AUDIT_LOG.c.number.desc()).limit(count)):
        with suppress(ValueError, KeyError, TypeError, RecursionError):  # manipulated: `audit verify` reports it
            folders.append(str(json.loads(entry)["details"]["folder"]))
    return tuple(folders)
