"""Sign-in of a command by a browser: the user agrees there, and the browser brings a code to this machine.

RFC 8252, section 7.3: the command listens on the loopback address for one answer. The code is exchanged with a verifier
that has not left this process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from data_platform.client.address import ServerAddress
from data_platform.client.credentials import BearerToken, require_private
from data_platform.client.http import Call, HttpServer
from data_platform.client.replies import make_foreign_error, read_body
from data_platform.errors import NotAuthenticated

PATIENCE_SECONDS = 300.0
"""How long the user may take."""
_PAGE = b"<!doctype html><title>data-platform</title><p>You can close this page, and go back to the terminal.</p>\n"
_FORM = "application/x-www-form-urlencoded"


def sign_in_by_browser(
    address: ServerAddress, show_url: Callable[[str], object], patience: float = PATIENCE_SECONDS
) -> BearerToken:
    """The token that the user of a browser agreed to; `show_url` takes the page to open.

    Raises NotAuthenticated if nobody agrees within `patience` seconds, and what the server raises.
    """
    require_private(address)
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    with _AnswerListener(state, patience) as listener:
        query = urlencode({"port": listener.server_address[1], "challenge": challenge, "state": state})
        show_url(f"{address}/signin/command?{query}")
        code = listener.wait_for_code()
    return _exchange(address, code, verifier)


class _AnswerListener(TCPServer):
    """Listens on a free port of this machine for the browser's answer; other requests are refused."""

    def __init__(self, state: str, patience: float) -> None:
        super().__init__(("127.0.0.1", 0), _AnswerHandler)
        self.timeout = 1.0
        self._state, self._deadline = state, time.monotonic() + patience
        self._code: str | None = None

    def wait_for_code(self) -> str:
        while self._code is None:
            if time.monotonic() > self._deadline:
                raise NotAuthenticated("nobody has signed in with the browser", hint="retry, or use --token-file")
            self.handle_request()
        return self._code

    def take_answer(self, path: str) -> bool:
        """Whether the path is the answer that was asked for."""
        fields = parse_qs(urlsplit(path).query)
        code, state = fields.get("code", [""])[0], fields.get("state", [""])[0]
        if not code or not hmac.compare_digest(state.encode(), self._state.encode()):
            return False
        self._code = code
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores a connection that broke."""


class _AnswerHandler(BaseHTTPRequestHandler):
    """Answers the browser with a page that has no secret."""

    server: _AnswerListener
    timeout = 5.0

    def do_GET(self) -> None:
        """Takes the answer."""
        is_answer = self.server.take_answer(self.path)
        self.send_response(200 if is_answer else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(_PAGE if is_answer else b"")

    def log_message(self, format: str, *arguments: object) -> None:
        """Logs nothing: the path has the code."""


def _exchange(address: ServerAddress, code: str, verifier: str) -> BearerToken:
    server = HttpServer(address, None)
    body = urlencode({"code": code, "verifier": verifier}).encode()
    response = server.send(Call("POST", "/signin/token", headers={"Content-Type": _FORM}, body=body))
    answer = read_body(server, response)
    if not isinstance(answer, dict) or not isinstance(answer.get("token"), str):
        raise make_foreign_error(server, response)
    return BearerToken.parse(answer["token"], "the token")
