"""audit: who did what when from where, whether the log is as it was written, and what to keep of it elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.errors import BadInput, Unavailable
from data_platform.record.audit_log import chain as audit_chain
from data_platform.record.audit_log import log
from data_platform.record.audit_log import reads as audit_reads
from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.chain import Anchor, Chain, ChainBreak
from data_platform.record.audit_log.log import EntryFilter, LogEntry
from data_platform.record.catalog import redirects
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import product_not_found, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.sealed_reads import seal_reads
from data_platform.verbs.incidents.blast_radius import cut_cause
from data_platform.verbs.results import AuditAnchor, AuditEntry, AuditVerdict


@dataclass(frozen=True, slots=True)
class AuditLog(Request[list[AuditEntry]]):
    """The entries, newest first: of a product and its outputs, by a principal, of an act, from `since`, before `until`.

    With `after`, those behind that number, oldest first, so that an export can read page by page; `before` leaves out
    that number and those behind it.
    """

    product: str | None = None
    by: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = 100
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class VerifyAudit(Request[AuditVerdict]):
    """Verify that the log was not changed from outside; `anchor` was kept elsewhere."""

    anchor: AuditAnchor | None = None


@dataclass(frozen=True, slots=True)
class AnchorAudit(Request[AuditAnchor]):
    """Seal the reads so far, and return the anchor to keep elsewhere."""


def show_audit_log(context: Context, request: AuditLog) -> list[AuditEntry]:
    """The entries as the log has them; raises BadInput for an act that there is not, NotFound for a product."""
    if request.act is not None and request.act not in list(Act):
        near = find_nearest(request.act, list(Act))
        hint = f"did you mean {near}?" if near else f"one of {', '.join(sorted(Act))}"
        raise BadInput(f"there is no act {request.act}", hint=hint)
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
        which = EntryFilter(
            request.product,
            request.by,
            request.act,
            request.since,
            request.until,
            request.before,
            part.products,
            part.domains,
        )
        if request.after is not None:
            rows = log.list_after(conn, request.after, which, request.limit or 1000)
        else:
            rows = log.list_newest(conn, which, request.limit)
        if not rows and request == AuditLog(product=request.product, limit=request.limit):
            _refuse_unknown(conn, part, request.product)
    return [_prune(_build_entry(row), part) for row in rows]


def _refuse_unknown(conn: Connection, part: VisiblePart, product: str | None) -> None:
    """Raises NotFound for a product without entries that is not registered, or that the caller does not find."""
    if product is None:
        return
    if redirects.resolve_name(conn, product) in part.hidden:
        raise product_not_found(conn, product, part.hidden)
    resolve_product(conn, product)


def _prune(entry: AuditEntry, part: VisiblePart) -> AuditEntry:
    """The entry without the rules of products that the caller does not find; its hash stays that of the whole text."""
    details = dict(entry.details)
    if isinstance(rules := details.get("rules"), list):
        details["rules"] = [rule for rule in rules if part.shows_rule(rule)]
    if isinstance(cause := details.get("cause"), str):
        details["cause"] = cut_cause(cause, part.hidden)
    if details == entry.details:
        return entry
    text = json.dumps({**json.loads(entry.entry), "details": details}, ensure_ascii=False, separators=(",", ":"))
    return replace(entry, details=details, entry=text)


def verify_audit(context: Context, request: VerifyAudit) -> AuditVerdict:
    """The verdict on the log as it was at the beginning; it is read in pages, and blocks no writer."""
    given = request.anchor
    anchor = None if given is None else Anchor(given.number, given.hash, given.at)
    with context.record.reading() as conn:
        end, unsealed = log.find_last_number(conn), 0
    walk = _Walk(anchor)
    while walk.broken is None and walk.chain.number < end:
        with context.record.reading() as conn:
            walk.go_on(conn)
        context.report_progress("verified", walk.chain.number, end)
    broken = walk.broken or walk.chain.end(anchor)
    if broken is None:
        with context.record.reading() as conn:
            unsealed = audit_reads.count_unsealed(conn)
    chain = walk.chain
    at = None if chain.at is None else datetime.fromisoformat(chain.at)
    why = (broken.number, broken.what) if broken else (None, None)
    return AuditVerdict(broken is None, chain.number, chain.hash, at, walk.reads, unsealed, *why)


@dataclass
class _Walk:
    """A way through the log, page by page, to its first break."""

    anchor: Anchor | None
    chain: Chain = field(default_factory=Chain)
    reads: int = 0
    broken: ChainBreak | None = None

    def go_on(self, conn: Connection) -> None:
        """Reads a page, and the reads that its entries sealed."""
        page = audit_chain.read_page(conn, self.chain.number)
        if not page:
            self.broken = ChainBreak(self.chain.number + 1, "the log was cut just now")
        for stored in page:
            self.broken = self.chain.take(stored, self.anchor) or self._reads(conn)
            if self.broken is not None:
                return

    def _reads(self, conn: Connection) -> ChainBreak | None:
        if self.chain.act != Act.READS:
            return None
        what = audit_reads.find_fault(conn, self.chain.details)
        if what is not None:
            return ChainBreak(self.chain.number, what)
        self.reads += self.chain.details["count"]
        return None


def build_anchor(context: Context, request: AnchorAudit) -> AuditAnchor:
    """The last entry, after the reads so far are sealed; raises Unavailable for a log without any."""
    seal_reads(context)
    with context.record.reading() as conn:
        head = log.find_head(conn)
    if head is None:
        raise Unavailable(
            "the audit log is empty, and every record begins with an entry", hint="data-platform audit verify"
        )
    return AuditAnchor(head.number, head.hash, head.at)


def _build_entry(row: LogEntry) -> AuditEntry:
    """The entry by its columns; fields that cannot be read from a changed text are empty."""
    try:
        entry = json.loads(row.entry)
        details, verified, where = dict(entry["details"]), bool(entry["verified"]), dict(entry["from"])
    except (ValueError, TypeError, KeyError):
        details, verified, where = {}, False, {}
    door, host, user = (str(where.get(name, "")) for name in ("door", "host", "user"))
    return AuditEntry(
        row.number, row.at, row.by, verified, row.act, row.subject, details, door, host, user, row.hash, row.entry
    )
