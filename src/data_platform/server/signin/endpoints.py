"""What the endpoints of sign-in have in common: small forms, pages for what goes wrong, and notes for the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data_platform.errors import DataPlatformError
from data_platform.server.bodies.incoming import IncomingBody
from data_platform.server.request_log import RequestFacts
from data_platform.server.signin import pages

Endpoint = Callable[[Request], Awaitable[Response]]
_LARGEST = 10_000


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name; raises TooLarge for more than 10,000 bytes."""
    body = await IncomingBody(request.receive).read(_LARGEST)
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}


def run_in_thread(answer: Callable[[Request], Response]) -> Endpoint:
    """An endpoint whose work waits for the record or the provider."""

    async def run(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return run


def limit_rate(endpoint: Endpoint, on_request: Callable[[str], None]) -> Endpoint:
    """An endpoint before which the address of the request is counted: what it asks for may be guessed."""

    async def run(request: Request) -> Response:
        note(request)
        await run_in_threadpool(on_request, request.client.host if request.client else "unknown")
        return await endpoint(request)

    return run


def show_errors(endpoint: Endpoint, *, has_provider: bool) -> Endpoint:
    """Shows what goes wrong as a page: a person looks at the answer."""

    async def show(request: Request) -> Response:
        note(request)
        try:
            return await endpoint(request)
        except DataPlatformError as error:
            note(request, error=type(error).__name__)
            return pages.show_error(request, error, has_provider=has_provider)

    return show


def note(request: Request, *, principal: str | None = None, error: str | None = None) -> None:
    """Notes, for the log, the path without its query, who signed in, and what went wrong."""
    facts: RequestFacts = request.scope["data_platform.facts"]
    facts.route = request.url.path
    facts.principal, facts.error = principal or facts.principal, error
