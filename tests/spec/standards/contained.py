"""What one document says and another does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data_platform.spec.standards.overlay import KEYS


def lost(theirs: Any, ours: Any, path: str = "", word: str = "") -> Iterator[str]:
    """The places of `theirs` that `ours` says otherwise or not at all; lists of named things are met by name."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key, value in theirs.items():
            if key in ours:
                yield from lost(value, ours[key], f"{path}.{key}", key)
            else:
                yield f"{path}.{key} is missing"
    elif isinstance(theirs, list) and isinstance(ours, list) and word in KEYS and _all_mappings(theirs, ours):
        yield from _lost_elements(theirs, ours, path, KEYS[word])
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for at, (their, our) in enumerate(zip(theirs, ours, strict=True)):
            yield from lost(their, our, f"{path}[{at}]")
    elif theirs != ours or type(theirs) is not type(ours):
        yield f"{path}: {theirs!r:.100} became {ours!r:.100}"


def _all_mappings(*lists: list[Any]) -> bool:
    return all(isinstance(item, dict) for items in lists for item in items)


def _lost_elements(theirs: list[Any], ours: list[Any], path: str, name: str) -> Iterator[str]:
    for key in dict.fromkeys(str(item.get(name, "")) for item in theirs):
        wanted, found = ([item for item in items if str(item.get(name, "")) == key] for items in (theirs, ours))
        if len(found) < len(wanted):
            yield f"{path}: {key} stands {len(wanted)} times, and {len(found)} times in ours"
        for their, our in zip(wanted, found, strict=False):
            yield from lost(their, our, f"{path}.{key}")
