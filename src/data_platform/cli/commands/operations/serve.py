"""serve: the verbs over HTTP, for many callers."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.path_types import OutputFile
from data_platform.errors import MissingExtra
from data_platform.settings import require_home
from data_platform.verbs.identity.sessions import LINK_LIFE

if TYPE_CHECKING:
    from data_platform.server.process.serve import ServeOptions

_LIBRARIES = frozenset(
    ["anyio", "authlib", "fastapi", "httptools", "joserfc", "prometheus_client", "starlette", "uvicorn"]
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="The port; 0 takes a free one."
)
@click.option(
    "--ready-file", metavar="FILE", type=OutputFile(), help='Write {"url", "pid"} to FILE once the server answers.'
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="The number of processes.")
def serve(host: str, port: int, ready_file: Path | None, workers: int) -> None:
    """Serve the mesh over HTTP.

    Callers need a token (`data-platform tokens create`). The link that is printed signs a browser in once, as the owner
    of the home. An address that other machines can reach is refused as long as nobody can sign in.

    SIGTERM and Ctrl-C end the server: it finishes the publishes that it has begun.

    \b
    Examples:
      data-platform serve
      data-platform serve --port 0 --ready-file server.json
    """
    home = require_home()
    server = _load_server()
    options: ServeOptions = server.ServeOptions(host, port, ready_file, workers)
    server.serve_home(home, options, _print_address)


def _print_address(url: str, link: str) -> None:
    console, minutes = stdout_console(), LINK_LIFE // timedelta(minutes=1)
    console.write_line("serving the mesh on ", Styled(url, "bold"))
    console.write_line(f"to sign in as the owner, once, within {minutes} minutes: {link}")
    console.write_line(Styled("Ctrl-C ends the server", "dim"))


def _load_server() -> Any:
    try:
        return import_module("data_platform.server.process.serve")
    except ModuleNotFoundError as error:
        if error.name in _LIBRARIES:
            raise MissingExtra(error.name, "server") from None
        raise
