"""A real HTTP server on this machine that takes events, fails, stalls, restarts, and remembers what it heard."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
TAKEN: Answer = (201, {}, b"")


@dataclass
class Heard:
    """One request: its path, headers and event."""

    path: str
    headers: dict[str, str]
    event: dict[str, Any]


@dataclass
class Server:
    """What was heard, and how the next request is answered: `answer` may raise ConnectionError to hang up."""

    answer: Callable[[dict[str, Any]], Answer] = lambda event: TAKEN
    heard: list[Heard] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each.event for each in self.heard]

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Listens; after the first time on the same port again."""
        http = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        http.daemon_threads = True
        self.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            http.shutdown()
            http.server_close()
            thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.heard.append(Heard(self.path, dict(self.headers), event))
                try:
                    status, headers, body = server.answer(event)
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(body)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                except ConnectionError:
                    self.close_connection = True

            def do_GET(self) -> None:
                server.heard.append(Heard(self.path, dict(self.headers), {}))
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
