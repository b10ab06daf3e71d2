"""The path of a schema file: beside or below the product.yaml that names it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:")


def find_schema_path_problem(path: str) -> str | None:
    """Why `path` cannot be a schema's, as words that follow it; None when it can (existence is not checked)."""
    if _DRIVE.match(path) or path.startswith(("/", "\\", "~")):
        return "is an absolute path"
    if _URL.match(path):
        return "is a URL"
    if "\\" in path:
        return "has backslashes, which are folders on Windows only"
    if ".." in PurePosixPath(path).parts:
        return "leaves the product's folder"
    return None
