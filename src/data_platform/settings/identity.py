"""Who is at work. Embedded, the name is taken on trust and recorded as unverified."""

from __future__ import annotations

import getpass
import os
import platform
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from data_platform.errors import BadInput

VARIABLE = "DATA_PLATFORM_USER"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who acts; `verified` once a server has proved the name, `local` when they opened the home themselves."""

    name: str
    verified: bool = False
    local: bool = False

    def __str__(self) -> str:
        return self.name if self.verified else f"{self.name} (unverified)"


def identity() -> Principal:
    """The local user: `DATA_PLATFORM_USER`, else the login, else the user id, as in containers without an account.

    Raises BadInput for a name that is too long or holds characters nobody can see.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Principal(_checked(named, VARIABLE), local=True)
    return Principal(_checked(_login(), "the login"), local=True)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where this process runs: the host's name, and the system's user whose process it is."""

    host: str
    user: str


@cache
def machine() -> Machine:
    """This process's machine. The user is asked of the system, not of the environment, which anybody may set."""
    return Machine(platform.node() or "unknown", _process_user())


def _process_user() -> str:
    if not hasattr(os, "geteuid"):
        return _login()
    try:
        return str(import_module("pwd").getpwuid(os.geteuid()).pw_name)
    except KeyError:
        return f"uid-{os.geteuid()}"


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid-{os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _checked(name: str, origin: str) -> str:
    hidden = sorted(
        {ch for ch in name if unicodedata.category(ch)[0] == "C" or unicodedata.category(ch) in ("Zl", "Zp")}
    )
    if hidden or name != name.strip() or len(name) > LONGEST:
        raise BadInput(
            f"{origin} is no name: {name[:LONGEST]!a}",
            hint=f"set {VARIABLE} to 1-{LONGEST} visible characters, such as an e-mail address",
        )
    return name
