"""The variables that make this process a client of a server."""

from __future__ import annotations

import os

URL_VARIABLE = "DATA_PLATFORM_URL"
"""The server; it comes before `DATA_PLATFORM_HOME`."""
TOKEN_VARIABLE = "DATA_PLATFORM_TOKEN"  # noqa: S105  the name of a variable


def find_server_url() -> str | None:
    """The server that this process is a client of; None if it works in a home."""
    return os.environ.get(URL_VARIABLE) or None
