"""Paths as callers pass them."""

from __future__ import annotations

from pathlib import Path

from data_platform.errors import BadInput
from data_platform.spec.text.names import describe_character, quote_text, quote_value


def to_path(value: object, what: str) -> Path:
    """The path, with `~` written out; raises BadInput, about `what`, for what is none."""
    if not isinstance(value, str | Path):
        raise BadInput(f"{what} is a path, and not {quote_value(value)}")
    text = str(value)
    if "\0" in text:
        raise BadInput(f"{what} {quote_text(text)} is no path: it holds the character {describe_character(chr(0))}")
    if not text:
        raise BadInput(f"{what} is empty, and no path")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise BadInput(f"{what} {quote_text(text)} is no path: {error}", hint="write the folder out in full") from None
