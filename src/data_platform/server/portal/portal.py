"""The routes of the portal: who visits, what their page shows, and what goes wrong, as pages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from urllib.parse import parse_qs, urlencode

from anyio import to_thread
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data_platform.errors import DataPlatformError, NotAuthenticated
from data_platform.server.bodies.incoming import IncomingBody
from data_platform.server.callers import identify_caller
from data_platform.server.calling import Calling, read_path
from data_platform.server.parts import Arrival
from data_platform.server.places import hide_in_error
from data_platform.server.portal.actions.table import ACTIONS
from data_platform.server.portal.assets import answer_asset
from data_platform.server.portal.catalogue import load_catalogue
from data_platform.server.portal.error_pages import wants_page
from data_platform.server.portal.pages.errors import describe_error, show_missing
from data_platform.server.portal.pages.table import PAGES
from data_platform.server.portal.preferences import Preferences
from data_platform.server.portal.rendering import render
from data_platform.server.portal.samples import read_sample
from data_platform.server.portal.visit import PageContent, Parameters, SeeOther, Visit
from data_platform.server.problem_replies import HttpProblem, make_internal_error
from data_platform.server.raw_paths import read_query
from data_platform.server.request_log import RequestFacts, describe_trace
from data_platform.settings import Principal
from data_platform.verbs.core.context import SERVER_DOOR, Caller
from data_platform.verbs.registry import VERBS

LARGEST_FORM = 256 * 1024
MOST_FIELDS = 1000
LONGEST_QUERY = 8 * 1024
"""Bytes: the links of a page repeat the query of its address."""
_ARRIVAL = VERBS["WhoAmI"]
"""The verb that a visit counts as before its page asks others."""
Show = Callable[[Visit], PageContent | SeeOther]
Endpoint = Callable[[HttpRequest], Awaitable[Response]]


def make_portal_routes(calling: Calling) -> Iterator[Route]:
    """The routes of pages, of forms, and of the files that pages load."""
    yield Route("/static/{digest}/{name}", answer_asset, methods=["GET"])
    yield Route("/preferences", _save_preferences, methods=["POST"])
    for path in sorted({*PAGES, *ACTIONS}, key=lambda path: (path.count("{"), path)):
        shows = {method: table[path] for method, table in (("GET", PAGES), ("POST", ACTIONS)) if path in table}
        yield Route(path, _make_endpoint(calling, shows, path), methods=[*shows])


def make_missing_route(calling: Calling) -> Route:
    """The route of every path that nothing else answers: a page for browsers. It comes last."""
    return Route("/{path:path}", _make_endpoint(calling, {"GET": show_missing}, "missing"), methods=["GET"])


def _make_endpoint(calling: Calling, shows: Mapping[str, Show], route: str) -> Endpoint:
    async def answer(http: HttpRequest) -> Response:
        facts: RequestFacts = http.scope["data_platform.facts"]
        facts.route = route
        if route == "missing" and not wants_page(http):
            raise HttpProblem(404, "there is no such path", hint="GET /openapi.json lists all of them")
        if len(http.scope["query_string"]) > LONGEST_QUERY:
            raise HttpProblem(414, f"the query of a page has at most {LONGEST_QUERY:,} bytes")
        form = await _read_form(http) if http.method == "POST" else Parameters()
        show = shows["GET" if http.method == "HEAD" else http.method]
        return await to_thread.run_sync(partial(_answer, calling, show, http, form), limiter=calling.limiter)

    return answer


def _answer(calling: Calling, show: Show, http: HttpRequest, form: Parameters) -> Response:
    facts: RequestFacts = http.scope["data_platform.facts"]
    try:
        principal = _admit(calling, http, form)
    except NotAuthenticated as error:
        is_form = http.method == "POST"
        if http.headers.get("authorization") or (is_form and not wants_page(http)):
            raise
        facts.error = type(error).__name__
        return RedirectResponse("/signin" if is_form else f"/signin?{urlencode({'next': _read_address(http)})}", 303)
    facts.principal = principal.name
    visit = _make_visit(calling, principal, http, form)
    try:
        outcome = show(visit)
        if isinstance(outcome, SeeOther):
            return RedirectResponse(outcome.url, 303)
        return _render(visit, outcome)
    except DataPlatformError as error:
        facts.error = type(error).__name__
        hide_in_error(error, calling.parts.mesh.home)
        return _render(visit, describe_error(error, method=http.method))
    except Exception as error:  # noqa: BLE001  the outermost handler of a page: no traceback is sent
        facts.error, facts.trace = type(error).__name__, describe_trace(error)
        return _render(visit, describe_error(make_internal_error(facts.request_id), method=http.method))


def _admit(calling: Calling, http: HttpRequest, form: Parameters) -> Principal:
    principal = identify_caller(calling.parts, http, form["csrf_token"] if http.method == "POST" else None)
    arrival = Arrival(_ARRIVAL, principal, dict(http.headers))
    for guard in calling.parts.guards:
        guard.admit(arrival)
    return principal


def _make_visit(calling: Calling, principal: Principal, http: HttpRequest, form: Parameters) -> Visit:
    facts: RequestFacts = http.scope["data_platform.facts"]
    preferences = Preferences.read(http)
    return Visit(
        mesh=calling.parts.mesh,
        caller=Caller(principal, SERVER_DOOR, facts.redirects.append),
        request_id=facts.request_id,
        path=http.scope["path"],
        names=read_path(http),
        query=Parameters(reversed(read_query(http.scope["query_string"]))),
        form=form,
        csrf_token=calling.parts.find_form_token(http),
        preferences=preferences,
        texts=load_catalogue(preferences.language),
        read_sample=partial(read_sample, calling),
        page_views=calling.page_views,
    )


def _render(visit: Visit, document: PageContent) -> Response:
    values = {"visit": visit, **document.values}
    return render(document.template, values, visit.preferences, visit.now, document.status)


async def _save_preferences(http: HttpRequest) -> Response:
    """Keeps the language and the theme in the browser; nobody needs to be signed in for it."""
    facts: RequestFacts = http.scope["data_platform.facts"]
    facts.route = "/preferences"
    form = await _read_form(http)
    next = form.get("next", "/")
    response = RedirectResponse(next if re.fullmatch(r"/(?![/\\])[!-~]*", next) else "/", 303)
    Preferences.of_choice(form.get("language"), form.get("theme")).save(response)
    return response


async def _read_form(http: HttpRequest) -> Parameters:
    """The fields of a form, the values of one name as lines; raises TooLarge for more than 256 KiB.

    Raises HttpProblem for a body that is no form, or has too many fields.
    """
    if http.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HttpProblem(415, "the body is no form", hint="send application/x-www-form-urlencoded")
    body = await IncomingBody(http.receive).read(LARGEST_FORM)
    try:
        fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HttpProblem(400, f"the form has more than {MOST_FIELDS} fields") from None
    return Parameters((name, "\n".join(values)) for name, values in fields.items())


def _read_address(http: HttpRequest) -> str:
    query: str = http.scope["query_string"].decode("latin-1")
    path: str = http.scope["path"]
    return path + (f"?{query}" if query else "")
