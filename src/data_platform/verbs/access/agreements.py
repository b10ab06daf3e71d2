"""access export, import: agreements in the form of Bitol's RFC 0056. Experimental, as the RFC is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.access.actions import Action
from data_platform.access.relations import is_admin
from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.access import requests
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.record.identity import principals
from data_platform.settings import PrincipalKind
from data_platform.spec.standards.agreements import AccessAgreement, read_agreements, write_agreements
from data_platform.verbs.access.capacities import list_capacities, list_holders, name_person
from data_platform.verbs.access.lookup import find_request, is_party, map_capacities, no_request_error
from data_platform.verbs.access.request import add_request, check_purpose, check_terms, describe_reader
from data_platform.verbs.access.request_view import (
    RequestedOutputView,
    RequestView,
    load_view,
    load_views,
    select_visible,
)
from data_platform.verbs.access.requested_outputs import (
    OfferedOutput,
    check_columns,
    find_offered_outputs,
    find_visible_product,
    refuse_denied,
    refuse_late_end,
)
from data_platform.verbs.access.states import AccessState
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import AccessRequestInfo, Agreements

_STATUSES = {
    AccessState.PENDING: "requested",
    AccessState.PARTIAL: "approved",
    AccessState.APPROVED: "approved",
    AccessState.EXPIRED: "approved",
}
"""The statuses of the RFC; all other states are `rejected`."""


@dataclass(frozen=True, slots=True)
class ExportAgreements(Request[Agreements]):
    """The agreements of a request (`id`), of every request for a product, or else of the caller's own requests."""

    id: int | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class ImportAgreements(Request[list[AccessRequestInfo]]):
    """Request what agreements say, in a text from the file `origin`. Their status grants nothing."""

    text: str
    origin: str = "agreements.yaml"
    accept_terms: bool = False


def export_agreements(context: Context, request: ExportAgreements) -> Agreements:
    """One document for each output; raises NotFound, and BadInput for an id and a product."""
    if request.id is not None and request.product is not None:
        raise BadInput("an export is of a request or of a product", hint="data-platform access export ID")
    with context.record.reading() as conn:
        views = _find_views(context, conn, request)
        agreements = [_build(view, output) for view in views for output in _select_known(context, conn, view)]
    return Agreements(write_agreements(agreements), len(agreements))


def import_agreements(context: Context, request: ImportAgreements) -> list[AccessRequestInfo]:
    """The requests, one for each agreement that was not rejected.

    Raises InvalidSpec, NotFound, BadInput and Refused; who names another consumer than itself has to be a governor.
    """
    agreements = read_agreements(request.origin, request.text)
    wanted = [agreement for agreement in agreements if agreement.status != "rejected"]
    with context.record.transaction() as tx:
        made = []
        for agreement in wanted:
            (offered,) = find_offered_outputs(context, tx, f"{agreement.product}.{agreement.output}")
            made.append(_request(context, tx, agreement, offered, accepted=request.accept_terms))
        return made


def _find_views(context: Context, conn: Connection, request: ExportAgreements) -> tuple[RequestView, ...]:
    now = context.clock()
    if request.product is not None:
        product = find_visible_product(context, conn, Action.READ, request.product)
        ids = requests.list_ids_of_product(conn, product.name)
        return load_views(conn, requests.list_by_ids(conn, ids), now)
    if request.id is None:
        own = requests.list_by(conn, name_person(context.principal), list_holders(context.principal))
        return tuple(select_visible(find_visible_part(context, conn), load_views(conn, own, now)))
    view = load_view(conn, find_request(conn, request.id), now)
    is_visible = bool(select_visible(find_visible_part(context, conn), [view]))
    if not is_visible or not (is_party(context, view.row) or any(map_capacities(context, conn, view).values())):
        raise no_request_error(view.row.id)
    return (view,)


def _select_known(context: Context, conn: Connection, view: RequestView) -> Iterator[RequestedOutputView]:
    """The outputs of a request about which the caller may know: all of its own, else those that it decides about."""
    for output in view.outputs:
        if output.offered is None:
            continue
        if is_party(context, view.row) or list_capacities(context, conn, output.offered):
            yield output


def _build(view: RequestView, output: RequestedOutputView) -> AccessAgreement:
    grant, offered = output.state.grant, output.offered
    is_team = view.row.holder not in (view.row.requester, view.row.person)
    return AccessAgreement(
        id=f"{view.row.id}.{output.row.position}" if grant is None else grant.id,
        status=_STATUSES.get(output.state.state, "rejected"),
        purpose=view.row.purpose,
        provider=offered.product.owner if offered else "",
        product=output.row.product,
        output=output.row.output,
        team=view.row.holder if is_team else None,
        user=None if is_team else view.row.holder,
        starts_at=grant.begins_at if grant else None,
        ends_at=grant.ends_at if grant else view.row.until,
        review_at=grant.review_at if grant else None,
        terms=offered.access.terms if offered else None,
        columns=output.row.columns if grant is None else grant.columns,
        opens_personal_data=grant.opens_personal_data if grant else None,
    )


def _request(
    context: Context, tx: Connection, agreement: AccessAgreement, offered: OfferedOutput, *, accepted: bool
) -> AccessRequestInfo:
    """Records the request of one agreement."""
    wrong = check_columns(offered, agreement.columns or ())
    if wrong:
        raise BadInput("\n".join(wrong))
    check_terms([offered], accepted=accepted)
    now, until = context.clock(), agreement.ends_at
    if until is not None and until <= now:
        raise Refused(f"the agreement {agreement.id} ended at {until:%Y-%m-%d %H:%M} UTC")
    refuse_late_end([offered], until, now)
    principal = context.principal
    row = AccessRequestRow(
        0,
        principal.name,
        name_person(principal),
        _find_holder(context, tx, agreement),
        check_purpose(agreement.purpose),
        until,
        now,
    )
    team = None if row.holder == principal.name else row.holder
    refuse_denied(context, tx, [offered], describe_reader(principal, team))
    asked = RequestedOutput(0, 1, offered.product.name, offered.name, agreement.columns, offered.terms_digest)
    return add_request(context, tx, row, [asked])


def _find_holder(context: Context, conn: Connection, agreement: AccessAgreement) -> str:
    """The consumer of an agreement; raises NotFound for one that is no principal, Refused for that of another."""
    name = agreement.team or agreement.user or ""
    if name in list_holders(context.principal):
        return name
    row = principals.find(conn, name)
    kind = PrincipalKind.TEAM if agreement.team is not None else None
    if row is None or (kind is not None and row.kind != kind):
        raise NotFound(f"the consumer {name} of the agreement {agreement.id} is no principal of this mesh")
    if not is_admin(context.principal):
        raise Refused(f"the agreement {agreement.id} is of {name}: {name} or an admin has to import it")
    return name
