"""incidents: list, show, acknowledge, comment and resolve incidents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from data_platform.record.access import requests
from data_platform.record.catalog import products
from data_platform.record.operations import incidents
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.incidents import SEVERITIES, Incident, TimelineEntry
from data_platform.spec.product.watching import find_person_on_call
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import find_visible_part, require_visible
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import describe_incident
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.incidents.blast_radius import (
    build_incident_info,
    find_blast_radius,
    hide_incident_texts,
    hides_emergency,
    list_affected_products,
)
from data_platform.verbs.results import AffectedReader, IncidentDetail, IncidentEvent, IncidentInfo

LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class ListIncidents(Request[list[IncidentInfo]]):
    """The incidents of a product, or of the mesh; with `severity` those at least as grave."""

    product: str | None = None
    open_only: bool = False
    severity: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowIncident(Request[IncidentDetail]):
    """One incident, with its timeline and its blast radius."""

    id: int


@dataclass(frozen=True, slots=True)
class AcknowledgeIncident(Request[IncidentInfo]):
    """Record that the caller is working on it; `comment` goes into its timeline."""

    id: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CommentIncident(Request[IncidentInfo]):
    """Add a comment to its timeline."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class ResolveIncident(Request[IncidentInfo]):
    """Close it by hand; the cause opens a new one if it occurs again."""

    id: int
    comment: str | None = None


def list_incidents(context: Context, request: ListIncidents) -> list[IncidentInfo]:
    """The incidents, newest first; raises NotFound for an unknown product, BadInput for an unknown severity."""
    if request.severity is not None and request.severity not in SEVERITIES:
        raise BadInput(f"there is no severity {request.severity}", hint=f"one of {', '.join(SEVERITIES)}")
    least = None if request.severity is None else SEVERITIES[SEVERITIES.index(request.severity) :]
    with context.record.reading() as conn:
        if request.product is not None:
            resolve_product(conn, request.product)
        part = find_visible_part(context, conn)
        rows = incidents.list_history(
            conn, request.product, request.open_only, least, limit=request.limit, among=part.products
        )
        labels, names = OutputLabels(conn), ReaderNames(context, conn)
        return [hide_incident_texts(build_incident_info(row, labels, names), part) for row in rows]


def show_incident(context: Context, request: ShowIncident) -> IncidentDetail:
    """The incident with its present blast radius; raises NotFound."""
    with context.record.reading() as conn:
        row = _find_permitted(context, conn, Action.READ, request.id)
        names = ReaderNames(context, conn)
        timeline = [_build_event(entry, hides_emergency(row, names)) for entry in incidents.list_timeline(conn, row.id)]
        part = find_visible_part(context, conn)
        reached = find_blast_radius(conn, row.product, row.output, context.clock(), part.hidden)
        affected, labels = list_affected_products(conn, reached), OutputLabels(conn)
        readers, others = names.split(row.product, reached.readers, lambda reader: reader.principal)
        info = hide_incident_texts(build_incident_info(row, labels, names), part)
        on_call = _find_person_on_call(context, conn, row.product)
    return IncidentDetail(
        info,
        tuple(replace(event, text=None) if part.names_hidden(event.text or "") else event for event in timeline),
        affected,
        tuple(AffectedReader(reader.principal, reader.reads, reader.last_at) for reader in readers),
        others,
        on_call,
    )


def _find_person_on_call(context: Context, conn: Connection, name: str) -> str | None:
    row = products.find(conn, name)
    product = row.stored_contract.read_head() if row is not None else None
    return find_person_on_call(product.oncall, product.handover, context.clock()) if product is not None else None


def _build_event(entry: TimelineEntry, is_hidden: bool) -> IncidentEvent:
    """The entry; of an emergency that is hidden, without a name and without words."""
    if is_hidden:
        return IncidentEvent(entry.at, "a principal", entry.kind, None)
    return IncidentEvent(entry.at, entry.by, entry.kind, entry.text)


def acknowledge_incident(context: Context, request: AcknowledgeIncident) -> IncidentInfo:
    """The changed incident; raises NotFound, and Refused when it is resolved.

    An earlier acknowledgement stays as it is, and the new text becomes a comment.
    """
    words = _strip_comment(request.comment)

    def acknowledge(tx: Connection, row: Incident) -> EventKind | None:
        if incidents.acknowledge(tx, row.id, context.clock(), context.principal.name, words):
            return EventKind.INCIDENT_ACKNOWLEDGED
        if _find_incident(tx, row.id).resolved_at is not None:
            raise _already_resolved_error(tx, row.id)
        if words is None:
            return None
        incidents.add_comment(tx, row.id, context.clock(), context.principal.name, words)
        return EventKind.INCIDENT_COMMENTED

    return _apply_change(context, request.id, acknowledge)


def comment_incident(context: Context, request: CommentIncident) -> IncidentInfo:
    """The incident; raises NotFound, and BadInput for no words."""
    text = _strip_comment(request.text)
    if text is None:
        raise BadInput("the comment is empty")

    def add_comment(tx: Connection, row: Incident) -> EventKind:
        incidents.add_comment(tx, row.id, context.clock(), context.principal.name, text)
        return EventKind.INCIDENT_COMMENTED

    return _apply_change(context, request.id, add_comment)


def resolve_incident(context: Context, request: ResolveIncident) -> IncidentInfo:
    """The changed incident; raises NotFound, and Refused when it is resolved already.

    Raises AccessDenied for the incident of an emergency in which the caller took access.
    """

    def resolve(tx: Connection, row: Incident) -> EventKind:
        _refuse_own_emergency(context, tx, row)
        if not incidents.resolve_by_id(
            tx, [row.id], context.clock(), context.principal.name, _strip_comment(request.comment)
        ):
            raise _already_resolved_error(tx, row.id)
        return EventKind.INCIDENT_RESOLVED

    return _apply_change(context, request.id, resolve)


def _refuse_own_emergency(context: Context, tx: Connection, row: Incident) -> None:
    principal = context.principal
    names = {principal.name} | ({principal.acts_for.name} if principal.acts_for is not None else set())
    if not principal.local and requests.find_glass_breaker(tx, row.cause) in names:
        raise AccessDenied(f"{principal.name} broke the glass: somebody else has to resolve incident {row.id}")


def _apply_change(
    context: Context, id: int, change: Callable[[Connection, Incident], EventKind | None]
) -> IncidentInfo:
    """Applies the change, which returns the kind of its event, or None."""
    with context.record.transaction() as tx:
        row = _find_permitted(context, tx, Action.RESPOND, id)
        if did := change(tx, row):
            record_outcomes(context, tx, describe_incident(did, row, follows=False))
        info = build_incident_info(_find_incident(tx, id), OutputLabels(tx))
        return hide_incident_texts(info, find_visible_part(context, tx))


def _find_permitted(context: Context, conn: Connection, action: Action, id: int) -> Incident:
    row = _find_incident(conn, id)
    require_visible(context, conn, action, row.product, _not_found(id))
    authorize(context, action, Resource.of(row.product), conn)
    return row


def _find_incident(conn: Connection, id: int) -> Incident:
    row = incidents.find(conn, id) if 0 < id < 2**63 else None
    if row is None:
        raise _not_found(id)
    return row


def _not_found(id: int) -> NotFound:
    return NotFound(f"there is no incident {id}", hint="data-platform incidents lists them")


def _already_resolved_error(conn: Connection, id: int) -> Refused:
    by = _find_incident(conn, id).resolved_by or "a publish"
    return Refused(f"incident {id} is resolved, by {by}", hint=f"data-platform incidents show {id}")


def _strip_comment(text: str | None) -> str | None:
    """The text without blanks around it; None when nothing is left. Raises BadInput for one that is too long."""
    stripped = (text or "").strip()
    if len(stripped) > LONGEST_TEXT:
        raise BadInput(f"a comment of {len(stripped):,} characters is too long", hint=f"at most {LONGEST_TEXT:,}")
    return stripped or None
