"""The pages of sign-in, drawn like those of the portal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from data_platform.errors import DataPlatformError
from data_platform.server.portal.preferences import Preferences
from data_platform.server.portal.rendering import render
from data_platform.settings import Principal
from data_platform.verbs.wire.problems import status_of


def show_command(http: HTTPConnection, person: Principal, port: int, fields: Mapping[str, str]) -> HTMLResponse:
    """Whether a command may act for the person; `fields` are sent with the answer."""
    return _render(http, "signin_command.html", {"person": person, "port": port, "fields": fields})


def show_choices(http: HTTPConnection, *, has_provider: bool) -> HTMLResponse:
    """How to sign in."""
    return _render(http, "signin.html", {"has_provider": has_provider, "error": None, "next": _read_next(http)})


def show_error(http: HTTPConnection, error: DataPlatformError, *, has_provider: bool) -> HTMLResponse:
    """Why a sign-in failed, and the ways to try again."""
    values = {"has_provider": has_provider, "error": error, "next": "/"}
    return _render(http, "signin.html", values, status_of(error))


def _read_next(http: HTTPConnection) -> str:
    return http.query_params.get("next", "/")


def _render(http: HTTPConnection, template: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    # the moment that is shown is no fact of the mesh: nobody is signed in
    return render(template, values, Preferences.read(http), datetime.now(UTC), status)
