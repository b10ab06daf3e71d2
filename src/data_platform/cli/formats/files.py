"""Files that commands write: whole or not at all, and a clear word when the disk says no."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from data_platform.errors import BadInput, StorageFailed
from data_platform.spec.text.paths import to_path

_PARTIAL = ".partial-"
_WITHOUT_NAME = getattr(os, "O_TMPFILE", 0)
_NOT_HERE = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS)
"""What a file system that has no files without a name answers."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of `path` at the end; an exception leaves what was there.

    What is written may be personal data in clear, so it has no name before it is whole: the kernel removes it with a
    process that is killed. Where the system has no such files it is a hidden file that others cannot read, and the next
    call for the same path removes it.
    """
    try:
        _check_target(to_path(path, "the file"))
        _remove_partials(path)
        with _partial(path) as (partial, descriptor):
            yield partial
            _put_in_place(partial, descriptor, path)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror or error}") from error


def _check_target(path: Path) -> None:
    """Raises OSError for what a file would replace and should not: a folder, a device, a pipe."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")


@contextmanager
def _partial(path: Path) -> Iterator[tuple[Path, int]]:
    """The file that is written: a path that opens it, and a descriptor. Without a link it is gone at the end."""
    hidden, descriptor = _open_partial(path)
    try:
        yield hidden or Path(f"/proc/self/fd/{descriptor}"), descriptor
    finally:
        if hidden is not None:
            hidden.unlink(missing_ok=True)
        os.close(descriptor)


def _open_partial(path: Path) -> tuple[Path | None, int]:
    if _WITHOUT_NAME and Path("/proc/self/fd").is_dir():
        try:
            return None, os.open(path.parent, _WITHOUT_NAME | os.O_RDWR, 0o666)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
    hidden = _hidden(path)
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return hidden, descriptor


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}{_PARTIAL}{secrets.token_hex(4)}")


def _put_in_place(partial: Path, descriptor: int, path: Path) -> None:
    """Renames the file, or gives a file without a name first the hidden name and then its own."""
    if partial.parent == path.parent:
        os.fchmod(descriptor, 0o666 & ~_umask())
        partial.replace(path)
        return
    hidden = _hidden(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # with a folder's descriptor Python calls linkat, which alone follows the link of /proc to the file itself
        os.link(partial, hidden.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
    try:
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


def _remove_partials(path: Path) -> None:
    """Removes what a killed process left beside `path`; a file that a process has locked stays."""
    for name in [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(f".{path.name}{_PARTIAL}")]:
        with suppress(OSError):
            descriptor = os.open(path.with_name(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.with_name(name).unlink()
            finally:
                os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    """Writes the text, in place of what was there."""
    with replacing(path) as file:
        file.write_text(text, encoding="utf-8")


def folder_for(path: Path) -> Path:
    """The folder, made where it is missing; raises StorageFailed when the disk says no."""
    to_path(path, "the folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be a folder: {error.strerror}", hint="choose another one") from error
    return path


def write_new(folder: Path, files: Mapping[str, str], option: str = "--into") -> list[Path]:
    """Writes files by their relative paths, and overwrites none: raises BadInput when one is there already.

    `option` is the command's that names the folder.
    """
    to_path(folder, option)
    paths = {folder / name: text for name, text in files.items()}
    known = [path for path in paths if os.path.lexists(path)]
    if known:
        raise BadInput(f"{known[0]} is there already", hint=f"choose another folder: {option} FOLDER")
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise StorageFailed(
            f"{folder} cannot be written: {error.strerror}", hint=f"{option} names another folder"
        ) from error
    return list(paths)
