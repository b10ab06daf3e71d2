"""Keeps the search index up to date with the record: each search first applies the changes since the last one.

Other verbs do no work for it: a consume or a publish writes its event, and touches no index. The *mark* of the index is
the last event it contains. The index is rebuilt when the record does not have that event (after a restore).
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection

from data_platform.errors import StorageFailed
from data_platform.record.operations import events
from data_platform.record.operations.events import EventPlace
from data_platform.record.store import Record
from data_platform.search.corruption import Damaged
from data_platform.search.index import SearchIndex, Writing
from data_platform.search.question import Found, Question
from data_platform.verbs.catalog.index_documents import CHANGING_KINDS, build_documents
from data_platform.verbs.catalog.index_rebuild import build_all
from data_platform.verbs.core.context import Context

SOON, LONG = 2.0, 60.0
"""Seconds to wait for another process that writes the index: where there is one to search meanwhile, and where not."""


def query_index(context: Context, question: Question) -> Found:
    """The answer of an index that knows all that was recorded when it was asked.

    While another process is at it for long, the answer is that of the index as it is. A damaged index is
    rebuilt; one that cannot be kept on disk is kept in memory.
    """
    index = context.search_index
    _update_index(context, index)
    try:
        return index.search(question)
    except Damaged:
        index.mark_damaged()
    _update_index(context, index)
    try:
        return index.search(question)
    except Damaged as error:
        hint = f"see whether the disk is full; the folder {context.home.path / 'search'} may be deleted at any time"
        raise StorageFailed(f"the search index cannot be read: {error}", hint=hint) from error


def _update_index(context: Context, index: SearchIndex) -> None:
    with context.record.reading() as conn:
        mark = _format_mark(events.find_last(conn))
    if index.is_at(mark):
        return
    try:
        _write(context, index, LONG if index.mark is None else SOON)
    except Damaged:
        index.move_to_memory()
    if index.mark is None:
        index.move_to_memory()
    if index.mark == "":
        _write(context, index, 0)


def _write(context: Context, index: SearchIndex, patience: float) -> None:
    with index.lock_for_writing(patience) as writing:
        if writing is not None:
            with context.record.reading() as conn:
                _apply_changes(context.record, conn, writing)


def _apply_changes(record: Record, conn: Connection, writing: Writing) -> None:
    mark = _format_mark(events.find_last(conn))
    if writing.mark == mark:
        return
    place = _parse_mark(writing.mark)
    if place is not None and events.contains(conn, place):
        changed = events.list_products_after(conn, (place.xid, place.id), CHANGING_KINDS)
        try:
            writing.update(changed, build_documents(conn, changed), mark)
            return
        except Damaged:  # what follows replaces it whole
            pass
    writing.refill(build_all(record, conn), mark)


def _format_mark(place: EventPlace | None) -> str:
    return json.dumps([place.xid, place.id, place.product, place.at.isoformat()] if place else None)


def _parse_mark(mark: str | None) -> EventPlace | None:
    stored = json.loads(mark) if mark else None
    if stored is None:
        return None
    xid, id, product, at = stored
    return EventPlace(xid, id, product, datetime.fromisoformat(at))
