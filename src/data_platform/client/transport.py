"""The transport to a server: each request is an HTTP call, each answer and each error comes back as it was there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from data_platform.client.address import ServerAddress, parse_address
from data_platform.client.credentials import BearerToken, find_token
from data_platform.client.events import read_events
from data_platform.client.http import Call, HttpServer
from data_platform.client.replies import ARROW, EVENTS, JSON, kind_of, read_answer
from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog.redirects import Redirect
from data_platform.settings import Home, Principal, Settings, find_home, load_settings, resolve_home_path
from data_platform.settings.server_variables import URL_VARIABLE
from data_platform.verbs.core.attachments import NOTHING, Attachments, check_attachments, ignore_progress
from data_platform.verbs.core.context import ignore_redirect
from data_platform.verbs.core.request import Request, check_request
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.registry.page_orders import PAGE_ORDERS
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.http_calls import encode_call
from data_platform.verbs.wire.messages import answer_type, write_json
from data_platform.verbs.wire.paging import LARGEST_PAGE, read_next_link
from data_platform.verbs.wire.redirects import REDIRECTS, decode_redirects

if TYPE_CHECKING:
    import urllib3

    from data_platform.client.rows import RemoteRows
    from data_platform.engine.frame import DataFrame
    from data_platform.engine.query_result import QueryResult
    from data_platform.verbs.results import CallerInfo
    from data_platform.verbs.results.reading import QueryTicket, ReadTicket

T = TypeVar("T")
KEY_HEADER = "Idempotency-Key"
_STREAMED = "QueryTicket"
"""The answer that comes with its rows."""
_REPORTING = frozenset(["Publish", "VerifyAudit"])
"""The requests that report progress."""


def connect(url: str, token: str | None = None, origin: str = "the URL") -> HttpTransport:
    """The transport to the server at `url`, which `origin` names in errors; nothing is sent before the first call."""
    address = parse_address(url, origin)
    return HttpTransport(address, find_token(address, token))


class HttpTransport:
    """The transport to the mesh of a server, as the principal of a token. Threads may share it."""

    def __init__(self, address: ServerAddress, token: BearerToken | None) -> None:
        self._server = HttpServer(address, token)
        self._identity = (address, token and token.text)
        self._lock = threading.Lock()
        self._rows: dict[str, RemoteRows] = {}
        self._on_redirect: Callable[[Redirect], None] = ignore_redirect

    @property
    def url(self) -> str:
        """The URL of the server."""
        return str(self._server.address)

    @property
    def place(self) -> str:
        """Where the mesh is, for messages."""
        return self.url

    @property
    def home(self) -> Home:
        """No home is here; raises BadInput."""
        raise BadInput(
            f"this process is a client of {self.url}, and the home of that mesh is at the server",
            hint=f"to work in a home, unset {URL_VARIABLE} or name the home: Platform.open(home)",
        )

    @cached_property
    def settings(self) -> Settings:
        """The settings of the nearest home, for the sources of pipelines; the defaults where there is none."""
        home = find_home()
        return Settings(resolve_home_path()) if home is None else load_settings(home)

    @cached_property
    def principal(self) -> Principal:
        """The principal of the token, as the server knows it."""
        who_am_i: Request[CallerInfo] = load_request("WhoAmI")()
        caller = self.call(who_am_i)
        return Principal(caller.principal, verified=caller.verified)

    def call(self, request: Request[T], attachments: Attachments = NOTHING) -> T:
        """The answer; raises what the verb raises there, ServerFailed, and BadInput for what no server has."""
        check_request(request)
        check_attachments(attachments)
        verb = VERBS[type(request).__name__]
        if not verb.served:
            raise BadInput(f"{verb.request} needs the files of the home, which are at {self.url}", hint="run it there")
        if verb.request == "Publish":
            return cast("T", self._publish(verb, request, attachments))
        call = encode_call(request)
        headers = {**self._make_headers(verb, attachments), "Content-Type": JSON}
        body = None if call.body is None else write_json(call.body)
        repeatable = call.method == "GET" or KEY_HEADER in headers
        if verb.request in PAGE_ORDERS:
            return cast("T", self._read_pages(verb, request, Call("GET", call.path, call.query, headers)))
        response = self._server.send(Call(call.method, call.path, call.query, headers, body, repeatable))
        return cast("T", self._read_response(verb, response, attachments))

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Keeps `on_redirect`. The interface of the caller is HTTP, and a server's mesh has begun."""
        self._on_redirect = on_redirect or self._on_redirect

    def open_frame(self, ticket: ReadTicket) -> DataFrame:
        """A frame whose actions run on the server."""
        frames = import_module("data_platform.client.frames")
        return cast("DataFrame", frames.open_remote_frame(self, ticket, self._identity))

    def open_rows(self, ticket: QueryTicket) -> QueryResult:
        """The rows that came with the ticket, once."""
        results = import_module("data_platform.engine.query_result")
        rows = self.take_rows(ticket)
        made_from = (ticket.reads, ticket.lineage)
        return cast(
            "QueryResult", results.QueryResult(rows, ticket.limit, ticket.most_rows, ticket.warnings, *made_from)
        )

    def take_rows(self, ticket: QueryTicket) -> RemoteRows:
        """The rows that came with the ticket, once; raises NotFound for a ticket whose rows were taken."""
        with self._lock:
            rows = self._rows.pop(ticket.stream, None)
        if rows is None:
            raise NotFound(f"there is no stream {ticket.stream}: the rows of a query are taken once")
        return rows

    def close(self) -> None:
        """Closes the connections; rows that were not taken are gone."""
        with self._lock:
            waiting, self._rows = list(self._rows.values()), {}
        for rows in waiting:
            rows.close()
        self._server.close()

    def _publish(self, verb: Verb, request: Request[Any], attachments: Attachments) -> Any:
        uploads = import_module("data_platform.client.uploads")
        upload = uploads.build_upload(request, attachments.data, compress=self._server.address.scheme == "https")
        headers = {**self._make_headers(verb, attachments), "Content-Type": upload.media_type}
        path = encode_call(request).path
        response = self._server.send(Call(verb.method, path, headers=headers, body=upload.pieces))
        return self._read_response(verb, response, attachments)

    def _read_pages(self, verb: Verb, request: Any, call: Call) -> list[Any]:
        """The whole list, or as much of it as the request wants."""
        most: int | None = getattr(request, "limit", None)
        size = LARGEST_PAGE if most is None else min(most, LARGEST_PAGE)
        query: tuple[tuple[str, str], ...] | None
        query = (*(pair for pair in call.query if pair[0] != "limit"), ("limit", str(size)))
        items: list[Any] = []
        while query is not None and (most is None or len(items) < most or not items):
            response = self._server.send(call._replace(query=query, is_repeatable=True))
            items += self._read_response(verb, response, NOTHING)
            query = read_next_link(response.headers.get("Link"))
        return items if most is None else items[:most]

    def _make_headers(self, verb: Verb, attachments: Attachments) -> dict[str, str]:
        """What the answer may be, and for a write its key: the same one in each attempt."""
        accepted = JSON
        if _answers_rows(verb):
            accepted = ARROW if self._server.address.scheme == "http" else f"{ARROW};codec=lz4"
        elif verb.request in _REPORTING and attachments.on_progress is not ignore_progress:
            accepted = f"{EVENTS}, {JSON};q=0.5"
        headers = {"Accept": accepted}
        if verb.writes:
            headers[KEY_HEADER] = attachments.idempotency_key or str(uuid4())
        return headers

    def _read_response(self, verb: Verb, response: urllib3.BaseHTTPResponse, attachments: Attachments) -> Any:
        for redirect in decode_redirects(response.headers.get(REDIRECTS, "[]")):
            self._on_redirect(redirect)
        if _answers_rows(verb):
            rows: RemoteRows = import_module("data_platform.client.rows").RemoteRows(
                self._server, verb.request, response
            )
            with self._lock:
                self._rows[rows.ticket.stream] = rows
            return rows.ticket
        if response.status < 400 and kind_of(response) == EVENTS:
            return read_events(self._server, verb.request, response, attachments.on_progress)
        return read_answer(self._server, verb.request, response)


def _answers_rows(verb: Verb) -> bool:
    return getattr(answer_type(load_request(verb.request)), "__name__", "") == _STREAMED
