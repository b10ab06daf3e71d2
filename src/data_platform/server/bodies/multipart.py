"""`multipart/form-data` as a stream of parts (RFC 7578): a part's bytes are read before the next part begins."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from data_platform.errors import BadInput
from data_platform.server.problem_replies import HttpProblem

MULTIPART = "multipart/form-data"
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")


@dataclass(slots=True)
class FormPart:
    """One part; `chunks` are its bytes, which are read once."""

    name: str
    media_type: str
    file: str | None
    chunks: Iterator[bytes]


@dataclass(slots=True)
class _ParserState:
    """What the parser has state: headers begin a part, bytes belong to it, None ends it."""

    events: deque[Any] = field(default_factory=deque)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    name: bytes = b""
    value: bytes = b""
    is_over: bool = False


def read_parts(chunks: Iterator[bytes], content_type: str) -> Iterator[FormPart]:
    """The parts in their order; raises BadInput for a body that is no multipart, or is cut off."""
    events = _ParserState()
    parser = MultipartParser(_read_boundary(content_type), _make_callbacks(events))
    feed = _feed(chunks, parser, events)
    for event in feed:
        if isinstance(event, list):
            part = _make_part(event, feed)
            yield part
            for _ in part.chunks:  # bytes that nobody wanted
                pass
    if not events.is_over:
        raise BadInput("the multipart body ends too early")


def _feed(chunks: Iterator[bytes], parser: MultipartParser, events: _ParserState) -> Iterator[Any]:
    for chunk in chunks:
        try:
            parser.write(chunk)
        except MultipartParseError:
            raise BadInput("the body is no multipart/form-data") from None
        while events.events:
            yield events.events.popleft()


def _make_part(headers: list[tuple[bytes, bytes]], feed: Iterator[Any]) -> FormPart:
    message = Message()
    for key, value in headers:
        message[key.decode("latin-1")] = value.decode("utf-8", "replace")
    name = message.get_param("name", header="content-disposition")
    if not isinstance(name, str) or not name:
        raise BadInput("a part of the multipart body has no name")
    file = message.get_filename()
    has_type = message["content-type"] is not None
    media_type = message.get_content_type() if has_type else ""
    return FormPart(name, media_type, file, _read_part(feed))


def _read_part(feed: Iterator[Any]) -> Iterator[bytes]:
    for event in feed:
        if event is None:
            return
        yield event
    raise BadInput("the multipart body ends within a part")


def _read_boundary(content_type: str) -> bytes:
    message = Message()
    message["content-type"] = content_type
    boundary = message.get_boundary()
    if boundary is None or not _BOUNDARY.fullmatch(boundary):
        raise HttpProblem(400, "multipart/form-data has no boundary")
    return boundary.encode()


def _make_callbacks(state: _ParserState) -> Any:
    def begin() -> None:
        state.headers = []

    def add_name(data: bytes, start: int, end: int) -> None:
        state.name += data[start:end]

    def add_value(data: bytes, start: int, end: int) -> None:
        state.value += data[start:end]

    def end_header() -> None:
        state.headers.append((state.name, state.value))
        state.name = state.value = b""

    def finish() -> None:
        state.is_over = True

    return {
        "on_part_begin": begin,
        "on_header_field": add_name,
        "on_header_value": add_value,
        "on_header_end": end_header,
        "on_headers_finished": lambda: state.events.append(state.headers),
        "on_part_data": lambda data, start, end: state.events.append(data[start:end]),
        "on_part_end": lambda: state.events.append(None),
        "on_end": finish,
    }
