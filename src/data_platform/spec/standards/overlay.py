"""What a foreign document says beyond ours, as the difference to what we would write, and laid over it again.

An overlay looks like the document itself with everything left out that we write the same. Laid over what we write:
mappings go into each other; a list of named things (`KEYS`) is joined name by name, unknown ones are added, and when
the overlay names all, its order rules; everything else replaces. An overlay removes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

KEYS = {
    "properties": "name",
    "customProperties": "property",
    "slaProperties": "property",
    "members": "username",
    "inputPorts": "name",
}
"""The lists that are joined by name, and the field that names an element; the n-th of a name meets the n-th."""

Plain = Any


def difference(ours: Plain, theirs: Plain, word: str = "") -> Plain | None:
    """The overlay that makes `theirs` of `ours`, up to what only `ours` has; None when there is nothing to say.

    `word` is the field under which both stand. None is never a value of a mapping in `theirs` that `ours` has.
    """
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        found = {key: _inside(ours, key, value) for key, value in theirs.items()}
        return {key: part[0] for key, part in found.items() if part} or None
    if _same(ours, theirs):
        return None
    if _joined(word, ours) and _joined(word, theirs):
        return _list_difference(ours, theirs, KEYS[word])
    return theirs


def _inside(ours: Mapping[str, Plain], key: str, value: Plain) -> tuple[Plain] | None:
    if key not in ours:
        return (value,)
    part = difference(ours[key], value, key)
    return None if part is None else (part,)


def _list_difference(ours: Sequence[Plain], theirs: Sequence[Plain], name: str) -> list[Plain] | None:
    mine, wanted = dict(_named(ours, name)), _named(theirs, name)
    entries = [_entry(mine.get(key), item, name) for key, item in wanted]
    changed = [
        entry for (key, _), entry in zip(wanted, entries, strict=True) if key not in mine or entry.keys() - {name}
    ]
    twins = any(number for _, number in [*mine, *dict(wanted)])
    order = [key for key, _ in wanted]
    kept = [key for key, _ in _named(_list_laid(ours, changed, name), name) if key in set(order)]
    return entries if twins or kept != order else changed or None


def _entry(mine: Plain | None, item: Mapping[str, Plain], name: str) -> dict[str, Plain]:
    """An element's own overlay, with the field that names it."""
    part = item if mine is None else difference(mine, item) or {}
    return {**({name: item[name]} if name in item else {}), **part}


def _joined(word: str, value: Plain) -> bool:
    return word in KEYS and isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _named(items: Sequence[Mapping[str, Plain]], name: str) -> list[tuple[tuple[Plain, int], Mapping[str, Plain]]]:
    """Each element under its name and how often the name stood before it."""
    seen: Counter[str] = Counter()
    found = []
    for item in items:
        key = str(item.get(name, ""))
        found.append(((key, seen[key]), item))
        seen[key] += 1
    return found


def _same(one: Plain, other: Plain) -> bool:
    """Equal as JSON is: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def laid(ours: Plain, overlay: Plain, word: str = "") -> Plain:
    """`ours` with the overlay over it; both stay as they are."""
    if isinstance(ours, Mapping) and isinstance(overlay, Mapping):
        joined = {key: laid(value, overlay[key], key) if key in overlay else value for key, value in ours.items()}
        return {**joined, **{key: value for key, value in overlay.items() if key not in ours}}
    if _joined(word, ours) and _joined(word, overlay):
        return _list_laid(ours, overlay, KEYS[word])
    return overlay


def _list_laid(ours: Sequence[Plain], overlay: Sequence[Plain], name: str) -> list[Plain]:
    mine, over = dict(_named(ours, name)), dict(_named(overlay, name))
    joined = {key: laid(item, over[key]) if key in over else item for key, item in mine.items()}
    joined |= {key: item for key, item in over.items() if key not in mine}
    if mine.keys() <= over.keys():
        return [joined[key] for key in over]
    return list(joined.values())
