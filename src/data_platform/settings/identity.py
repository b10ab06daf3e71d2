"""The user of this process. In embedded mode the name is not verified, and is recorded as unverified."""

from __future__ import annotations

import getpass
import os
import platform
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from data_platform.settings.principal import LONGEST, Principal, check_principal_name

VARIABLE = "DATA_PLATFORM_USER"
_HINT = f"set {VARIABLE} to 1-{LONGEST} visible characters, such as an e-mail address"


def resolve_identity() -> Principal:
    """Returns the local user: `DATA_PLATFORM_USER`, else the login, else the user id, as in containers.

    Raises BadInput for a name that is too long or contains invisible characters.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Principal(check_principal_name(named, VARIABLE, _HINT), local=True)
    return Principal(check_principal_name(_read_login(), "the login", _HINT), local=True)


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
