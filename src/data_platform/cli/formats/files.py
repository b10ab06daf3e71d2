"""Writes files atomically; I/O errors become StorageFailed."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote

from data_platform.errors import BadInput, StorageFailed
from data_platform.spec.text.paths import suggest_near_path, to_path

_PARTIAL = ".partial-"
_WITHOUT_NAME = getattr(os, "O_TMPFILE", 0)
_NOT_HERE = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS)
"""The errors of a file system that does not support unnamed files."""


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Yields a file to write to, which replaces `path` at the end; after an exception `path` is unchanged.

    The content may be personal data in clear text. The file therefore has no name until it is complete, and the kernel
    removes it if the process is killed. If the system does not support unnamed files, it is a hidden file that other
    users cannot read, and the next call for the same path removes it.
    """
    check_target(to_path(path, "the file"))
    try:
        _remove_partials(path)
        with _create_partial(path) as (partial, descriptor):
            yield partial
            _put_in_place(partial, descriptor, path)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror or error}") from error


def check_target(path: Path) -> None:
    """Raises StorageFailed if no file can be written at `path`: a folder or a device, or in a missing folder."""
    try:
        _check_target(path)
        _check_writable(path.parent)
    except FileNotFoundError:
        raise _refuse_missing_folder(path) from None
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror or error}") from error


def check_folder(path: Path) -> None:
    """Raises StorageFailed if `path` is not a folder, or a folder cannot be created there."""
    try:
        existing = next(place for place in (path, *path.absolute().parents) if os.path.lexists(place))
        _check_writable(existing)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be created: {error.strerror}", hint="choose another folder") from error


def _check_writable(folder: Path) -> None:
    """Raises OSError if `folder` is missing, is not a folder, or cannot be written to."""
    if not stat.S_ISDIR(folder.stat().st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(folder, os.W_OK | os.X_OK):
        read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
        number = errno.EROFS if read_only else errno.EACCES
        raise PermissionError(number, os.strerror(number))


def _refuse_missing_folder(path: Path) -> StorageFailed:
    folder = path.parent
    hint = suggest_near_path(folder) or f"create the folder first: mkdir -p {quote(str(folder))}"
    return StorageFailed(f"{path} cannot be written: there is no folder {folder}", hint=hint)


def _check_target(path: Path) -> None:
    """Raises OSError if `path` is a folder, a device or a pipe."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file")


@contextmanager
def _create_partial(path: Path) -> Iterator[tuple[Path, int]]:
    """Yields a path and a descriptor of the file; it is removed at the end unless it was linked."""
    hidden, descriptor = _open_partial_file(path)
    try:
        yield hidden or Path(f"/proc/self/fd/{descriptor}"), descriptor
    finally:
        if hidden is not None:
            hidden.unlink(missing_ok=True)
        os.close(descriptor)


def _open_partial_file(path: Path) -> tuple[Path | None, int]:
    if _WITHOUT_NAME and Path("/proc/self/fd").is_dir():
        try:
            return None, os.open(path.parent, _WITHOUT_NAME | os.O_RDWR, 0o666)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
    hidden = _make_hidden_path(path)
    descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return hidden, descriptor


def _make_hidden_path(path: Path) -> Path:
    return path.with_name(f".{path.name}{_PARTIAL}{secrets.token_hex(4)}")


def _put_in_place(partial: Path, descriptor: int, path: Path) -> None:
    """Renames the file; an unnamed file is first linked to a hidden name."""
    if partial.parent == path.parent:
        os.fchmod(descriptor, 0o666 & ~_read_umask())
        partial.replace(path)
        return
    hidden = _make_hidden_path(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # with a folder descriptor Python calls linkat, which follows the link in /proc to the file
        os.link(partial, hidden.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
    try:
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


def _remove_partials(path: Path) -> None:
    """Removes partial files of killed processes beside `path`; a locked file is in use and stays."""
    for name in [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(f".{path.name}{_PARTIAL}")]:
        with suppress(OSError):
            descriptor = os.open(path.with_name(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.with_name(name).unlink()
            finally:
                os.close(descriptor)


def _read_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    """Writes the text, replacing the file."""
    with write_atomically(path) as file:
        file.write_text(text, encoding="utf-8")


def ensure_folder(path: Path) -> Path:
    """Returns the folder, which is created if it is missing. Raises StorageFailed."""
    to_path(path, "the folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be created: {error.strerror}", hint="choose another folder") from error
    return path


def write_new(folder: Path, files: Mapping[str, str], option: str = "--into") -> list[Path]:
    """Writes files by their relative paths. Raises BadInput if one of them exists.

    `option` is the option of the command that names the folder.
    """
    to_path(folder, option)
    paths = {folder / name: text for name, text in files.items()}
    existing = [path for path in paths if os.path.lexists(path)]
    if existing:
        raise BadInput(f"{existing[0]} exists already", hint=f"choose another folder: {option} FOLDER")
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
