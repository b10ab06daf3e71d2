"""Finds and creates the home folder of a mesh.

The home is the folder in `DATA_PLATFORM_HOME`, else the nearest `.data-platform/` in or above the folder of the
product.yaml of a command, or the working directory. If these two differ, BadInput is raised. If there is none, commands
that create a mesh create `.data-platform/` in the working directory.

`DATA_PLATFORM_HOME` may name a folder that does not exist, if its parent exists and no folder with a similar name
beside it is a mesh: a mistyped path creates no mesh. `init` with that folder as its argument creates it in any case.
Commands that read, or run by cron, never create a mesh.

A home that was not named by the user must belong to the user or to root. Otherwise another user with write access to
`/tmp` could place settings there that send secrets to their server.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from shlex import quote

from data_platform.errors import BadInput, StorageFailed

VARIABLE = "DATA_PLATFORM_HOME"
FOLDER = ".data-platform"
IGNORE_ALL = "# The mesh's own files: not for version control.\n*\n"
IGNORED, MARKER = ".gitignore", ".beginning"
"""`MARKER` exists in a home until its first command succeeds."""
_SIMILAR = 0.7
"""The similarity of two names, from 0 to 1, at which one may be a misspelling of the other."""
_RECORD, _SETTINGS = "record.db", "settings.toml"


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder, absolute and without symlinks; `created`: this call created it."""

    path: Path
    created: bool = False

    @property
    def settings_file(self) -> Path:
        """The path of the settings, whether or not the file exists."""
        return self.path / _SETTINGS

    @property
    def record_file(self) -> Path:
        """The path of the record, unless the settings name a database."""
        return self.path / _RECORD


def find_home(products: Iterable[Path] = ()) -> Home | None:
    """Finds the home of these product.yaml files and the working directory; returns None if there is none yet.

    Raises BadInput if there are two, if it is not a folder or if it belongs to another user, and StorageFailed if it
    cannot be read.
    """
    place = resolve_home_path(products)
    if os.environ.get(VARIABLE):
        return _open(place) if is_home(place) else None
    if not os.path.lexists(place):
        return None
    home = _check_owner(_open(place))
    return None if _is_empty(home.path) else home


def require_home(products: Iterable[Path] = ()) -> Home:
    """Finds the home like find_home. Raises BadInput with the searched folders if there is none."""
    home = find_home(products)
    if home is None:
        raise no_home_error(resolve_home_path(products))
    return home


def no_home_error(place: Path) -> BadInput:
    """Returns the error of a command that needs a mesh, if there is none."""
    named = os.environ.get(VARIABLE)
    if not named:
        return BadInput(
            f"there is no mesh here: no {FOLDER} in {place.parent}, nor in a folder above it",
            hint=f"data-platform init creates one; or set the path of another one: export {VARIABLE}=…/{FOLDER}",
        )
    inner = place / FOLDER
    what = "which is not a mesh" if place.exists() else "which does not exist"
    similar = inner if inner.is_dir() else find_similar_home(place)
    near = f"did you mean {VARIABLE}={similar}?" if similar else "correct it, or unset it and run data-platform init"
    return BadInput(f"{VARIABLE} is {named}, {what}", hint=near)


def check_new_home(place: Path, *, is_argument: bool = False) -> None:
    """Raises BadInput if no mesh may be created at `place`: it has other files, or the path may be mistyped.

    `is_argument`: the path is an argument, not the value of the variable.
    """
    named = os.environ.get(VARIABLE)
    if os.path.lexists(place):
        folder = _open(place).path
        with convert_disk_errors("the home folder", folder):
            if (folder / FOLDER).is_dir() or not (is_home(folder) or _is_empty(folder)):
                raise not_a_home_error(place) if is_argument or not named else no_home_error(place)
    if named and not is_argument:
        _refuse_mistyped_home(place, named)
        if not place.parent.is_dir():
            raise BadInput(
                f"{VARIABLE} is {named}, but the folder {place.parent} does not exist",
                hint="correct it; or create a mesh there: data-platform init",
            )


def _refuse_mistyped_home(place: Path, named: str) -> None:
    """Raises BadInput if the variable names no mesh, but a folder with a similar name is one."""
    if os.path.lexists(place) and is_home(place):
        return
    similar = find_similar_home(place)
    if similar is not None:
        on_purpose = f"to create another mesh: data-platform init {quote(named)}"
        raise BadInput(
            f"{VARIABLE} is {named}, which is not a mesh, but {similar} is one",
            hint=f"did you mean {VARIABLE}={similar}? {on_purpose}",
        )


def find_similar_home(place: Path) -> Path | None:
    """Finds a mesh with a name similar to `place`, or in a folder with a similar name; None if there is none."""
    wrong = place if place.parent.is_dir() else place.parent
    try:
        names = {path.name.casefold(): path for path in wrong.parent.iterdir() if path != wrong}
        close = get_close_matches(wrong.name.casefold(), names, n=5, cutoff=_SIMILAR)
        folders = [names[name] / place.relative_to(wrong) for name in close]
        homes = (home for folder in folders for home in (folder, folder / FOLDER))
        return next((home for home in homes if home.is_dir() and is_home(home)), None)
    except (OSError, StorageFailed):
        return None


def not_a_home_error(place: Path) -> BadInput:
    """Returns the error for a path that is not a home."""
    if (place / FOLDER).is_dir():
        return BadInput(f"{place} is not the home of a mesh", hint=f"its home is {place / FOLDER}")
    if not place.exists():
        hint = f"Platform.open({str(place)!r}, make=True) creates a mesh there"
        return BadInput(f"there is no mesh at {place}", hint=hint)
    hint = f"it has other files: use {place / FOLDER}, which data-platform init {place} creates"
    return BadInput(f"{place} is not the home of a mesh", hint=hint)


def is_home(folder: Path) -> bool:
    """Whether the folder contains files of a mesh."""
    ignore = folder / IGNORED
    with convert_disk_errors("the home folder", folder):
        has_files = any((folder / name).exists() for name in (_RECORD, _SETTINGS, "mesh.id", MARKER, "tables", "keys"))
        return has_files or (ignore.is_file() and ignore.read_text(errors="replace") == IGNORE_ALL)


def _is_empty(folder: Path) -> bool:
    with convert_disk_errors("the home folder", folder):
        return next(folder.iterdir(), None) is None


def resolve_home_path(products: Iterable[Path] = ()) -> Path:
    """Returns the path of the home, which may not exist yet. Raises BadInput for an invalid path."""
    named = os.environ.get(VARIABLE)
    if named:
        return _parse_variable(named)
    of_products = {home: product for product in products if (home := _find_nearest(product.parent)) is not None}
    try:
        here = _read_working_directory()
    except StorageFailed:
        if not of_products:
            raise
        here = None
    around = _find_nearest(here) if here else None
    homes = [*of_products, *([around] if around and around not in of_products else [])]
    if len(homes) > 1:
        raise _two_homes_error(homes, of_products, around)
    return homes[0] if homes else (here or Path()) / FOLDER


def _read_working_directory() -> Path:
    with convert_disk_errors("the working directory", Path()):
        return Path.cwd().resolve()


def _find_nearest(start: Path) -> Path | None:
    with convert_disk_errors("the folder", start):
        start = start.expanduser().resolve()
        return next((place for place in _list_candidates(start) if os.path.lexists(place)), None)


def _two_homes_error(homes: list[Path], of_products: Mapping[Path, Path], around: Path | None) -> BadInput:
    first, second = homes[:2]
    origin = "the working directory" if second == around else str(of_products.get(second))
    return BadInput(
        f"two meshes: {first} is the nearest of {of_products[first]}, and {second} of {origin}",
        hint=f"say which: export {VARIABLE}={first}",
    )


def init_home(place: Path | None = None) -> Home:
    """Creates `.data-platform/` in the folder `place`; an existing home is not changed.

    Without `place` it is the folder in `DATA_PLATFORM_HOME`, else the working directory; `place` may also be the folder
    in the variable. Raises BadInput if it is not a folder or the variable is probably mistyped, and StorageFailed if it
    cannot be created.
    """
    named = os.environ.get(VARIABLE)
    if named and (place is None or expand_path(place) == _parse_variable(named)):
        if place is None:
            _refuse_mistyped_home(_parse_variable(named), named)
        return make_home(_parse_variable(named))
    place = (place or Path()).expanduser()
    return make_home(place if place.name == FOLDER else place / FOLDER)


def find_outer_home(home: Home) -> Path | None:
    """The mesh whose folder the home is in, which commands there would use without it; None if there is none."""
    around = _list_candidates(home.path.parent.parent)
    return next((place for place in around if place.is_dir() and is_home(place)), None)


def expand_path(path: Path, what: str = "the home folder") -> Path:
    """Returns the absolute path with `~` expanded. Raises BadInput for an invalid path."""
    try:
        with convert_disk_errors(what, path):
            path = path.expanduser().absolute()
            path.exists()
            return path
    except RuntimeError as error:
        raise BadInput(f"{what} is {str(path)!a}: {error}", hint="write the complete path") from error


def _parse_variable(value: str) -> Path:
    return expand_path(Path(value), VARIABLE)


def _list_candidates(start: Path) -> Iterator[Path]:
    return (folder / FOLDER for folder in (start, *start.parents))


def make_home(path: Path) -> Home:
    """Creates a home in the folder; an existing one is not changed, also if another process creates it now."""
    with convert_disk_errors("the home folder", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        home = _open(path)
        if not _is_empty(home.path):
            return home
        (home.path / IGNORED).write_text(IGNORE_ALL)
        return replace(home, created=True)


def _open(path: Path) -> Home:
    with convert_disk_errors("the home folder", path):
        if path.is_dir():
            return Home(path.resolve())
    what = "a broken symlink" if path.is_symlink() else "not a folder"
    raise BadInput(f"the home folder {path} is {what}", hint=f"remove it, or set {VARIABLE} to another folder")


def _check_owner(home: Home) -> Home:
    owner = home.path.stat().st_uid
    if owner in (os.geteuid(), 0):
        return home
    raise BadInput(
        f"the home folder {home.path} belongs to another user (id {owner})",
        hint=f"to use it anyway: export {VARIABLE}={home.path}",
    )


@contextmanager
def convert_disk_errors(what: str, path: Path) -> Iterator[None]:
    """Converts I/O errors inside the block to BadInput or StorageFailed about `path`."""
    try:
        yield
    except (NotADirectoryError, FileExistsError) as error:
        raise BadInput(f"{what} {path} is below something that is not a folder: {error.filename}") from error
    except OSError as error:
        raise StorageFailed(
            f"{what} {path} cannot be used: {error.strerror}", hint=f"set {VARIABLE} to a folder that you can write to"
        ) from error
    except ValueError as error:  # a NUL in the path
        raise BadInput(f"{what} {str(path)!a} is not a path: {error}") from error
