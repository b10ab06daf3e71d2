"""One call: from an HTTP request to the reply of its verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request as HttpRequest

from data_platform.engine.interruption import Interruption
from data_platform.errors import DataPlatformError, Unavailable
from data_platform.server.answers import Choose
from data_platform.server.bodies.documents import read_document
from data_platform.server.bodies.incoming import CallerGone, IncomingBody
from data_platform.server.bodies.leaving import interrupt_when_gone
from data_platform.server.callers import identify_caller
from data_platform.server.events import OnProgress
from data_platform.server.limits.conditions import apply_if_match, precondition
from data_platform.server.limits.heavy import HEAVY, TooManyQueries
from data_platform.server.limits.pages import Page
from data_platform.server.limits.uploads import UploadPlaces
from data_platform.server.operations import LATEST
from data_platform.server.page_views import PageViews
from data_platform.server.parts import Arrival, ServedCall, ServerParts
from data_platform.server.places import hide_in_error
from data_platform.server.raw_paths import decode_segment, read_query
from data_platform.server.replies import Reply
from data_platform.server.request_log import RequestFacts
from data_platform.settings.server_variables import PURPOSE_HEADER
from data_platform.verbs.core.attachments import Attachments, ignore_progress
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.http_calls import decode_call

T = TypeVar("T")
_SENDING = frozenset(["Deliver", "SendTestAlert", "Tick"])
_PLACE_TRIES, _PLACE_PAUSE = 40, 0.25
_QUERIED = frozenset(["GET", "DELETE", "HEAD"])


@dataclass(frozen=True, slots=True)
class Calling:
    """Takes the calls of one app.

    `limiter` bounds the threads of short calls, `heavy` those of calls that read data, `uploads` those that wait for
    data: slow queries and slow callers do not keep short calls waiting.
    """

    parts: ServerParts
    limiter: CapacityLimiter
    heavy: CapacityLimiter
    uploads: UploadPlaces
    page_views: PageViews = field(default_factory=PageViews)

    async def compute(self, call: Callable[[], T]) -> T:
        """What `call` returns, which computes rows, run in a thread."""
        return await to_thread.run_sync(call, limiter=self.heavy)

    async def finish(self, call: Callable[[], T], limiter: CapacityLimiter) -> T:
        """What `call` returns; a verb that has begun is finished, also for a caller who is gone."""
        with anyio.CancelScope(shield=True):
            answer = await to_thread.run_sync(call, limiter=limiter)
        return answer  # noqa: RET504  the scope may end without a value, to mypy

    async def finish_in_time(self, call: Callable[[], T]) -> T:
        """What `call` returns, which only reads; raises Unavailable where it takes too long, and leaves it alone."""
        seconds = self.parts.mesh.settings.server.request_seconds
        try:
            with anyio.fail_after(seconds):
                return await to_thread.run_sync(call, limiter=self.limiter, abandon_on_cancel=True)
        except TimeoutError:
            raise Unavailable(
                f"the request took longer than {seconds} seconds",
                hint="ask for less, or raise request_seconds under [server] in settings.toml",
            ) from None

    async def admit(self, verb: Verb, http: HttpRequest) -> Arrival:
        """The arrival of a request that may go on; raises NotAuthenticated, and what the guards raise."""
        arrival = await to_thread.run_sync(partial(self._admit, verb, http), limiter=self.limiter)
        facts: RequestFacts = http.scope["data_platform.facts"]
        facts.verb, facts.principal = verb.request, arrival.principal.name
        return arrival

    async def answer(
        self, arrival: Arrival, http: HttpRequest, choose: Choose, on_progress: OnProgress = ignore_progress
    ) -> Reply:
        """The reply to a call whose body, if it has one, is a document."""
        verb = arrival.verb
        document = None
        if http.method not in _QUERIED:
            document = await read_document(verb, http.headers, IncomingBody(http.receive))
        path, query = read_path(http), read_query(http.scope["query_string"])
        senders = self.parts.senders if verb.request in _SENDING else {}
        interruption = Interruption()
        attachments = Attachments(None, on_progress, senders, self.read_key(http), interruption=interruption)
        page, expected = Page.open(verb, query), http.headers.get("if-match")

        def respond() -> Reply:
            if interruption.is_set:
                raise CallerGone  # while it waited for a thread
            request = decode_call(verb, path, query if page is None else page.fields, document)
            request = apply_if_match(verb, request, expected)
            call = ServedCall(arrival, request, self.make_context(http, arrival, attachments))
            if page is not None:
                return self.pass_guards(call, lambda: answer_page(call, page, choose))
            with precondition(expected):
                return self.pass_guards(call, lambda: choose(call.context, dispatch(call.context, request)))

        if verb.writes:
            return await self.finish(respond, self.heavy if verb.request in HEAVY else self.limiter)
        if verb.request not in HEAVY:
            return await self.finish_in_time(respond)
        async with interrupt_when_gone(http.receive, interruption):
            reply = await self._finish_with_place(respond)
        if interruption.is_set:
            await self.discard(reply)
            raise CallerGone
        reply.interruption = interruption
        return reply

    async def _finish_with_place(self, respond: Callable[[], Reply]) -> Reply:
        """The reply; a query waits for a place among those that run, without a thread."""
        for _ in range(_PLACE_TRIES):
            try:
                return await self.finish(respond, self.heavy)
            except TooManyQueries:
                await anyio.sleep(_PLACE_PAUSE)
        return await self.finish(respond, self.heavy)

    async def discard(self, reply: Reply) -> None:
        """Ends what computes the chunks of a reply."""
        reply.interruption.set()
        if reply.chunks is not None:
            with anyio.CancelScope(shield=True):
                await self.compute(reply.chunks.close)  # type: ignore[attr-defined]  # it has one, see Reply

    def make_context(self, http: HttpRequest, arrival: Arrival, attachments: Attachments) -> Context:
        """The context of the call."""
        facts: RequestFacts = http.scope["data_platform.facts"]
        purpose = unquote(http.headers.get(PURPOSE_HEADER, "")) or None
        caller = Caller(arrival.principal, SERVER_DOOR, facts.redirects.append, purpose)
        return Context(self.parts.mesh, caller, facts.request_id, attachments)

    def read_key(self, http: HttpRequest) -> str | None:
        """The idempotency key of a call that may change something."""
        return None if http.method in ("GET", "HEAD") else http.headers.get("idempotency-key")

    def pass_guards(self, call: ServedCall, proceed: Callable[[], Reply]) -> Reply:
        """The reply of `proceed`, through all guards. This is the one place where a call passes them."""
        for guard in reversed(self.parts.guards):
            proceed = partial(guard.answer, call, proceed)
        try:
            return proceed()
        except DataPlatformError as error:
            hide_in_error(error, self.parts.mesh.home)
            raise

    def _admit(self, verb: Verb, http: HttpRequest) -> Arrival:
        principal = identify_caller(self.parts, http)
        arrival = Arrival(verb, principal, dict(http.headers))
        for guard in self.parts.guards:
            guard.admit(arrival)
        return arrival


def answer_page(call: ServedCall, page: Page, choose: Choose) -> Reply:
    """The reply with one page of a listed answer."""
    items: Any = dispatch(call.context, page.narrow(call.request))
    cut, headers = page.cut(items)
    reply = choose(call.context, cut)
    reply.headers.update(headers)
    return reply


def read_path(http: HttpRequest) -> Mapping[str, str]:
    """The names in the path, decoded. The version `latest` is the newest, which the request leaves out."""
    names = {name: decode_segment(text) for name, text in http.path_params.items()}
    if names.get("version") == LATEST:
        del names["version"]
    return names
