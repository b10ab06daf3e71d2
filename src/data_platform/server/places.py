"""Paths of the home in answers and errors. A caller elsewhere can open none of them, and has no use for where it is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from data_platform.errors import DataPlatformError
from data_platform.settings import Home
from data_platform.verbs.wire.form import Json

HOME = "the server's home"
_KEPT = frozenset(["LineageEvents"])
"""Answers whose paths are names: OpenLineage names a table by its place, and the events that were sent did so too."""


def hide_in_answer(verb: str, answer: Json, home: Home) -> Json:
    """The answer of a verb, its paths relative to the home."""
    return answer if verb in _KEPT else _hide_in_json(answer, str(home.path))


def hide_in_error(error: DataPlatformError, home: Home) -> None:
    """Makes the paths of an error relative to the home, in its message, its hint and its other attributes."""
    path = str(home.path)
    for name, value in vars(error).items():
        if isinstance(value, str):
            setattr(error, name, hide_path(value, path))
    error.args = (error.message,)


def hide_path(text: str, path: str) -> str:
    """The text with what is in the folder `path` relative to it. Longer paths that contain `path` stay as they are."""
    return _compile(path).sub(lambda match: "" if match[0].endswith("/") else HOME, text) if path in text else text


def _hide_in_json(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return hide_path(value, path)
    if isinstance(value, dict):
        return {name: _hide_in_json(member, path) for name, member in value.items()}
    return [_hide_in_json(item, path) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=8)
def _compile(path: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./~-]){re.escape(path)}(?:/(?=[\w.])|(?!/?[\w-]|\.\w))")
