"""The variables that make this process a client of a server."""

from __future__ import annotations

import os

from data_platform.errors import BadInput

URL_VARIABLE = "DATA_PLATFORM_URL"
"""The server; it comes before `DATA_PLATFORM_HOME`."""
TOKEN_VARIABLE = "DATA_PLATFORM_TOKEN"  # noqa: S105  the name of a variable
PURPOSE_VARIABLE = "DATA_PLATFORM_PURPOSE"
"""What this process reads data for, in words; products may name purposes of their readers."""
PURPOSE_HEADER = "Data-Purpose"
"""The header that tells a server the purpose, percent-encoded."""


def find_purpose() -> str | None:
    """The purpose of the variable; BadInput if it is not UTF-8."""
    purpose = os.environ.get(PURPOSE_VARIABLE) or None
    if purpose is not None and any("\ud800" <= char <= "\udfff" for char in purpose):
        raise BadInput(f"the purpose in {PURPOSE_VARIABLE} is not UTF-8", hint="write it in UTF-8")
    return purpose


def find_server_url() -> str | None:
    """The server that this process is a client of; None if it works in a home.

    A variable that is set but empty names no home either: a script whose server is gone must not act in another mesh.
    """
    return os.environ.get(URL_VARIABLE)
