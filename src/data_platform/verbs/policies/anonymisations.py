"""Anonymised columns: a contract declares them, and a governor who is not the declarer approves or refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.errors import NotFound, Refused
from data_platform.record.governance import anonymisations
from data_platform.record.governance.anonymisations import APPROVED, REFUSED, Anonymisation
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings.identity import VARIABLE
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part, require_visible
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies.waivers import check_text, is_party
from data_platform.verbs.results import AnonymisationInfo


@dataclass(frozen=True, slots=True)
class ListAnonymisations(Request[list[AnonymisationInfo]]):
    """What the contract of a product, or of all, declares and declared anonymous, newest first."""

    product: str | None = None


@dataclass(frozen=True, slots=True)
class ApproveAnonymisation(Request[AnonymisationInfo]):
    """Approve a declaration; its declarer cannot."""

    id: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RefuseAnonymisation(Request[AnonymisationInfo]):
    """Refuse a declaration, or withdraw its approval: the column is personal data from the next publish on."""

    id: int
    note: str


def list_anonymisations(context: Context, request: ListAnonymisations) -> list[AnonymisationInfo]:
    """Each with its state, and the sources that the caller may know of."""
    with context.record.reading() as conn:
        labels, part = OutputLabels(conn), find_visible_part(context, conn)
        visible = part.select(anonymisations.list_history(conn, request.product), lambda row: row.product)
        return [_build_info(replace(row, sources=_select_sources(part, row)), labels) for row in visible]


def _select_sources(part: VisiblePart, row: Anonymisation) -> tuple[str, ...]:
    return tuple(part.select(row.sources, lambda source: source.partition(".")[0]))


def approve_anonymisation(context: Context, request: ApproveAnonymisation) -> AnonymisationInfo:
    """The declaration, which counts from the next publish on; raises NotFound, and Refused for one's own."""
    note = None if request.note is None else check_text(request.note, "a note")
    return _decide(context, request.id, APPROVED, note)


def refuse_anonymisation(context: Context, request: RefuseAnonymisation) -> AnonymisationInfo:
    """The declaration, which does not count; raises NotFound, and Refused for one that does not count already."""
    return _decide(context, request.id, REFUSED, check_text(request.note, "a note"))


def _decide(context: Context, id: int, verdict: str, note: str | None) -> AnonymisationInfo:
    now, by = context.clock(), context.principal.name
    with context.record.transaction() as tx:
        row = _find(tx, id)
        require_visible(context, tx, Action.DECLASSIFY, row.product, _not_found(id))
        authorize(context, Action.DECLASSIFY, Resource.of(row.product), tx)
        own = verdict == APPROVED and is_party(context, tx, row.declared_by)
        if own or not anonymisations.decide(tx, id, verdict, now, by, note):
            raise _explain_undecided(row, verdict)
        kind = EventKind.ANONYMISATION_APPROVED if verdict == APPROVED else EventKind.ANONYMISATION_REFUSED
        details = {"id": id, "column": row.column, "note": note}
        record_outcomes(context, tx, ActOutcome(kind, Subject(row.product, row.output), details))
        return _build_info(_find(tx, id), OutputLabels(tx))


def _find(conn: Connection, id: int) -> Anonymisation:
    row = anonymisations.find(conn, id)
    if row is None:
        raise _not_found(id)
    return row


def _not_found(id: int) -> NotFound:
    return NotFound(f"there is no anonymisation {id}", hint="data-platform anonymisations list")


def _explain_undecided(row: Anonymisation, verdict: str) -> Refused:
    if row.state in (verdict, "ended"):
        return Refused(f"anonymisation {row.id} is {row.state} already")
    command = f"{VARIABLE}=NAME data-platform anonymisations approve {row.id}"
    what = f"anonymisation {row.id} was declared by {row.declared_by}"
    return Refused(what, hint=f"another governor has to approve it: {command}")


def _build_info(row: Anonymisation, labels: OutputLabels) -> AnonymisationInfo:
    return AnonymisationInfo(
        id=row.id,
        product=row.product,
        output=labels.label(row.product, row.output),
        column=row.column,
        sources=row.sources,
        method=row.method,
        state=row.state,
        declared_at=row.declared_at,
        declared_by=row.declared_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        note=row.note,
    )
