"""Columns that the contract does not have: named in errors, unless their names may be values.

The first row of a file without a header, and keys of an object, are read as names. Beside personal data a name
is shown only where some declared name is there too, and where it looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from data_platform.errors import Mismatch
from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.mismatches import MOST_NAMES
from data_platform.spec.schema.types import SchemaColumn

_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,59}[0-9]{0,3}")
_HIDDEN = "not shown, since it may be a value: the output has protected columns"


def has_protected(columns: Sequence[SchemaColumn]) -> bool:
    """Whether any of the columns holds personal data or is encrypted."""
    return any(column.pii or column.encrypted for column in columns)


class Names:
    """The names that some data has, beside the columns of its contract; `prefix` is where they are inside."""

    def __init__(self, columns: Sequence[SchemaColumn], names: Sequence[str], prefix: str, *, within: bool) -> None:
        self._declared = {column.name: None for column in columns}
        self._names = names
        self._prefix = prefix
        self._variants = {_normalize(name): name for name in self._declared}
        self._fits = not self._names or not self._variants.keys().isdisjoint(map(_normalize, names))
        self._hides_all = within or (has_protected(columns) and not self._fits)
        self._hides_odd = within or has_protected(columns)

    @property
    def are_values(self) -> bool:
        """Whether no declared name is there, beside protected columns."""
        return self._hides_all and not self._fits

    def path(self, index: int) -> str:
        """The column at `index`, by its name or its position."""
        return self._prefix + (self._names[index] if self._is_shown(index) else self._describe_position(index))

    def find_mismatches(self) -> Iterator[Mismatch]:
        """The names that do not fit the contract, as mismatches."""
        places: set[str] = set()
        hidden: list[int] = []
        candidates = sorted(self._declared)
        extras = 0
        for index, name in enumerate(self._names):
            extras += name not in self._declared
            is_suggested = name not in self._declared and extras <= MOST_NAMES
            hint = suggest_name(name, candidates) if is_suggested else None
            if not name.strip():
                yield Mismatch(self._prefix + self._describe_position(index), "extra", "has no name")
            elif name in places:
                yield Mismatch(self.path(index), "extra", "is there twice")
            elif name not in self._declared and _normalize(name) in self._variants:
                declared = self._variants[_normalize(name)]
                what = f"differs from {declared!r} in case or blanks only; write it as the contract does"
                yield Mismatch(self.path(index), "extra", what)
            elif name not in self._declared and not self._is_shown(index) and not hint:
                hidden.append(index)
            elif name not in self._declared:
                why = "is not in the contract" if self._is_shown(index) else f"is not in the contract ({_HIDDEN})"
                yield Mismatch(self.path(index), "extra", why + (f"; {hint}" if hint else ""))
            places.add(name)
        if hidden:
            yield self._report_unnamed(hidden)

    def _report_unnamed(self, hidden: list[int]) -> Mismatch:
        count = len(hidden)
        path = f"{count:,} {'member' if self._prefix else 'column'}{'s' if count > 1 else ''}"
        message = f"{'are' if count > 1 else 'is'} not in the contract ({_HIDDEN})"
        present = set(self._names)
        absent = [name for name in self._declared if name not in present]
        more = f" and {len(absent) - MOST_NAMES:,} more" if len(absent) > MOST_NAMES else ""
        missing = f"; missing of the contract: {', '.join(absent[:MOST_NAMES])}{more}" if absent else ""
        return Mismatch(self._prefix + path, "extra", message + missing)

    def _is_shown(self, index: int) -> bool:
        name = self._names[index]
        if name in self._declared or _normalize(name) in self._variants:
            return True
        return not self._hides_all and not (self._hides_odd and _NAME.fullmatch(name) is None)

    def _describe_position(self, index: int) -> str:
        return f"{'member' if self._prefix else 'column'} {index + 1}"


def _normalize(name: str) -> str:
    return name.strip().casefold()
