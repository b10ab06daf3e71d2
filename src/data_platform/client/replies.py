"""Answers and problems, read from responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data_platform.client.http import HttpServer
from data_platform.errors import BadInput, DataPlatformError, NotAuthenticated, ServerFailed
from data_platform.installing import VERSION
from data_platform.settings.server_variables import URL_VARIABLE
from data_platform.verbs.wire import problems
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import LARGEST, decode_answer, read_json
from data_platform.verbs.wire.problems import decode_problem

if TYPE_CHECKING:
    import urllib3

JSON = "application/json"
EVENTS = "text/event-stream"
ARROW = "application/vnd.apache.arrow.stream"
VERSION_HEADER = "Data-Platform-Version"
"""The release of the server, in each of its responses."""


def read_answer(server: HttpServer, verb: str, response: urllib3.BaseHTTPResponse) -> Any:
    """The answer; raises what the verb raised there, and ServerFailed for what is no answer of a server of ours."""
    value = read_body(server, response)
    return decode(server, verb, value, response)


def read_body(server: HttpServer, response: urllib3.BaseHTTPResponse) -> Json:
    """The JSON of a response that succeeded, None for an empty one; raises the error of one that did not."""
    with server.convert_errors():
        body = response.read(LARGEST + 1, decode_content=True)
        response.release_conn()
    if response.status >= 400 or kind_of(response) == problems.MEDIA_TYPE:
        raise read_problem(server, response, body)
    if not body:
        return None
    if kind_of(response) != JSON:
        raise make_foreign_error(server, response)
    return _parse(server, response, body)


def decode(server: HttpServer, verb: str, value: Json, response: urllib3.BaseHTTPResponse) -> Any:
    """The answer of its JSON; raises ServerFailed for one that another release wrote, which this one cannot read."""
    try:
        return decode_answer(verb, value)
    except BadInput as error:
        raise _make_version_error(server, response, f"its answer to {verb} cannot be read ({error.message})") from None


def read_problem(server: HttpServer, response: urllib3.BaseHTTPResponse, body: bytes) -> DataPlatformError:
    """The error that a response of a server of ours describes, else ServerFailed."""
    if kind_of(response) != problems.MEDIA_TYPE:
        return make_foreign_error(server, response)
    return decode_error(server, response, _parse(server, response, body))


def decode_error(server: HttpServer, response: urllib3.BaseHTTPResponse, problem: Json) -> DataPlatformError:
    """The error that a problem describes; one of a kind that this release does not have is told in words."""
    try:
        error = decode_problem(problem)
    except BadInput:
        detail = problem.get("detail") if isinstance(problem, dict) else None
        what = f"it answers {detail!r}" if isinstance(detail, str) else "its problem cannot be read"
        return _make_version_error(server, response, what)
    if isinstance(error, NotAuthenticated):
        error.hint = server.suggest_token()
    return error


def kind_of(response: urllib3.BaseHTTPResponse) -> str:
    """The media type of the body."""
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def make_foreign_error(server: HttpServer, response: urllib3.BaseHTTPResponse) -> ServerFailed:
    """The error for a program that is no server of ours, or a proxy that answers in its place."""
    kind = kind_of(response) or "no media type"
    return ServerFailed(
        f"{server.address} does not answer as a server of data-platform: status {response.status}, {kind[:80]}",
        hint=f"is {URL_VARIABLE} right? another program, or a proxy, may answer there",
    )


def _parse(server: HttpServer, response: urllib3.BaseHTTPResponse, body: bytes) -> Json:
    try:
        return read_json(body)
    except BadInput as error:
        raise _make_version_error(server, response, f"its answer cannot be read ({error.message})") from None


def _make_version_error(server: HttpServer, response: urllib3.BaseHTTPResponse, what: str) -> ServerFailed:
    theirs = str(response.headers.get(VERSION_HEADER, ""))[:40]
    if not theirs or theirs == VERSION:
        return ServerFailed(f"{server.address}: {what}", hint="report it to the maintainers of data-platform")
    older = "the server" if _parts(theirs) < _parts(VERSION) else "this client"
    return ServerFailed(
        f"{server.address} runs data-platform {theirs}, and this is {VERSION}: {what}", hint=f"upgrade {older}"
    )


def _parts(version: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in version.split(".")]
