"""The pages of sign-in: plain HTML, without scripts, styles or pictures."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from data_platform.errors import DataPlatformError
from data_platform.settings import Principal
from data_platform.verbs.wire.http_calls import PREFIX
from data_platform.verbs.wire.problems import status_of

_OIDC = '<p><a href="/signin/oidc">Sign in</a></p>'


def show_home(principal: Principal, csrf_token: str) -> HTMLResponse:
    """Who you are, and where the API is."""
    who = f"{escape(principal.name)}, the owner of this mesh" if principal.local else escape(principal.name)
    return _make_page(
        "data-platform",
        f"<p>You are signed in as <strong>{who}</strong>.</p>",
        f"<p>The API is at <code>{PREFIX}</code>.</p>",
        '<form method="post" action="/signout">',
        f'<input type="hidden" name="csrf_token" value="{escape(csrf_token)}">',
        "<button>Sign out</button>",
        "</form>",
    )


def show_command(person: Principal, port: int, fields: Mapping[str, str]) -> HTMLResponse:
    """Whether a command may act for the person; `fields` are sent with the answer."""
    return _make_page(
        "Sign in a command",
        "<p><code>data-platform login</code> on this computer, at port "
        f"{port}, asks to act as <strong>{escape(person.name)}</strong> for 30 days.</p>",
        "<p>Agree only if you have just started it.</p>",
        '<form method="post" action="/signin/command">',
        *(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()),
        "<button>Agree</button>",
        "</form>",
    )


def show_choices(*, has_provider: bool) -> HTMLResponse:
    """How to sign in."""
    link = "<p>Open the sign-in link that <code>data-platform serve</code> printed.</p>"
    return _make_page("Sign in to data-platform", _OIDC if has_provider else link, status=200)


def show_error(error: DataPlatformError, *, has_provider: bool) -> HTMLResponse:
    """Why a sign-in failed, and what to do."""
    hint = f"<p>{escape(error.hint)}</p>" if error.hint else ""
    again = _OIDC if has_provider else ""
    return _make_page("Sign-in failed", f"<p>{escape(error.message)}</p>", hint, again, status=status_of(error))


def _make_page(title: str, *lines: str, status: int = 200) -> HTMLResponse:
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    body = "\n".join([f"<body><main><h1>{escape(title)}</h1>", *lines, "</main></body></html>"])
    return HTMLResponse(f"{head}\n{body}\n", status)
