"""One server over HTTP: connections, the token, and what can go wrong on the way. The only user of urllib3."""

from __future__ import annotations

import os
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from data_platform.client.address import ServerAddress
from data_platform.client.credentials import GIVEN, BearerToken, require_private
from data_platform.errors import BadInput, ServerFailed
from data_platform.installing import VERSION
from data_platform.settings.server_variables import PURPOSE_HEADER, TOKEN_VARIABLE, URL_VARIABLE, find_purpose
from data_platform.verbs.wire.http_calls import PREFIX

if TYPE_CHECKING:
    import urllib3

CONNECT_SECONDS, READ_SECONDS = 10.0, 300.0
"""How long a connection may take, and the server's silence between two pieces of an answer."""
_PAUSES = (0.2, 1.0)
"""Seconds before the second and the third attempt of a call that may be repeated."""
_BUSY = frozenset([HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT])


class Call(NamedTuple):
    """A request as it is sent; `is_repeatable`: sending it twice does what sending it once does."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes | Iterable[bytes] | None = None
    is_repeatable: bool = False


class HttpServer:
    """The server at an address. Threads may share it; nothing is sent before the first call.

    The token goes into the header `Authorization` alone, and only to this very address: redirects are not followed.
    """

    def __init__(self, address: ServerAddress, token: BearerToken | None) -> None:
        if token is not None:
            require_private(address)
        self.address = address
        self._token = token
        self._process = os.getpid()

    def __repr__(self) -> str:
        return f"HttpServer({str(self.address)!r})"

    def send(self, call: Call) -> urllib3.BaseHTTPResponse:
        """The response, whose body is still to be read; raises ServerFailed where there is none.

        A call that may be repeated is repeated twice where the connection fails or a proxy finds no server.
        """
        pauses = iter(_PAUSES if call.is_repeatable else ())
        while True:
            pause = next(pauses, None)
            try:
                response = self._send_once(call)
            except ServerFailed:
                if pause is None:
                    raise
            else:
                if pause is None or response.status not in _BUSY:
                    return self._refuse_redirect(response)
                response.close()
            time.sleep(pause)

    def suggest_token(self) -> str:
        """What to do where the server does not know the caller, as a hint."""
        sent = f"{self._token.origin} was sent; " if self._token is not None and self._token.origin != GIVEN else ""
        return (
            f"{sent}store a valid token: data-platform login {self.address}, or set {TOKEN_VARIABLE}; "
            "an admin creates one: data-platform tokens create NAME --role consumer"
        )

    def close(self) -> None:
        """Closes the connections."""
        pool = self.__dict__.pop("_pool", None)
        if pool is not None:
            pool.clear()

    def _send_once(self, call: Call) -> urllib3.BaseHTTPResponse:
        if self._process != os.getpid():  # a forked child may not use the connections of its parent
            self.__dict__.pop("_pool", None)
            self._process = os.getpid()
        query = f"?{urlencode(call.query)}" if call.query else ""
        url = f"{self.address}{PREFIX}{call.path}{query}"
        headers = {"User-Agent": f"data-platform/{VERSION}", **call.headers}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.text}"
        if (purpose := find_purpose()) is not None:
            headers[PURPOSE_HEADER] = quote(purpose)
        with self.convert_errors():
            response: urllib3.BaseHTTPResponse = self._pool.request(
                call.method,
                url,
                body=call.body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
        return response

    def _refuse_redirect(self, response: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
        if not 300 <= response.status < 400 or response.status == HTTPStatus.NOT_MODIFIED:
            return response
        place = response.headers.get("Location", "another place")
        response.close()
        raise ServerFailed(
            f"{self.address} leads to {place[:200]}", hint=f"if you trust that server, set {URL_VARIABLE} to it"
        )

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        library: Any = import_module("urllib3")
        timeout = library.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        options = {"timeout": timeout, "cert_reqs": "CERT_REQUIRED", "maxsize": 8}
        proxy = self._find_proxy()
        if proxy is None:
            return library.PoolManager(**options)  # type: ignore[no-any-return]
        try:
            return library.ProxyManager(proxy, **options)  # type: ignore[no-any-return]
        except (library.exceptions.HTTPError, ValueError):
            raise BadInput("HTTPS_PROXY is no URL of a proxy", hint="such as http://proxy.example.com:3128") from None

    def _find_proxy(self) -> str | None:
        """The proxy of HTTPS_PROXY, unless NO_PROXY names the host. Nothing else of the environment is used."""
        if self.address.scheme != "https":
            return None
        proxies = urllib.request.getproxies_environment()
        if urllib.request.proxy_bypass(f"{self.address.host}:{self.address.port}"):
            return None
        return proxies.get("https")

    @contextmanager
    def convert_errors(self) -> Iterator[None]:
        """Converts the library's errors inside the block to ServerFailed."""
        problems: Any = import_module("urllib3.exceptions")
        try:
            yield
        except problems.HTTPError as error:
            raise self._explain_error(error, problems) from None
        except OSError as error:
            raise self._make_error(f"the connection to {self.address} broke: {error.strerror or error}") from None

    def _explain_error(self, error: Any, problems: Any) -> ServerFailed:
        address = self.address
        if isinstance(error, problems.ProxyError):
            return self._make_error(f"the proxy of HTTPS_PROXY does not lead to {address}")
        if isinstance(error, problems.NameResolutionError):
            return self._make_error(f"{address} cannot be reached: there is no host {address.host}")
        if isinstance(error, problems.NewConnectionError | problems.ConnectTimeoutError):
            refused = isinstance(error, problems.NewConnectionError)
            reason = _name_reason(error) if refused else f"no answer in {CONNECT_SECONDS:.0f} seconds"
            hint = f"is the server running (data-platform serve), and is {URL_VARIABLE} right?"
            return ServerFailed(f"{address} cannot be reached: {reason}", hint=hint)
        if isinstance(error, problems.SSLError):
            return ServerFailed(
                f"{address} cannot be trusted: {_name_reason(error)}",
                hint="its certificate must name this host and be signed by an authority that this machine trusts; "
                "a server without TLS has a URL that begins with http://",
            )
        if isinstance(error, problems.ReadTimeoutError):
            return self._make_error(f"{address} has not answered for {READ_SECONDS:.0f} seconds")
        return self._make_error(f"the connection to {address} broke: {_name_reason(error)}")

    def _make_error(self, message: str) -> ServerFailed:
        return ServerFailed(message, hint=f"is it a server of data-platform, and is {URL_VARIABLE} right?")


def _name_reason(error: BaseException) -> str:
    """The innermost reason, without addresses of objects."""
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return " ".join(str(inner).split())[:200]
