"""Stored logins: a token for each server, in the system's keyring, or where there is none in a private file."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data_platform.client.address import ServerAddress
from data_platform.errors import StorageFailed
from data_platform.settings.disk import read_regular, replace_file

SERVICE = "data-platform"
"""What the keyring's entries are of; the name of each is the server's URL."""
_FILE = "logins.json"
_OTHERS = 0o077


def find_login(address: ServerAddress) -> str | None:
    """The token of that server; None if no login is stored. Raises StorageFailed for a file that others can read."""
    keyring = _find_keyring()
    if keyring is not None:
        with _convert_keyring_errors(keyring):
            token = keyring.get_password(SERVICE, str(address))
        if token is not None:
            return str(token)
    return _read_file(locate_file()).get(str(address))


def store_login(address: ServerAddress, token: str) -> str:
    """Stores the token in place of an earlier one; returns where it is."""
    keyring = _find_keyring()
    if keyring is not None:
        with _convert_keyring_errors(keyring):
            keyring.set_password(SERVICE, str(address), token)
        return f"the keyring ({_describe_keyring(keyring)})"
    file = locate_file()
    _write_file(file, {**_read_file(file), str(address): token})
    return f"{file}, which only you can read"


def remove_login(address: ServerAddress) -> bool:
    """Removes the token of that server, from keyring and file; False if there was none."""
    was_there = False
    keyring = _find_keyring()
    if keyring is not None:
        with _convert_keyring_errors(keyring):
            was_there = keyring.get_password(SERVICE, str(address)) is not None
            if was_there:
                keyring.delete_password(SERVICE, str(address))
    file = locate_file()
    stored = dict(_read_file(file))
    if stored.pop(str(address), None) is not None:
        was_there = True
        _write_file(file, stored)
    return was_there


def locate_file() -> Path:
    """The file of the logins, in the user's folder of configurations."""
    named = os.environ.get("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME")
    folder = Path(named) if named and Path(named).is_absolute() else Path("~/.config").expanduser()
    return folder / "data-platform" / _FILE


def _find_keyring() -> Any | None:
    """The keyring's module, where it is installed and has somewhere to store; imported only then."""
    if find_spec("keyring") is None:
        return None
    keyring = import_module("keyring")
    return keyring if keyring.get_keyring().priority > 0 else None


def _describe_keyring(keyring: Any) -> str:
    return str(keyring.get_keyring().name)


@contextmanager
def _convert_keyring_errors(keyring: Any) -> Iterator[None]:
    try:
        yield
    except keyring.errors.KeyringError as error:
        raise StorageFailed(
            f"the keyring ({_describe_keyring(keyring)}) cannot be used: {error}",
            hint="unlock it, or set DATA_PLATFORM_TOKEN",
        ) from None


def _read_file(file: Path) -> Mapping[str, str]:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if os.name == "posix" and mode & _OTHERS:
            raise StorageFailed(
                f"{file} is not used: other users can read it (mode {mode:o})",
                hint=f"chmod 600 {file}; revoke its tokens, which others may have read",
            )
        content = json.loads(read_regular(file))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StorageFailed(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(token, str) for token in content.values()):
        raise StorageFailed(f"{file} is damaged", hint="remove it, and log in again: data-platform login URL")
    return content


def _write_file(file: Path, logins: Mapping[str, str]) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(file, json.dumps(logins, indent=1).encode(), 0o600)
    except OSError as error:
        raise StorageFailed(f"{file} cannot be written: {error.strerror}") from None
