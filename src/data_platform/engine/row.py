"""`Row`: one collected row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_platform.engine.plan.names import make_unknown_column_error


class Row(tuple[Any, ...]):
    """A tuple whose values also have names: `row["x"]`, `row.x`, `row.asDict()`."""

    _names: tuple[str, ...]

    @classmethod
    def from_values(cls, names: Sequence[str], values: Sequence[Any]) -> Row:
        """The row of `values`, named in order by `names`."""
        row = cls(values)
        row._names = tuple(names)
        return row

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        if key not in self._names:
            raise make_unknown_column_error(key, self._names)
        return super().__getitem__(self._names.index(key))

    def __getattr__(self, name: str) -> Any:
        names = self.__dict__.get("_names", ())
        if name not in names:
            raise AttributeError(f"the row has no column {name!r}: it has {', '.join(names)}")
        return super().__getitem__(names.index(name))

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={value!r}' for name, value in zip(self._names, self, strict=True))})"

    def asDict(self) -> dict[str, Any]:
        """The values by name."""
        return dict(zip(self._names, self, strict=True))
