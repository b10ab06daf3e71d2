"""Types of path arguments, checked while the command line is parsed: before a command loads an engine or works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from data_platform.cli.formats.files import check_folder, check_target
from data_platform.errors import NotFound
from data_platform.spec.text.paths import is_missing, suggest_near_path, to_path

STDIO = "-"


class InputPath(click.Path):
    """A file or folder that must exist; `dash` also allows `-`, the standard input."""

    def __init__(self, *, dash: bool = False) -> None:
        super().__init__(path_type=Path, allow_dash=dash)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Returns the path. Raises NotFound with the nearest path that exists."""
        path = to_path(value, _get_label(param))
        if not (self.allow_dash and str(value) == STDIO):
            require_path(path)
        return path


class OutputFile(click.Path):
    """A file that the command writes; `dash` also allows `-`, the standard output."""

    def __init__(self, *, dash: bool = False) -> None:
        super().__init__(path_type=Path, allow_dash=dash)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Returns the path. Raises StorageFailed if no file can be written there."""
        path = to_path(value, _get_label(param))
        if not (self.allow_dash and str(value) == STDIO):
            check_target(path)
        return path


class OutputFolder(click.Path):
    """A folder that the command creates, or writes to."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Returns the path. Raises StorageFailed if no folder can be created or written there."""
        path = to_path(value, _get_label(param))
        check_folder(path)
        return path


def require_path(path: Path, fallback: str | None = None) -> None:
    """Raises NotFound if there is no such file, with the nearest path as the hint, else `fallback`."""
    if str(path) == STDIO and is_missing(path):
        raise NotFound("standard input is not read here", hint="write it to a file, and name the file")
    if is_missing(path):
        raise NotFound(f"no such file or folder: {path}", hint=suggest_near_path(path) or fallback)


def _get_label(param: click.Parameter | None) -> str:
    return "the path" if param is None else param.opts[0]
