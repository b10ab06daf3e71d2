"""Sign-in over HTTP: the routes, and who a session or an access token of the provider stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from data_platform.errors import AccessDenied, NotAuthenticated
from data_platform.server.parts import ignore_stranger
from data_platform.server.signin import pages
from data_platform.server.signin.commands import CommandSignIn
from data_platform.server.signin.cookies import BrowserCookies, derive_csrf_token
from data_platform.server.signin.endpoints import Endpoint, limit_rate, note, read_form, run_in_thread, show_errors
from data_platform.server.signin.oidc.attempt import ATTEMPT_SECONDS, SignInAttempt, check_next
from data_platform.server.signin.oidc.profile import read_profile
from data_platform.server.signin.oidc.provider import OidcProvider
from data_platform.server.signin.oidc.tokens import is_access_token, verify_access_token, verify_id_token
from data_platform.settings import Principal
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.bounded import record_denial
from data_platform.verbs.identity.authenticate import authenticate_principal, authenticate_token
from data_platform.verbs.identity.provider_accounts import ProviderAccount, admit_person, admit_service
from data_platform.verbs.identity.sessions import (
    SESSION_LIFE,
    authenticate_session,
    create_link_code,
    create_session,
    create_token_session,
    end_session,
    take_code,
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign-in to one mesh; `provider` is None where the settings name none.

    `on_request` is called with the address of each request that may sign somebody in; it may raise LimitExceeded.
    """

    mesh: Mesh
    provider: OidcProvider | None = None
    on_request: Callable[[str], None] = ignore_stranger

    @classmethod
    def of(cls, mesh: Mesh, on_request: Callable[[str], None] = ignore_stranger) -> SignIn:
        """Returns the sign-in that the mesh's settings describe. The provider is not asked before it is needed."""
        oidc = mesh.settings.server.oidc
        return cls(mesh, OidcProvider(oidc) if oidc else None, on_request)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of people; they need no token."""
        endpoints: dict[tuple[str, str], Endpoint] = {
            ("GET", "/signin"): run_in_thread(self._take_link),
            ("POST", "/signin/token"): self._take_token,
            ("GET", "/signin/oidc"): run_in_thread(self._begin),
            ("GET", "/signin/callback"): run_in_thread(self._finish),
        }
        has_provider = self.provider is not None
        return [
            *(
                Route(
                    path,
                    limit_rate(show_errors(endpoint, has_provider=has_provider), self.on_request),
                    methods=[method],
                )
                for (method, path), endpoint in endpoints.items()
            ),
            *CommandSignIn(self.mesh, has_provider, self.on_request).routes,
            Route("/signin/session", limit_rate(run_in_thread(self._describe_session), self.on_request)),
            Route("/signout", self._sign_out, methods=["POST"]),
        ]

    def resolve(self, connection: HTTPConnection, form_token: str | None = None) -> Principal | None:
        """Returns the principal of the browser's session; None without one.

        Raises AccessDenied for a request that changes something without the proof that a page of this server made it.
        """
        cookies = self._read_cookies(connection)
        if cookies.session is None:
            return None
        principal = authenticate_session(self.mesh, cookies.session)
        if principal is not None:
            self._demand_intent(cookies, principal, form_token)
        return principal

    def authenticate(self, token: str) -> Principal | None:
        """Returns the principal of a bearer token: one of ours, or an access token of the provider for a service.

        None for a token of ours that is not valid. Raises NotAuthenticated with the reason for one of the provider.
        """
        if self.provider is None or not is_access_token(token):
            return authenticate_token(self.mesh, token)
        name = verify_access_token(self.provider, token)
        admit_service(self.mesh, self.provider.settings.issuer, name)
        return authenticate_principal(self.mesh, name)

    def _demand_intent(self, cookies: BrowserCookies, principal: Principal, form_token: str | None) -> None:
        try:
            cookies.demand_intent(cookies.session or "", form_token)
        except AccessDenied as denial:
            scope = cookies.connection.scope
            record_denial(
                Context(self.mesh, Caller(principal, SERVER_DOOR)), denial.message, scope["method"], scope["path"]
            )
            raise

    def find_form_token(self, connection: HTTPConnection) -> str | None:
        """Returns the proof that forms of the request's session have to send; None without a session."""
        session = self._read_cookies(connection).session
        return None if session is None else derive_csrf_token(session)

    def _take_link(self, request: Request) -> Response:
        code = request.query_params.get("code")
        if code is None or _is_preview(request):
            return pages.show_choices(request, has_provider=self.provider is not None)
        owner = take_code(self.mesh, code, None)
        return self._enter(request, owner, "/", local=True)

    async def _take_token(self, request: Request) -> Response:
        """Begins a session by a token from the form of the sign-in page; a form of another site is refused."""
        cookies = self._read_cookies(request)
        if request.headers.get("origin") != cookies.origin:
            raise AccessDenied("the request comes from a page of another site", hint="sign in at /signin")
        form = await read_form(request)
        next = check_next(form.get("next") or "/")
        session, name = await run_in_threadpool(create_token_session, self.mesh, form.get("token", "").strip())
        note(request, principal=name)
        return await run_in_threadpool(self._replace_session, cookies, session, next)

    def _begin(self, request: Request) -> Response:
        attempt = SignInAttempt.begin(request.query_params.get("next", "/"))
        cookies = self._read_cookies(request)
        url = attempt.make_authorization_url(self._require_provider(), f"{cookies.origin}/signin/callback")
        response = RedirectResponse(url, 303)
        cookies.set_attempt(response, attempt.cookie, ATTEMPT_SECONDS)
        return response

    def _finish(self, request: Request) -> Response:
        provider, cookies = self._require_provider(), self._read_cookies(request)
        attempt = SignInAttempt.of_cookie(cookies.attempt)
        code = attempt.read_code(provider, request.query_params)
        tokens = provider.exchange_code(code, attempt.verifier, f"{cookies.origin}/signin/callback")
        profile = read_profile(verify_id_token(provider, tokens, attempt.nonce), provider.settings)
        issuer = provider.settings.issuer
        account = ProviderAccount(
            issuer, profile.subject, profile.address, profile.teams, profile.roles, profile.attributes
        )
        response = self._enter(request, admit_person(self.mesh, account), attempt.next, local=False)
        cookies.remove_attempt(response)
        return response

    def _enter(self, request: Request, name: str, next: str, *, local: bool) -> Response:
        """Begins a new session, which replaces the one that the browser had."""
        note(request, principal=name)
        session = create_session(self.mesh, name, local=local)
        return self._replace_session(self._read_cookies(request), session, next)

    def _replace_session(self, cookies: BrowserCookies, session: str, next: str) -> Response:
        """Ends the session that the browser had, and lets it keep the new one."""
        if cookies.session is not None:
            end_session(self.mesh, cookies.session)
        response = RedirectResponse(next, 303)
        cookies.set_session(response, session, int(SESSION_LIFE.total_seconds()))
        return response

    def _describe_session(self, request: Request) -> Response:
        note(request)
        cookies = self._read_cookies(request)
        principal = authenticate_session(self.mesh, cookies.session) if cookies.session else None
        if principal is None or cookies.session is None:
            raise NotAuthenticated("this browser is not signed in", hint="GET /signin")
        return JSONResponse({"principal": principal.name, "csrf_token": derive_csrf_token(cookies.session)})

    async def _sign_out(self, request: Request) -> Response:
        note(request)
        cookies = self._read_cookies(request)
        if cookies.session is not None:
            cookies.demand_intent(cookies.session, (await read_form(request)).get("csrf_token", ""))
            await run_in_threadpool(end_session, self.mesh, cookies.session)
        response = RedirectResponse("/", 303)
        cookies.remove_session(response)
        return response

    def _read_cookies(self, connection: HTTPConnection) -> BrowserCookies:
        return BrowserCookies.of(connection, self.mesh.settings.server)

    def _require_provider(self) -> OidcProvider:
        if self.provider is None:
            hint = "[server.oidc] in settings.toml names an OpenID provider"
            raise NotAuthenticated("this server has no OpenID provider", hint=hint)
        return self.provider


def _is_preview(request: Request) -> bool:
    """Whether the request is a preview or a prefetch, which must not use up a one-time link."""
    return request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", "")


def make_link(mesh: Mesh, owner: Principal, url: str) -> str:
    """The link that signs a browser in once as the owner of the home. It is a secret and must not be logged."""
    return f"{url.rstrip('/')}/signin?code={create_link_code(mesh, owner)}"
