"""A request that is made again while it waits for a decision is the one that waits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.record.access import requests
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.verbs.access.request_view import RequestView, load_views

SAME_END = timedelta(days=1)
"""Ends that are closer are the same: a period such as `90d` counts from the moment of each request."""


def find_pending_request(
    conn: Connection, row: AccessRequestRow, asked: Iterable[RequestedOutput]
) -> RequestView | None:
    """The request of the same requester, holder and purpose for the same outputs, columns and terms of which no output
    is decided finally; None without one. Raises Refused where it asks for another end.
    """
    same = requests.list_same(conn, row.requester, row.holder, row.purpose)
    wanted = _summarize(asked)
    for view in load_views(conn, same, row.created_at):
        is_pending = all(output.state.missing for output in view.outputs)
        if is_pending and _summarize(output.row for output in view.outputs) == wanted:
            if not _is_same_end(view.row.until, row.until):
                raise _other_end_error(view.row)
            return view
    return None


def _summarize(outputs: Iterable[RequestedOutput]) -> frozenset[tuple[object, ...]]:
    return frozenset(
        (
            output.product,
            output.output,
            None if output.columns is None else frozenset(output.columns),
            output.terms,
            output.renews,
        )
        for output in outputs
    )


def _is_same_end(pending: datetime | None, wanted: datetime | None) -> bool:
    if pending is None or wanted is None:
        return pending is wanted
    return abs(pending - wanted) < SAME_END


def _other_end_error(row: AccessRequestRow) -> Refused:
    end = "without an end" if row.until is None else f"until {row.until:%Y-%m-%d %H:%M} UTC"
    return Refused(
        f"request {row.id} asks for the same {end}, and is not decided yet",
        hint=f"to ask for another end, take it back first: data-platform access withdraw {row.id}",
    )
