"""The user of this process. In embedded mode the name is not verified, and is recorded as unverified."""

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
    """The actor of a request; `verified`: a server has proved the name, `local`: the actor opened the home directly."""

    name: str
    verified: bool = False
    local: bool = False

    def __str__(self) -> str:
        return self.name if self.verified else f"{self.name} (unverified)"


def resolve_identity() -> Principal:
    """Returns the local user: `DATA_PLATFORM_USER`, else the login, else the user id, as in containers.

    Raises BadInput for a name that is too long or contains invisible characters.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Principal(_check_name(named, VARIABLE), local=True)
    return Principal(_check_name(_read_login(), "the login"), local=True)


@dataclass(frozen=True, slots=True)
class Machine:
    """The host and the system user of this process."""

    host: str
    user: str


@cache
def describe_machine() -> Machine:
    """Returns the machine of this process. The user is that of the system: variables can be forged."""
    return Machine(platform.node() or "unknown", _process_user())


def _process_user() -> str:
    if not hasattr(os, "geteuid"):
        return _read_login()
    try:
        return str(import_module("pwd").getpwuid(os.geteuid()).pw_name)
    except KeyError:
        return f"uid-{os.geteuid()}"


def _read_login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid-{os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _check_name(name: str, origin: str) -> str:
    hidden = sorted(
        {ch for ch in name if unicodedata.category(ch)[0] == "C" or unicodedata.category(ch) in ("Zl", "Zp")}
    )
    if hidden or name != name.strip() or len(name) > LONGEST:
        raise BadInput(
            f"{origin} is not a valid name: {name[:LONGEST]!a}",
            hint=f"set {VARIABLE} to 1-{LONGEST} visible characters, such as an e-mail address",
        )
    return name
