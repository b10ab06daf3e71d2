"""The product.yaml files that a path means: the file itself, or all below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from data_platform.errors import NotFound, StorageFailed
from data_platform.spec.product.loading import FILE_NAME
from data_platform.spec.text.paths import suggest_near_path, to_path


def find_product_files(paths: Iterable[Path]) -> list[Path]:
    """The files in the order of the paths, each once; hidden folders and links to folders are not entered.

    Raises NotFound for a path that is not there and for a folder without any, StorageFailed when one cannot be listed.
    """
    return list(dict.fromkeys(file for path in paths for file in _find_files(path)))


def _find_files(path: Path) -> list[Path]:
    path = to_path(path, "product.yaml")
    try:
        if path.is_dir():
            below = list(_walk_folder(path))
            if below:
                return below
            raise NotFound(
                f"no {FILE_NAME} in {path} or below", hint="data-platform new NAME --domain DOMAIN writes one"
            )
        if not path.exists():
            raise NotFound(f"no such file or folder: {path}", hint=suggest_near_path(path))
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}") from error
    return [path]


def _walk_folder(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if FILE_NAME in files:
            yield Path(place) / FILE_NAME


def _raise(error: OSError) -> None:
    raise error
