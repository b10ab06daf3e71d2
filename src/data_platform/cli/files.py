"""Files that commands write: whole or not at all, and a clear word when the disk says no."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from data_platform.errors import BadInput, StorageFailed


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place at the end; an exception leaves what was there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            yield beside
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Writes the text, in place of what was there."""
    with replacing(path) as file:
        file.write_text(text, encoding="utf-8")


def folder_for(path: Path) -> Path:
    """The folder, made where it is missing; raises StorageFailed when the disk says no."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be a folder: {error.strerror}", hint="choose another one") from error
    return path


def write_new(folder: Path, files: Mapping[str, str], option: str = "--into") -> list[Path]:
    """Writes files by their relative paths, and overwrites none: raises BadInput when one is there already.

    `option` is the command's that names the folder.
    """
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
