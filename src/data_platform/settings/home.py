"""Where the mesh lives on disk.

The home is `DATA_PLATFORM_HOME` (the folder itself); else the nearest `.data-platform/` upwards from the working
directory; else a new `.data-platform/` in the working directory. Only what begins a mesh may make one: whoever reads,
or judges by cron, must not be answered by an empty mesh where a name was mistyped.

A home that was *found* must belong to the user or to root: otherwise whoever may write to `/tmp` could plant settings
there that send our secrets to a server of theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_platform.errors import BadInput, StorageFailed

VARIABLE = "DATA_PLATFORM_HOME"
FOLDER = ".data-platform"
IGNORE_ALL = "# The mesh's own files: not for version control.\n*\n"
_RECORD, _SETTINGS, _IGNORE = "record.db", "settings.toml", ".gitignore"


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder, absolute and without symlinks; `created` says that this call made it."""

    path: Path
    created: bool = False

    @property
    def settings_file(self) -> Path:
        """Where the settings are, whether or not the file exists."""
        return self.path / _SETTINGS

    @property
    def record_file(self) -> Path:
        """Where the record is, unless the settings name a database."""
        return self.path / _RECORD


def find_home(start: Path | None = None, *, make: bool = True) -> Home:
    """The home that holds for `start` (default: the working directory), made when there is none, if it may `make` one.

    Raises BadInput when there is none and none may be made, something else stands in its place or it is somebody
    else's, StorageFailed when it cannot be made.
    """
    place = home_place(start)
    if not make:
        _demand(place)
    if os.environ.get(VARIABLE) or not os.path.lexists(place):
        return _make(place)
    return _own(_open(place))


def _demand(place: Path) -> None:
    """Raises BadInput where no home stands; a folder that the variable names is one by what a mesh leaves in it."""
    named = os.environ.get(VARIABLE)
    if not named:
        if not os.path.lexists(place):
            raise BadInput(
                f"there is no mesh here: no {FOLDER} in {place.parent}, nor in a folder above it",
                hint=f"data-platform init makes one; or name one that is elsewhere: export {VARIABLE}=…/{FOLDER}",
            )
        return
    if _is_home(_open(place).path if os.path.lexists(place) else place):
        return
    inner = place / FOLDER
    what = "which holds no mesh" if place.exists() else "and there is no such folder"
    near = f"did you mean {VARIABLE}={inner}?" if inner.is_dir() else "correct it; or unset it and data-platform init"
    raise BadInput(f"{VARIABLE} is {named}, {what}", hint=near)


def _is_home(folder: Path) -> bool:
    ignore = folder / _IGNORE
    with _disk("the home folder", folder):
        begun = any((folder / name).exists() for name in (_RECORD, _SETTINGS, "mesh.id"))
        return begun or (ignore.is_file() and ignore.read_text(errors="replace") == IGNORE_ALL)


def home_place(start: Path | None = None) -> Path:
    """Where that home is or would be made; nothing is made. Raises BadInput for a name that is no path."""
    named = os.environ.get(VARIABLE)
    if named:
        return _named(named)
    with _disk("the working directory", Path()):
        start = (start or Path.cwd()).resolve()
        return next((place for place in _upwards(start) if os.path.lexists(place)), start / FOLDER)


def init_home(place: Path) -> Home:
    """Makes `.data-platform/` in the folder `place`; a home that already stands there stays as it is.

    Raises BadInput when something else stands there, StorageFailed when it cannot be made.
    """
    place = place.expanduser()
    return _make(place if place.name == FOLDER else place / FOLDER)


def _named(value: str) -> Path:
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as error:
        raise BadInput(f"{VARIABLE} is {value!a}: {error}", hint="write the folder out in full") from error


def _upwards(start: Path) -> Iterator[Path]:
    return (folder / FOLDER for folder in (start, *start.parents))


def _make(path: Path) -> Home:
    if os.path.lexists(path):
        return _open(path)
    with _disk("the home folder", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:  # another process was faster
            return _open(path)
        (path / _IGNORE).write_text(IGNORE_ALL)
        return Home(path.resolve(), created=True)


def _open(path: Path) -> Home:
    with _disk("the home folder", path):
        if path.is_dir():
            return Home(path.resolve())
    what = "a symlink to nowhere" if path.is_symlink() else "not a folder"
    raise BadInput(f"the home folder {path} is {what}", hint=f"remove it, or name another folder in {VARIABLE}")


def _own(home: Home) -> Home:
    owner = home.path.stat().st_uid
    if owner in (os.geteuid(), 0):
        return home
    raise BadInput(
        f"the home folder {home.path} belongs to another user (id {owner})",
        hint=f"to use it all the same: export {VARIABLE}={home.path}",
    )


@contextmanager
def _disk(what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except (NotADirectoryError, FileExistsError) as error:
        raise BadInput(f"{what} {path} lies below something that is not a folder: {error.filename}") from error
    except OSError as error:
        raise StorageFailed(
            f"{what} {path} cannot be used: {error.strerror}", hint=f"name a folder of yours in {VARIABLE}"
        ) from error
    except ValueError as error:  # a NUL in the path
        raise BadInput(f"{what} {str(path)!a} is no path: {error}") from error
