"""Valid names of products, domains and outputs from names of foreign documents."""

from __future__ import annotations

import re
from collections.abc import Collection

from data_platform.spec.text.names import LONGEST, name_problem, suggest_valid_name

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def make_name(text: str | None, otherwise: str) -> str:
    """The text as a valid name, unchanged where it is one; `otherwise` when no part of it is usable."""
    if text is None or _UUID.fullmatch(text):
        return otherwise
    return text if name_problem(text) is None else suggest_valid_name(text) or otherwise


def make_unique_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first with a number appended that is not taken."""
    candidate, number = name, 2
    while candidate in taken:
        end = f"-{number}"
        candidate, number = name[: LONGEST - len(end)] + end, number + 1
    return candidate
