"""A browser in front of sign-in: keeps cookies, follows no redirect by itself, and runs in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from data_platform.errors import DataPlatformError
from data_platform.server.request_log import RequestFacts
from data_platform.server.signin.oidc.provider import OidcProvider
from data_platform.server.signin.signin import SignIn
from data_platform.settings import ServerSettings
from data_platform.verbs.wire.problems import status_of
from tests.meshes import World

HTTPS = "https://mesh.example.org"
HTTP = "http://127.0.0.1:8321"


def open_signin(world: World, provider: OidcProvider | None = None, url: str | None = None) -> SignIn:
    """Sign-in to a world's mesh, which others reach at `url`."""
    oidc = provider.settings if provider else None
    world.mesh.settings = replace(world.mesh.settings, server=ServerSettings(url, oidc=oidc))
    return SignIn(world.mesh, provider)


@dataclass
class Browser:
    """`cookies` by name, with the attributes that the server gave them in `attributes`; `facts` go to the log."""

    signin: SignIn
    url: str = HTTP
    cookies: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    facts: RequestFacts = field(default_factory=lambda: RequestFacts("id", ""))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, headers)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return self.send("POST", path, headers, data=data)

    def send(self, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {name.replace("_", "-"): value for name, value in {"cookie": cookie, **headers}.items()}
        response = asyncio.run(self._send(method, path, headers=sent, **options))
        for header in response.headers.get_list("set-cookie"):
            pair, _, attributes = header.partition("; ")
            name, _, value = pair.partition("=")
            self.attributes[name] = attributes
            self.cookies[name] = value.strip('"')
            if "Max-Age=0" in attributes:
                del self.cookies[name]
        return response

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        app = Starlette(routes=[*self.signin.routes, Route("/api/v1/me", self._answer, methods=["GET", "POST"])])
        self.facts = RequestFacts("id", method)

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "data_platform.facts": self.facts}, receive, send)

        transport = httpx.ASGITransport(noting)
        async with httpx.AsyncClient(transport=transport, base_url=self.url) as client:
            return await client.request(method, path, **options)

    def _answer(self, request: Request) -> JSONResponse:
        """What the server does with a call: resolve the caller."""
        try:
            principal = self.signin.resolve(request)
        except DataPlatformError as error:
            return JSONResponse({"detail": error.message}, status_of(error))
        return JSONResponse({"principal": principal.name if principal else None}, 200 if principal else 401)
