"""The routes of the verbs that are served, one for each path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from data_platform.server.calling import Calling
from data_platform.server.publishing import answer_publish
from data_platform.server.sending import send_reply
from data_platform.verbs.registry import VERBS
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.http_calls import PREFIX

Endpoint = Callable[[HttpRequest], Awaitable[Response]]
VERSION_DATA = "/products/{product}/outputs/{output}/versions/{version}/data"
"""A second path of Consume; the version is a number, or `latest`."""
DATA_VERB = "Publish"
"""The verb with data beside its request."""
_EXTRA = {("GET", VERSION_DATA): "Consume"}


def list_operations() -> Mapping[str, Mapping[str, Verb]]:
    """The verbs by path and method."""
    operations: dict[str, dict[str, Verb]] = {}
    served = [((verb.method, verb.path), verb) for verb in VERBS.values() if verb.served]
    for (method, path), verb in (*served, *((place, VERBS[name]) for place, name in _EXTRA.items())):
        operations.setdefault(path, {})[method] = verb
    return operations


def make_routes(calling: Calling) -> Iterator[Route]:
    """The routes, those without names in their paths first."""
    operations = list_operations()
    for path in sorted(operations, key=lambda path: (path.count("{"), path)):
        methods = operations[path]
        yield Route(PREFIX + path, _make_endpoint(calling, methods, path), methods=[*methods, "OPTIONS"])


def _make_endpoint(calling: Calling, methods: Mapping[str, Verb], path: str) -> Endpoint:
    allowed = ", ".join(sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}))

    async def answer(http: HttpRequest) -> Response:
        http.scope["data_platform.facts"].route = path
        if http.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        verb = methods["GET" if http.method == "HEAD" else http.method]
        if verb.request == DATA_VERB:
            return send_reply(await answer_publish(calling, verb, http), calling)
        return send_reply(await calling.answer(verb, http), calling)

    return answer
