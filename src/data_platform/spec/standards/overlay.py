"""Overlays: what a foreign document says beyond ours, as a difference that is applied again on export.

An overlay looks like the document itself with everything left out that we write the same. Laid over what we write:
mappings go into each other; a list of named things (`KEYS`) is joined name by name, unknown ones are added, and when
the overlay names all, its order rules, except for columns, whose order is the schema's; everything else replaces. An
overlay removes nothing. What of it may be laid, `agreement` decides.
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

OWN = "own"
"""The field of an output's overlay that lists where its document speaks for itself; it is never written."""

TYPED = ("properties", "items", "key", "value")
"""The fields whose elements have a type."""

OF_A_TYPE = ("physicalType", "logicalTypeOptions", "items", "map", "properties")
"""The fields that mean something only beside the `logicalType` that they were said of."""

Plain = Any


def compute_overlay(ours: Plain, theirs: Plain, word: str = "") -> Plain | None:
    """The overlay that makes `theirs` of `ours`, up to what only `ours` has; None when there is nothing to say.

    `word` is the field that has both. None is never a value of a mapping in `theirs` that `ours` has.
    """
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        differences = {key: _compare_inside(ours, key, value) for key, value in theirs.items()}
        over = {key: part[0] for key, part in differences.items() if part}
        return (_with_logical_type(over, ours, theirs) if word in TYPED else over) or None
    if _is_same(ours, theirs):
        return None
    if is_joined(word, ours) and is_joined(word, theirs):
        return _list_difference(ours, theirs, word)
    return theirs


def _with_logical_type(over: dict[str, Plain], ours: Plain, theirs: Plain) -> dict[str, Plain]:
    """What is said of a type is kept beside the type, so that it is removed when the type changes."""
    if not any(field in over for field in OF_A_TYPE) or "logicalType" not in ours:
        return over
    return {"logicalType": theirs.get("logicalType", ours["logicalType"]), **over}


def _compare_inside(ours: Mapping[str, Plain], key: str, value: Plain) -> tuple[Plain] | None:
    if key not in ours:
        return (value,)
    part = compute_overlay(ours[key], value, key)
    return None if part is None else (part,)


def _list_difference(ours: Sequence[Plain], theirs: Sequence[Plain], word: str) -> list[Plain] | None:
    name = KEYS[word]
    mine, wanted = dict(_index_by_name(ours, name)), _index_by_name(theirs, name)
    entries = [_make_entry(mine.get(key), item, word) for key, item in wanted]
    changed = [
        entry for (key, _), entry in zip(wanted, entries, strict=True) if key not in mine or entry.keys() - {name}
    ]
    twins = any(number for _, number in [*mine, *dict(wanted)])
    order = [key for key, _ in wanted]
    kept = [key for key, _ in _index_by_name(_list_laid(ours, changed, word), name) if key in set(order)]
    return entries if twins or kept != order else changed or None


def _make_entry(mine: Plain | None, item: Mapping[str, Plain], word: str) -> dict[str, Plain]:
    """An element's own overlay, with the field that names it."""
    name = KEYS[word]
    part = item if mine is None else compute_overlay(mine, item, word) or {}
    return {**({name: item[name]} if name in item else {}), **part}


def is_joined(word: str, value: Plain) -> bool:
    """Whether the value of the field `word` is a list that is joined by name."""
    return word in KEYS and isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _index_by_name(
    items: Sequence[Mapping[str, Plain]], name: str
) -> list[tuple[tuple[Plain, int], Mapping[str, Plain]]]:
    """Each element under its name and how often the name occurred before it."""
    seen: Counter[str] = Counter()
    indexed = []
    for item in items:
        key = str(item.get(name, ""))
        indexed.append(((key, seen[key]), item))
        seen[key] += 1
    return indexed


def _is_same(one: Plain, other: Plain) -> bool:
    """Equal as JSON is: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def apply_overlay(ours: Plain, overlay: Plain, word: str = "") -> Plain:
    """`ours` with the overlay over it; both stay as they are."""
    if isinstance(ours, Mapping) and isinstance(overlay, Mapping):
        both = {
            key: apply_overlay(value, overlay[key], key) if key in overlay else value for key, value in ours.items()
        }
        return {**both, **{key: value for key, value in overlay.items() if key not in ours}}
    if is_joined(word, ours) and is_joined(word, overlay):
        return _list_laid(ours, overlay, word)
    return overlay


def _list_laid(ours: Sequence[Plain], overlay: Sequence[Plain], word: str) -> list[Plain]:
    name = KEYS[word]
    mine, over = dict(_index_by_name(ours, name)), dict(_index_by_name(overlay, name))
    both = {key: apply_overlay(item, over[key], word) if key in over else item for key, item in mine.items()}
    both |= {key: item for key, item in over.items() if key not in mine}
    if mine.keys() <= over.keys() and word != "properties":
        return [both[key] for key in over]
    return list(both.values())
