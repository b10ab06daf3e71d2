"""Read options in hints, as a source of settings.toml is given them: it has no command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from data_platform.errors import UnreadableData

_OPTION = re.compile(r"give --(?P<name>[a-z_-]+) (?P<value>'[^']*'|\S+) \(ReadOptions and settings\.toml: \w+\)")
_WORDS = {"tab": "\t", "none": ""}


@contextmanager
def add_settings_hint(source: str) -> Iterator[None]:
    """UnreadableData raised inside says how its options are written under `[sources.NAME]`."""
    try:
        yield
    except UnreadableData as error:
        if error.hint and _OPTION.search(error.hint):
            error.hint = rewrite_hint(error.hint, source)
        raise


def rewrite_hint(hint: str, source: str) -> str:
    """The hint with the key of settings.toml in place of the option of the command line."""

    def format_key(match: re.Match[str]) -> str:
        name, text = match["name"].replace("-", "_"), match["value"].strip("'")
        value = (
            f'["{text.replace(",", chr(34) + ", " + chr(34))}"]'
            if name == "columns"
            else json.dumps(_WORDS.get(text, text))
        )
        return f"write `{name} = {value}` under `[sources.{source}]` in settings.toml"

    return _OPTION.sub(format_key, hint)
