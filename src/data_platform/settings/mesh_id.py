"""The identity of the mesh of a home: one line in `mesh.id`, the same as in the record.

A home without it is new, or was created by a release that did not write it.
"""

from __future__ import annotations

import re
from pathlib import Path

from data_platform.errors import StorageFailed
from data_platform.settings.disk import read_regular, write_once
from data_platform.settings.home import Home

FILE = "mesh.id"
_ID = re.compile(rb"[0-9a-f]{32}")


def identity_file(home: Home) -> Path:
    """Returns the path of the identity, whether or not the file exists."""
    return home.path / FILE


def read_mesh_id(home: Home) -> str | None:
    """Returns the identity of the mesh, or None if the home has none yet. Raises StorageFailed for a damaged file."""
    path = identity_file(home)
    try:
        content = read_regular(path).strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageFailed(f"the mesh's identity {path} cannot be read: {error.strerror}") from error
    if _ID.fullmatch(content) is None:
        raise StorageFailed(
            f"the mesh's identity {path} is damaged: it is not 32 hexadecimal digits",
            hint="restore it from a backup, or remove it: the next command writes it again from the record, "
            "if record and tables belong together",
        )
    return content.decode()


def write_mesh_id(home: Home, mesh_id: str) -> None:
    """Writes the identity of the mesh; an existing file is not changed. Raises StorageFailed."""
    path = identity_file(home)
    try:
        write_once(path, f"{mesh_id}\n".encode())
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror}", hint="give this user write permission") from error
