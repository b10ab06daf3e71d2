"""The routes of the verbs that are served, one for each path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from data_platform.server.answers import choose_answer
from data_platform.server.bodies.documents import JSON
from data_platform.server.calling import Calling
from data_platform.server.events import EventResponse, OnProgress
from data_platform.server.operations import DATA_VERB, list_operations
from data_platform.server.parts import Arrival
from data_platform.server.publishing import answer_publish, check_publish
from data_platform.server.replies import Reply
from data_platform.server.request_log import RequestFacts
from data_platform.server.rows.media_types import EVENTS, accepts
from data_platform.server.sending import send_reply
from data_platform.verbs.core.attachments import ignore_progress
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.http_calls import PREFIX

Endpoint = Callable[[HttpRequest], Awaitable[Response]]


def make_routes(calling: Calling) -> Iterator[Route]:
    """The routes, those without names in their paths first."""
    operations = list_operations()
    for path in sorted(operations, key=lambda path: (path.count("{"), path)):
        methods = operations[path]
        yield Route(PREFIX + path, _make_endpoint(calling, methods, path), methods=[*methods, "OPTIONS"])


def _make_endpoint(calling: Calling, methods: Mapping[str, Verb], path: str) -> Endpoint:
    allowed = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))

    async def answer(http: HttpRequest) -> Response:
        facts: RequestFacts = http.scope["data_platform.facts"]
        facts.route = path
        if http.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        verb = methods["GET" if http.method == "HEAD" else http.method]
        arrival = await calling.admit(verb, http)
        if accepts(http.headers.get("accept"), EVENTS):
            return EventResponse(_prepare(calling, arrival, http, is_followed=True), facts.request_id)
        reply = await _prepare(calling, arrival, http)(ignore_progress)
        return send_reply(reply, calling)

    return answer


def _prepare(
    calling: Calling, arrival: Arrival, http: HttpRequest, *, is_followed: bool = False
) -> Callable[[OnProgress], Awaitable[Reply]]:
    """The call, whose headers are judged; with `is_followed` its answer is JSON, at the end of its events."""
    choose = choose_answer(arrival.verb, http, JSON if is_followed else http.headers.get("accept"))
    if arrival.verb.request == DATA_VERB:
        check_publish(http)
        return partial(answer_publish, calling, arrival, http, choose)
    return partial(calling.answer, arrival, http, choose)
