"""Sign-in of a command: its user agrees in a browser, and the command gets a token of that person.

The command listens on this machine's loopback address (RFC 8252, section 7.3) and has a verifier, whose SHA-256 is the
challenge. The browser brings it a code, which is worth nothing without the verifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data_platform.errors import AccessDenied, BadInput, NotAuthenticated
from data_platform.server.signin import pages
from data_platform.server.signin.cookies import BrowserCookies, derive_csrf_token
from data_platform.server.signin.endpoints import limit_rate, note, read_form, show_errors
from data_platform.settings import Principal
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.identity.login_tokens import create_login_token
from data_platform.verbs.identity.sessions import authenticate_session, create_exchange_code, take_code
from data_platform.verbs.wire.http_calls import PREFIX

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PORT = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """The sign-in request of a command, which listens on `port` and has the verifier of `challenge`."""

    port: int
    challenge: str
    state: str

    @classmethod
    def parse(cls, fields: dict[str, str]) -> CommandRequest:
        """Returns the request in a query or a form; raises BadInput."""
        port, challenge, state = (fields.get(name, "") for name in ("port", "challenge", "state"))
        right = _PORT.fullmatch(port) and _CHALLENGE.fullmatch(challenge) and _CHALLENGE.fullmatch(state)
        if not right or int(port) > 65535:
            raise BadInput("this address was not opened by a command", hint="data-platform login URL --browser")
        return cls(int(port), challenge, state)

    @property
    def query(self) -> str:
        """The request as a query."""
        return urlencode({"port": self.port, "challenge": self.challenge, "state": self.state})

    def make_answer_url(self, code: str) -> str:
        """The URL to which the browser brings the code."""
        return f"http://127.0.0.1:{self.port}/?{urlencode({'code': code, 'state': self.state})}"


@dataclass(frozen=True, slots=True)
class CommandSignIn:
    """The routes by which commands sign in."""

    mesh: Mesh
    has_provider: bool
    on_request: Callable[[str], None]

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes; they need no token."""
        ask, agree = (show_errors(page, has_provider=self.has_provider) for page in (self._ask, self._agree))
        return [
            Route("/signin/command", limit_rate(ask, self.on_request)),
            Route("/signin/command", limit_rate(agree, self.on_request), methods=["POST"]),
            Route(f"{PREFIX}/signin/token", limit_rate(self._exchange, self.on_request), methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        asked = CommandRequest.parse(dict(request.query_params))
        session = BrowserCookies.of(request, self.mesh.settings.server).session
        person = await self._find_person(session)
        if person is None or session is None:
            self._require_provider()
            return RedirectResponse(f"/signin/oidc?next={quote(f'/signin/command?{asked.query}', safe='')}", 303)
        fields = {"port": str(asked.port), "challenge": asked.challenge, "state": asked.state}
        return pages.show_command(request, person, asked.port, {**fields, "csrf_token": derive_csrf_token(session)})

    async def _agree(self, request: Request) -> Response:
        cookies, form = BrowserCookies.of(request, self.mesh.settings.server), await read_form(request)
        person = await self._find_person(cookies.session)
        if person is None or cookies.session is None:
            raise NotAuthenticated("this browser is not signed in", hint="sign in again")
        cookies.demand_intent(cookies.session, form.get("csrf_token", ""))
        asked = CommandRequest.parse(form)
        note(request, principal=person.name)
        code = await run_in_threadpool(create_exchange_code, self.mesh, person, asked.challenge)
        return RedirectResponse(asked.make_answer_url(code), 303)

    async def _exchange(self, request: Request) -> Response:
        note(request)
        form = await read_form(request)
        challenge = create_s256_code_challenge(form.get("verifier", ""))
        name = await run_in_threadpool(take_code, self.mesh, form.get("code", ""), challenge)
        note(request, principal=name)
        return JSONResponse({"token": await run_in_threadpool(create_login_token, self.mesh, name)})

    async def _find_person(self, session: str | None) -> Principal | None:
        person = await run_in_threadpool(authenticate_session, self.mesh, session) if session else None
        if person is not None and person.local:
            raise BadInput("the owner of the home has no token by a browser", hint="data-platform tokens create NAME")
        if person is not None and person.token is not None:
            raise AccessDenied(
                "this browser is signed in by a token, which gives no other token",
                hint="store the token itself: data-platform login URL",
            )
        return person

    def _require_provider(self) -> None:
        if not self.has_provider:
            raise NotAuthenticated(
                "this server has no OpenID provider", hint="data-platform login URL asks for a token"
            )
