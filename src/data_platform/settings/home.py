"""Where the mesh lives on disk.

The home is the folder that `DATA_PLATFORM_HOME` names; else the nearest `.data-platform/` upwards from the product.yaml
that a command is about, or from the working directory. When those two differ, BadInput is raised: nothing is guessed
between two meshes. When there is none, what begins a mesh makes `.data-platform/` in the working directory.

`DATA_PLATFORM_HOME` may name a folder that is not there yet, as long as its parent is, and no folder of a similar name
beside it is a mesh: a mistyped path begins no mesh. `init` with that folder as its argument begins one on purpose.
Commands that read, or judge by cron, never begin one.

A home that was *found* must belong to the user or to root: otherwise another user who may write to `/tmp` could plant
settings there that send our secrets to a server of theirs.
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
"""`MARKER` stands in a home whose first command has not succeeded yet."""
_SIMILAR = 0.7
"""How much two names have in common, from 0 to 1, where one may be the other mistyped."""
_RECORD, _SETTINGS = "record.db", "settings.toml"


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


def find_home(products: Iterable[Path] = ()) -> Home | None:
    """The home that holds for these product.yaml files and the working directory; None when there is none yet.

    Raises BadInput when there are two, something else stands in its place or it belongs to another user, StorageFailed
    when it cannot be read.
    """
    place = home_place(products)
    if os.environ.get(VARIABLE):
        return _open(place) if is_home(place) else None
    if not os.path.lexists(place):
        return None
    home = _own(_open(place))
    return None if _is_empty(home.path) else home


def require_home(products: Iterable[Path] = ()) -> Home:
    """The same; raises BadInput that says where it was looked for when there is none."""
    home = find_home(products)
    if home is None:
        raise no_home(home_place(products))
    return home


def no_home(place: Path) -> BadInput:
    """The error of a command that needs a mesh where none is."""
    named = os.environ.get(VARIABLE)
    if not named:
        return BadInput(
            f"there is no mesh here: no {FOLDER} in {place.parent}, nor in a folder above it",
            hint=f"data-platform init makes one; or name one that is elsewhere: export {VARIABLE}=…/{FOLDER}",
        )
    inner = place / FOLDER
    what = "which holds no mesh" if place.exists() else "and there is no such folder"
    similar = inner if inner.is_dir() else find_similar_home(place)
    near = f"did you mean {VARIABLE}={similar}?" if similar else "correct it; or unset it and data-platform init"
    return BadInput(f"{VARIABLE} is {named}, {what}", hint=near)


def check_new_home(place: Path, *, is_argument: bool = False) -> None:
    """Raises BadInput where no mesh may begin at `place`: a folder of other files, or a path that is mistyped.

    `is_argument`: the caller handed the path in, and no variable names it.
    """
    named = os.environ.get(VARIABLE)
    if os.path.lexists(place):
        folder = _open(place).path
        with disk_errors("the home folder", folder):
            if (folder / FOLDER).is_dir() or not (is_home(folder) or _is_empty(folder)):
                raise not_a_home(place) if is_argument or not named else no_home(place)
    if named and not is_argument:
        _refuse_mistyped_home(place, named)
        if not place.parent.is_dir():
            raise BadInput(
                f"{VARIABLE} is {named}, and there is no folder {place.parent}",
                hint="correct it; or begin a mesh there: data-platform init",
            )


def _refuse_mistyped_home(place: Path, named: str) -> None:
    """Raises BadInput where the variable names no mesh, and another name that is almost the same does."""
    if os.path.lexists(place) and is_home(place):
        return
    similar = find_similar_home(place)
    if similar is not None:
        on_purpose = f"to begin another mesh on purpose: data-platform init {quote(named)}"
        raise BadInput(
            f"{VARIABLE} is {named}, which holds no mesh, and {similar} is one",
            hint=f"did you mean {VARIABLE}={similar}? {on_purpose}",
        )


def find_similar_home(place: Path) -> Path | None:
    """A mesh whose name is almost that of `place`, or whose folder's is where that is mistyped; None without one."""
    wrong = place if place.parent.is_dir() else place.parent
    try:
        names = {path.name.casefold(): path for path in wrong.parent.iterdir() if path != wrong}
        close = get_close_matches(wrong.name.casefold(), names, n=5, cutoff=_SIMILAR)
        folders = [names[name] / place.relative_to(wrong) for name in close]
        homes = (home for folder in folders for home in (folder, folder / FOLDER))
        return next((home for home in homes if home.is_dir() and is_home(home)), None)
    except (OSError, StorageFailed):
        return None


def not_a_home(place: Path) -> BadInput:
    """The error for a path that was handed in as a home, and is none."""
    if (place / FOLDER).is_dir():
        return BadInput(f"{place} is not the home of a mesh", hint=f"its home is {place / FOLDER}")
    if not place.exists():
        hint = f"Platform.open({str(place)!r}, make=True) begins a mesh there"
        return BadInput(f"there is no mesh at {place}", hint=hint)
    hint = f"it holds other files: name {place / FOLDER}, which data-platform init {place} makes"
    return BadInput(f"{place} is not the home of a mesh", hint=hint)


def is_home(folder: Path) -> bool:
    """Whether a mesh has left its marks in the folder."""
    ignore = folder / IGNORED
    with disk_errors("the home folder", folder):
        begun = any((folder / name).exists() for name in (_RECORD, _SETTINGS, "mesh.id", MARKER, "tables", "keys"))
        return begun or (ignore.is_file() and ignore.read_text(errors="replace") == IGNORE_ALL)


def _is_empty(folder: Path) -> bool:
    with disk_errors("the home folder", folder):
        return next(folder.iterdir(), None) is None


def home_place(products: Iterable[Path] = ()) -> Path:
    """Where that home is or would be made; nothing is made. Raises BadInput for a name that is no path."""
    named = os.environ.get(VARIABLE)
    if named:
        return _named(named)
    of_products = {home: product for product in products if (home := _nearest(product.parent)) is not None}
    try:
        here = _working_directory()
    except StorageFailed:
        if not of_products:
            raise
        here = None
    around = _nearest(here) if here else None
    homes = [*of_products, *([around] if around and around not in of_products else [])]
    if len(homes) > 1:
        raise _two_homes(homes, of_products, around)
    return homes[0] if homes else (here or Path()) / FOLDER


def _working_directory() -> Path:
    with disk_errors("the working directory", Path()):
        return Path.cwd().resolve()


def _nearest(start: Path) -> Path | None:
    with disk_errors("the folder", start):
        start = start.expanduser().resolve()
        return next((place for place in _upwards(start) if os.path.lexists(place)), None)


def _two_homes(homes: list[Path], of_products: Mapping[Path, Path], around: Path | None) -> BadInput:
    first, second = homes[:2]
    origin = "the working directory" if second == around else str(of_products.get(second))
    return BadInput(
        f"two meshes: {first} is the nearest of {of_products[first]}, and {second} of {origin}",
        hint=f"say which: export {VARIABLE}={first}",
    )


def init_home(place: Path | None = None) -> Home:
    """Makes `.data-platform/` in the folder `place`; a home that already stands there stays as it is.

    Without a place it is the folder that `DATA_PLATFORM_HOME` names, else the working directory; that folder may be the
    place, too. Raises BadInput when something else stands there or the variable is probably mistyped, StorageFailed
    when it cannot be made.
    """
    named = os.environ.get(VARIABLE)
    if named and (place is None or absolute_path(place) == _named(named)):
        if place is None:
            _refuse_mistyped_home(_named(named), named)
        return make_home(_named(named))
    place = (place or Path()).expanduser()
    return make_home(place if place.name == FOLDER else place / FOLDER)


def absolute_path(path: Path, what: str = "the home folder") -> Path:
    """The path, absolute and with `~` written out; raises BadInput for what is no path."""
    try:
        with disk_errors(what, path):
            path = path.expanduser().absolute()
            path.exists()
            return path
    except RuntimeError as error:
        raise BadInput(f"{what} is {str(path)!a}: {error}", hint="write the folder out in full") from error


def _named(value: str) -> Path:
    return absolute_path(Path(value), VARIABLE)


def _upwards(start: Path) -> Iterator[Path]:
    return (folder / FOLDER for folder in (start, *start.parents))


def make_home(path: Path) -> Home:
    """Makes the folder a home; one that is there already, or that another process makes now, stays as it is."""
    with disk_errors("the home folder", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        home = _open(path)
        if not _is_empty(home.path):
            return home
        (home.path / IGNORED).write_text(IGNORE_ALL)
        return replace(home, created=True)


def _open(path: Path) -> Home:
    with disk_errors("the home folder", path):
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
def disk_errors(what: str, path: Path) -> Iterator[None]:
    """Within it, what the disk says becomes BadInput or StorageFailed about `path`."""
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
