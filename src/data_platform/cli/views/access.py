"""Shows requests for access, what they open, and grants with their use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.text import format_count, format_minute
from data_platform.verbs.results import (
    AccessRequestDetail,
    AccessRequestInfo,
    OpenedAccess,
    RequestedAccess,
    ReviewedGrant,
)

_COLORS = {"approved": "green", "approved without personal data": "yellow", "pending": "yellow", "denied": "red"}


def draw_requests(console: Console, requests: Iterable[AccessRequestInfo]) -> None:
    """Writes requests as a table."""
    console.write_table(
        ("id", "outputs", "for", "purpose", "state", "waits for"),
        [
            (
                Styled(str(one.id), "bold"),
                ", ".join(f"{output.product}.{output.output}" for output in one.outputs),
                one.holder,
                one.purpose,
                _style_state(one.state),
                " and ".join(one.missing),
            )
            for one in requests
        ],
    )


def draw_request(console: Console, request: AccessRequestInfo) -> None:
    """Writes one request with the state of each output."""
    console.write_line(
        Styled(f"request {request.id}", "bold"), "  ", _style_state(request.state), f"  for {request.holder}"
    )
    for output in request.outputs:
        console.write_line(f"  {output.product}.{output.output}: ", *_describe_output(output))
    if request.missing:
        console.write_line(f"it waits for {' and '.join(request.missing)}")


def draw_detail(console: Console, detail: AccessRequestDetail) -> None:
    """Writes one request with what it opens, its decisions and its grants."""
    draw_request(console, detail.request)
    console.write_line(f"purpose: {detail.request.purpose}")
    for opened in detail.opens:
        _draw_opened(console, opened)
    if detail.decisions:
        console.write_heading("Decisions")
    for decision in detail.decisions:
        note = f": {decision.note}" if decision.note else ""
        what = f"{decision.verdict} {decision.product}.{decision.output} by {decision.by} as {decision.capacity}{note}"
        console.write_line(Styled(format_minute(decision.at), "dim"), f"  {what}")
    if detail.grants:
        console.write_heading("Grants")
    for grant in detail.grants:
        end = grant.ends_at or grant.review_at
        until = f"{'until' if grant.ends_at else 'to be reviewed on'} {format_minute(end)}" if end else ""
        console.write_line(Styled(grant.id, "bold"), f"  {grant.product}.{grant.output}  {grant.state}  {until}")


def draw_reviews(console: Console, reviews: Sequence[ReviewedGrant]) -> None:
    """Writes grants with their use."""
    console.write_table(
        ("grant", "output", "holder", "reads", "last read", "columns read", "review"),
        [
            (
                Styled(one.id, "bold"),
                f"{one.product}.{one.output}",
                one.holder,
                one.reads,
                None if one.last_read_at is None else format_minute(one.last_read_at),
                f"{len(one.read_columns)} of {len(one.read_columns) + len(one.unread_columns)}",
                ", ".join(one.advice),
            )
            for one in reviews
        ],
    )


def _draw_opened(console: Console, opened: OpenedAccess) -> None:
    console.write_heading(f"Opens {opened.product}.{opened.output}")
    personal = frozenset(opened.personal_data)
    plain = [column for column in opened.columns if column not in personal]
    console.write_line(f"columns: {', '.join(plain) or 'none'}")
    if opened.personal_data:
        console.write_line("personal data: ", Styled(", ".join(opened.personal_data), "yellow"))
    console.write_line(f"rows: {opened.rows or 'all'}")
    if opened.derived:
        console.write_line(f"{format_count(len(opened.derived), 'derived product')}: {', '.join(opened.derived)}")
    if opened.terms is not None:
        console.write_line(f"terms: {opened.terms}")


def _describe_output(output: RequestedAccess) -> list[str | Styled]:
    columns = "all columns" if output.columns is None else ", ".join(output.columns)
    pieces: list[str | Styled] = [_style_state(output.state), f", {columns}"]
    if output.personal_data:
        pieces += [", personal data: ", Styled(", ".join(output.personal_data), "yellow")]
    if output.ends_at is not None:
        pieces.append(f", until {format_minute(output.ends_at)}")
    elif output.review_at is not None:
        pieces.append(f", to be reviewed on {format_minute(output.review_at)}")
    return pieces


def _style_state(state: str) -> Styled:
    return Styled(state, _COLORS.get(state, "dim"))
