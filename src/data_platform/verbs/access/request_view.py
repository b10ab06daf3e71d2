"""A request with everything that its state is computed from, and the forms in which verbs answer it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.record.access import decisions, grants, requests
from data_platform.record.access.decisions import AccessDecisionRow
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.verbs.access.capacities import describe_missing
from data_platform.verbs.access.requested_outputs import OfferedOutput, find_requested_output
from data_platform.verbs.access.states import OutputState, judge_output, summarize_state
from data_platform.verbs.core.authorization.visible_part import VisiblePart
from data_platform.verbs.results import AccessDecisionInfo, AccessRequestInfo, GrantInfo, RequestedAccess


@dataclass(frozen=True, slots=True)
class RequestedOutputView:
    """An output of a request with the decisions about it, its grants and its state; `offered` None: it is gone."""

    row: RequestedOutput
    offered: OfferedOutput | None
    decisions: tuple[AccessDecisionRow, ...]
    grants: tuple[GrantRow, ...]
    state: OutputState

    @property
    def personal_data(self) -> tuple[str, ...]:
        """The requested columns that hold personal data now."""
        return () if self.offered is None else self.offered.select_personal_data(self.row.columns)

    def __str__(self) -> str:
        return f"{self.row.product}.{self.row.output}"


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with its outputs, in order."""

    row: AccessRequestRow
    outputs: tuple[RequestedOutputView, ...]

    @property
    def grants(self) -> tuple[GrantRow, ...]:
        """Every grant that came of it."""
        return tuple(grant for output in self.outputs for grant in output.grants)


def load_views(conn: Connection, rows: Collection[AccessRequestRow], now: datetime) -> tuple[RequestView, ...]:
    """The requests with their outputs, in their order: three statements, one for what they renew,
    and two for each output that they name.
    """
    ids = [row.id for row in rows]
    asked, made, given = defaultdict(list), defaultdict(list), defaultdict(list)
    for output in requests.list_outputs(conn, ids):
        asked[output.request].append(output)
    for decision in decisions.list_by_requests(conn, ids):
        made[decision.request, decision.position].append(decision)
    for grant in grants.list_by_requests(conn, ids):
        given[grant.request, grant.position].append(grant)
    revoked = _find_revoked(conn, [output.renews for outputs in asked.values() for output in outputs if output.renews])
    names = dict.fromkeys((output.product, output.output) for outputs in asked.values() for output in outputs)
    offered = {name: find_requested_output(conn, *name) for name in names}

    def build(row: AccessRequestRow) -> Iterator[RequestedOutputView]:
        for output in asked[row.id]:
            key = (row.id, output.position)
            place, is_over = (output.product, output.output), output.renews in revoked
            yield _build_output(row, output, offered[place], made[key], given[key], now, is_over=is_over)

    return tuple(RequestView(row, tuple(build(row))) for row in rows)


def _find_revoked(conn: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of the grants that were revoked; one that another replaced is as open as the last of its replacements."""
    families = defaultdict(list)
    for row in grants.list_by_requests(conn, {grants.find_request_id(id) for id in ids}):
        families[row.request, row.position].append(row)
    over = set()
    for family in families.values():
        if max(family, key=lambda row: grants.find_number(row.id)).revoked_at is not None:
            over |= {row.id for row in family}
    return frozenset(over)


def select_visible(part: VisiblePart, views: Iterable[RequestView]) -> list[RequestView]:
    """The requests of whose products none is hidden."""
    return [view for view in views if all(part.shows(output.row.product) for output in view.outputs)]


def load_view(conn: Connection, row: AccessRequestRow, now: datetime) -> RequestView:
    """One request with its outputs."""
    (view,) = load_views(conn, [row], now)
    return view


def _build_output(
    row: AccessRequestRow,
    output: RequestedOutput,
    offered: OfferedOutput | None,
    made: list[AccessDecisionRow],
    given: list[GrantRow],
    now: datetime,
    *,
    is_over: bool,
) -> RequestedOutputView:
    given = sorted(given, key=lambda grant: grants.find_number(grant.id))
    has_personal_data = offered is not None and bool(offered.select_personal_data(output.columns))
    until = row.until if offered is not None else now  # nobody can approve what is gone
    state = judge_output(made, given, has_personal_data=has_personal_data, until=until, now=now, is_over=is_over)
    return RequestedOutputView(output, offered, tuple(made), tuple(given), state)


def build_request_info(view: RequestView, now: datetime) -> AccessRequestInfo:
    """The request as verbs answer it."""
    row = view.row
    outputs = tuple(_build_requested(view, output, now) for output in view.outputs)
    return AccessRequestInfo(
        id=row.id,
        state=summarize_state([output.state.state for output in view.outputs]).value,
        requester=row.requester,
        holder=row.holder,
        purpose=row.purpose,
        until=row.until,
        created_at=row.created_at,
        break_glass=row.is_break_glass,
        outputs=outputs,
        missing=tuple(dict.fromkeys(name for output in outputs for name in output.missing)),
        awaits=tuple(dict.fromkeys(sentence for output in outputs for sentence in output.awaits)),
    )


def _build_requested(view: RequestView, output: RequestedOutputView, now: datetime) -> RequestedAccess:
    grant, offered = output.state.grant, output.offered
    awaits = describe_missing(offered, output.state.missing)
    expected_end = None if offered is None else offered.find_end(view.row.until, now)
    return RequestedAccess(
        product=output.row.product,
        output=output.row.output,
        columns=output.row.columns,
        personal_data=output.personal_data,
        state=output.state.state.value,
        missing=tuple(map(str, awaits)),
        grant=grant.id if grant and output.state.is_open_grant else None,
        ends_at=grant.ends_at if grant else expected_end,
        review_at=grant.review_at if grant else None,
        terms=output.row.terms,
        renews=output.row.renews,
        awaits=awaits,
    )


def build_decision_infos(view: RequestView) -> Iterator[AccessDecisionInfo]:
    """The decisions about a request, the oldest first."""
    made = [(decision, output.row) for output in view.outputs for decision in output.decisions]
    for decision, output in sorted(made, key=lambda pair: pair[0].id):
        yield AccessDecisionInfo(
            output.product,
            output.output,
            decision.decider,
            decision.capacity,
            decision.verdict,
            decision.note,
            decision.at,
        )


def build_grant_infos(rows: Iterable[GrantRow], now: datetime) -> tuple[GrantInfo, ...]:
    """Grants as verbs answer them."""
    return tuple(build_grant_info(row, now) for row in rows)


def build_grant_info(row: GrantRow, now: datetime) -> GrantInfo:
    """A grant as verbs answer it."""
    state = "open" if row.is_open(now) else "expired" if row.revoked_at is None else "revoked"
    return GrantInfo(
        id=row.id,
        request=row.request,
        product=row.product,
        output=row.output,
        holder=row.holder,
        purpose=row.purpose,
        columns=row.columns,
        opens_personal_data=row.opens_personal_data,
        break_glass=row.is_break_glass,
        state=state,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        review_at=row.review_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoked_for=row.revoked_for,
    )
