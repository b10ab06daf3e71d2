"""Answers as replies: JSON, or rows in the media type that the caller accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request as HttpRequest

from data_platform.server.bodies.documents import JSON
from data_platform.server.places import hide_in_answer
from data_platform.server.replies import Reply
from data_platform.server.rows.arrow import choose_codec, write_arrow
from data_platform.server.rows.media_types import ARROW, CSV, JSON_LINES, PARQUET, choose_media_type
from data_platform.server.rows.parquet import write_parquet
from data_platform.server.rows.source import AnswerRows, RowChunks, open_query, open_ticket
from data_platform.server.rows.text import write_csv, write_json_lines
from data_platform.verbs.core.context import Context
from data_platform.verbs.registry import load_request
from data_platform.verbs.results.reading import QueryTicket, ReadTicket
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import answer_type, encode_answer, write_json

Write = Callable[[AnswerRows, str | None, str], Iterator[bytes]]
FORMATS: dict[str, Write] = {
    JSON_LINES: write_json_lines,
    ARROW: write_arrow,
    CSV: write_csv,
    PARQUET: write_parquet,
}
"""The writers of rows by media type, in the order of preference; each takes a codec and the id of the request."""
Choose = Callable[[Context, Any], Reply]
"""Makes the reply of a verb's answer."""


def choose_answer(verb: Verb, http: HttpRequest, accept: str | None) -> Choose:
    """What makes the reply of the verb's answer; `accept` is a header of that name.

    Raises HttpProblem where the caller accepts none of its types.
    """
    kind = answer_type(load_request(verb.request))
    if kind is ReadTicket:
        return _choose_rows(verb, http, accept, (*FORMATS, JSON))
    if kind is QueryTicket:
        return _choose_rows(verb, http, accept, tuple(FORMATS))
    choose_media_type(accept, [JSON])

    def make_json(context: Context, answer: Any) -> Reply:
        described = encode_answer(verb.request, answer)
        return Reply(write_json(hide_in_answer(verb.request, described, context.home)))

    return make_json


def _choose_rows(verb: Verb, http: HttpRequest, accept: str | None, offered: Sequence[str]) -> Choose:
    accepted = choose_media_type(accept, offered)
    codec = choose_codec(accepted.parameters.get("codec"))
    request_id = http.scope["data_platform.facts"].request_id

    def make_reply(context: Context, answer: Any) -> Reply:
        visible = hide_files(answer) if isinstance(answer, ReadTicket) else answer
        described = hide_in_answer(verb.request, encode_answer(verb.request, visible), context.home)
        if accepted.media_type == JSON:
            return Reply(write_json(described))
        if http.method == "HEAD":
            return Reply(media_type=accepted.media_type)
        rows = open_answer(context, answer, described)
        chunks = RowChunks(rows, FORMATS[accepted.media_type](rows, codec, request_id))
        return Reply(media_type=accepted.media_type, chunks=chunks)

    return make_reply


def open_answer(context: Context, answer: ReadTicket | QueryTicket, described: Json) -> AnswerRows:
    """The rows that a ticket describes; their first batch is computed."""
    if isinstance(answer, ReadTicket):
        return open_ticket(context, answer, described)
    return open_query(context, answer, described)


def hide_files(ticket: ReadTicket) -> ReadTicket:
    """The ticket without what only the server may have: paths, digests, the ids of keys, and its view of the rows."""
    return replace(ticket, files=(), encrypted={}, footer_key=None, view={})
