"""The door of the app: what every request passes, and where every error becomes a problem or a page."""

from __future__ import annotations

import re
from asyncio import sleep
from collections.abc import Callable, Iterable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data_platform.errors import DataPlatformError, LimitExceeded
from data_platform.installing import VERSION
from data_platform.server.bodies.incoming import CallerGone
from data_platform.server.health.metrics import Metrics
from data_platform.server.portal.error_pages import reply_error
from data_platform.server.problem_replies import HttpProblem
from data_platform.server.raw_paths import use_raw_path
from data_platform.server.request_log import RequestFacts, choose_request_id, describe_trace, write_log
from data_platform.server.rows.source import StreamCut
from data_platform.verbs.wire.redirects import REDIRECTS, encode_redirects

LIMITED_SECONDS = 0.5
"""How long a caller over a limit waits for the answer: one who ignores `Retry-After` must not use the server up."""
_HEADERS = (
    (b"data-platform-version", VERSION.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_QUIET = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:@]+)(:(?P<port>[0-9]{0,5}))?")
_LARGEST_PORT = 65_535
_UNCACHED = (b"cache-control", b"no-store")


class Door:
    """Wraps the routes. `allowed_hosts` are the values of Host, without a port, that a request may have.

    While the process ends, each response closes its connection: uvicorn does not close one that it has just accepted.
    """

    def __init__(
        self, routes: ASGIApp, allowed_hosts: frozenset[str], metrics: Metrics, is_ending: Callable[[], bool]
    ) -> None:
        self._routes, self._allowed_hosts, self._metrics = routes, allowed_hosts, metrics
        self._is_ending = is_ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; other protocols than HTTP are passed on."""
        if scope["type"] != "http":
            await self._routes(scope, receive, send)
            return
        facts = RequestFacts(choose_request_id(_find_header(scope, b"x-request-id")), scope["method"])
        scope["data_platform.facts"] = facts
        self._metrics.begin()
        try:
            await self._answer(scope, _count_bytes(facts, receive), _Sending(facts, send, self._is_ending))
        finally:
            self._metrics.end(facts)
            write_log(facts)

    async def _answer(self, scope: Scope, receive: Receive, send: _Sending) -> None:
        facts = send.facts
        try:
            self._check_host(scope)
            use_raw_path(scope)
            await self._routes(scope, receive, send)
        except (CallerGone, ClientDisconnect):
            facts.error = "the caller is gone"
        except StreamCut as cut:
            facts.error = str(cut)
        except Exception as error:  # noqa: BLE001  the outermost handler of a request: no traceback is sent
            facts.error = type(error).__name__
            if not isinstance(error, DataPlatformError | HttpProblem | HTTPException):
                facts.trace = describe_trace(error)
            if not send.has_begun:
                problem = _translate(error) if isinstance(error, HTTPException) else error
                if isinstance(error, LimitExceeded):
                    await sleep(LIMITED_SECONDS)
                await reply_error(problem, facts.request_id, HTTPConnection(scope))(scope, receive, send)

    def _check_host(self, scope: Scope) -> None:
        """Refuses a name that is not the server's, with which a page of another site could reach it (DNS rebinding)."""
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            raise HttpProblem(400, "the request must have one Host header")
        host = _HOST.fullmatch(hosts[0].lower())
        port = int((host and host["port"]) or 0)
        if host is None or port > _LARGEST_PORT or host["name"].removesuffix(".") not in self._allowed_hosts:
            raise HttpProblem(
                421,
                "this server does not answer to the host of the request",
                hint="add it to allowed_hosts under [server] in settings.toml",
            )


class _Sending:
    """Sends, with the headers that every response has, and notes what is sent."""

    def __init__(self, facts: RequestFacts, send: Send, is_ending: Callable[[], bool]) -> None:
        self.facts, self._send, self._is_ending = facts, send, is_ending
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            self.facts.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *self._make_headers(message)]}
        elif message["type"] == "http.response.body":
            self.facts.bytes_out += len(message.get("body", b""))
        await self._send(message)

    def _make_headers(self, message: Message) -> Iterable[tuple[bytes, bytes]]:
        given = {name.lower() for name, _ in message.get("headers", ())}
        yield (b"x-request-id", self.facts.request_id.encode())
        if self.facts.redirects:
            yield (REDIRECTS.lower().encode(), encode_redirects(self.facts.redirects))
        if self._is_ending() and b"connection" not in given:
            yield (b"connection", b"close")
        yield from (header for header in (*_HEADERS, _QUIET, _UNCACHED) if header[0] not in given)


def _translate(error: HTTPException) -> HttpProblem:
    """A refusal of the router: no such path, or another method."""
    allowed = (error.headers or {}).get("Allow")
    if error.status_code == 405 and allowed:
        return HttpProblem(405, f"the path has no such method; it has {allowed}", Allow=allowed)
    if error.status_code == 404:
        return HttpProblem(404, "there is no such path", hint="GET /openapi.json lists all of them")
    return HttpProblem(error.status_code, error.detail)


def _count_bytes(facts: RequestFacts, receive: Receive) -> Receive:
    async def counted() -> Message:
        message = await receive()
        facts.bytes_in += len(message.get("body", b""))
        return message

    return counted


def _find_header(scope: Scope, wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), None)
