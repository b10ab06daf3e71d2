"""HTTP/1.1 as uvicorn speaks it, with limits on the head of a request, and on how long a caller may take nothing."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from starlette.requests import HTTPConnection
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from data_platform.server.portal.error_pages import reply_error
from data_platform.server.problem_replies import HttpProblem

if TYPE_CHECKING:
    from data_platform.server.app import ServerApp

LARGEST_HEAD = 64 * 1024
HEAD_SECONDS = 30.0


class LimitedProtocol(HttpToolsProtocol):
    """One connection. A head that is too large, too slow or ambiguous is answered, and the connection is closed.

    A caller who takes nothing for `stall_seconds`, while more waits for them than is buffered, is cut off.

    llhttp refuses a request with both Content-Length and Transfer-Encoding, which proxies could read differently.
    """

    _head_bytes = 0
    _is_in_head = True
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the clock of the first head."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        self._stop_timer()
        self._stop_stall_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The caller takes less than there is: the clock of stalls starts."""
        super().pause_writing()
        self._watch_stall()

    def resume_writing(self) -> None:
        """The caller has taken what waited."""
        self._stop_stall_timer()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Parses what came; counts it while no head is complete."""
        was_in_head = self._is_in_head
        if was_in_head:
            self._head_bytes += len(data)
            if self._head_timer is None:
                self._start_timer()
        super().data_received(data)
        if was_in_head and self._is_in_head and self._head_bytes > LARGEST_HEAD:
            self._refuse(431, f"the head of the request has more than {LARGEST_HEAD:,} bytes")

    def on_headers_complete(self) -> None:
        """The head is complete: its clock stops."""
        self._is_in_head = False
        self._stop_timer()
        if sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > LARGEST_HEAD:
            self._refuse(431, f"the head of the request has more than {LARGEST_HEAD:,} bytes")
            return
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What follows is the head of the next request."""
        if self.cycle is not None:
            super().on_message_complete()
        self._is_in_head, self._head_bytes = True, 0

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP."""
        self._refuse(400, "this is no valid HTTP request")

    def _start_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._refuse_slow_head)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _watch_stall(self) -> None:
        """Cuts the connection if what waits for the caller is still as much after the time."""
        waiting = self.transport.get_write_buffer_size()
        app = cast("ServerApp", self.config.app)
        seconds = app.parts.mesh.settings.server.stall_seconds

        def judge() -> None:
            if self.transport.get_write_buffer_size() < waiting:
                self._watch_stall()
            else:
                self.transport.abort()

        self._stall_timer = self.loop.call_later(seconds, judge)

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _refuse_slow_head(self) -> None:
        if self._head_bytes:
            self._refuse(408, "the head of the request came too slowly")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        if self.transport.is_closing():
            return
        request_id = uuid4().hex
        response = reply_error(HttpProblem(status, message), request_id, self._describe_connection())
        response.headers.update({"x-request-id": request_id, "connection": "close"})
        lines = [b"%s: %s" % header for header in response.raw_headers]
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
        self.transport.write(b"\r\n".join([head, *lines, b"", response.body]))
        self.transport.close()

    def _describe_connection(self) -> HTTPConnection:
        """What was read of the request so far: its path and headers tell whether a person waits for the answer."""
        path = (self.url or b"").partition(b"?")[0].decode("latin-1")
        return HTTPConnection({"type": "http", "method": "GET", "path": path, "headers": self.headers or []})
