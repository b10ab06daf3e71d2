"""The progress of a call, as server-sent events that end with its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from data_platform.client.http import HttpServer
from data_platform.client.replies import decode, decode_error, make_foreign_error
from data_platform.errors import BadInput, ServerFailed
from data_platform.verbs.core.attachments import Progress
from data_platform.verbs.wire.messages import LARGEST, read_json

if TYPE_CHECKING:
    import urllib3


def read_events(
    server: HttpServer,
    verb: str,
    response: urllib3.BaseHTTPResponse,
    on_progress: Callable[[Progress], None],
) -> Any:
    """The answer at the end of the events; raises the problem that is there in its place."""
    for kind, data in _split_events(server, response):
        if kind not in ("progress", "answer", "problem"):
            continue
        try:
            value = read_json(data)
        except BadInput:
            raise make_foreign_error(server, response) from None
        if kind == "answer":
            return decode(server, verb, value, response)
        if kind == "problem":
            raise decode_error(server, response, value)
        if isinstance(value, dict):
            on_progress(Progress(str(value.get("step")), int(value.get("done") or 0), value.get("total")))
    raise ServerFailed(f"the connection to {server.address} broke before the answer")


def _split_events(server: HttpServer, response: urllib3.BaseHTTPResponse) -> Iterator[tuple[str, bytes]]:
    """Each event's name and data, as the HTML standard separates them; comments keep the connection alive."""
    kind, lines = "message", list[bytes]()
    for line in _split_lines(server, response):
        if not line:
            if lines:
                yield kind, b"\n".join(lines)
            kind, lines = "message", []
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            kind = value.decode("utf-8", "replace")
        elif field == b"data":
            lines.append(value)


def _split_lines(server: HttpServer, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    with server.convert_errors():
        while line := response.readline(LARGEST + 1):
            yield line.rstrip(b"\r\n")
