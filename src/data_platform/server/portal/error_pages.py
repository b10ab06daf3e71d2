"""Errors outside of a visit: a page for a browser that asks for a path of the portal, a problem for everybody else."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import HTTPConnection
from starlette.responses import Response

from data_platform.server.portal.pages.errors import describe_error
from data_platform.server.portal.preferences import Preferences
from data_platform.server.portal.rendering import render
from data_platform.server.problem_replies import read_problem, reply_problem
from data_platform.server.rows.media_types import accepts
from data_platform.verbs.wire.http_calls import PREFIX

_HTML = "text/html"


def wants_page(http: HTTPConnection) -> bool:
    """Whether a person looks at the answer: the path is no verb's, and HTML is asked for by its name."""
    path: str = http.scope["path"]
    return not f"{path}/".startswith(f"{PREFIX}/") and accepts(http.headers.get("accept"), _HTML)


def reply_error(error: Exception, request_id: str, http: HTTPConnection) -> Response:
    """The response for an error that no page has answered; the path may be one that no route could read."""
    if not wants_page(http):
        return reply_problem(error, request_id)
    status, headers, cause = read_problem(error, request_id)
    page = describe_error(cause, status, http.scope["method"])
    # the moment that is shown is no fact of the mesh: it is not certain that it can be asked
    response = render(page.template, page.values, Preferences.read(http), datetime.now(UTC), status)
    response.headers.update(headers)
    return response
