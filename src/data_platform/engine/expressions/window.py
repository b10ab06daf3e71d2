"""`Window`: the rows that a window function reads, with PySpark's API."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from data_platform.engine.expressions.dialect import parse_column
from data_platform.errors import FrameError

_UNBOUNDED = 1 << 63


class WindowSpec:
    """A window being described; immutable, each method gives a new one."""

    __slots__ = ("_frame", "_order", "_partition")

    def __init__(
        self,
        partition: tuple[exp.Expr, ...] = (),
        order: tuple[exp.Ordered, ...] = (),
        frame: exp.WindowSpec | None = None,
    ) -> None:
        self._partition, self._order, self._frame = partition, order, frame

    def partitionBy(self, *columns: Any) -> WindowSpec:
        """The columns (names or Columns) whose equal values make one group of rows."""
        return WindowSpec(self._partition + tuple(map(to_reference, _flatten(columns))), self._order, self._frame)

    def orderBy(self, *columns: Any) -> WindowSpec:
        """The order of the rows in each group."""
        return WindowSpec(self._partition, self._order + tuple(map(build_sort_key, _flatten(columns))), self._frame)

    def rowsBetween(self, start: int, end: int) -> WindowSpec:
        """The rows from `start` to `end`, counted from the current one (negative is before)."""
        return WindowSpec(self._partition, self._order, _build_frame("ROWS", start, end))

    def rangeBetween(self, start: int, end: int) -> WindowSpec:
        """The rows whose order value lies from `start` to `end` away from the current one's."""
        return WindowSpec(self._partition, self._order, _build_frame("RANGE", start, end))

    def over(self, function: exp.Expr) -> exp.Expr:
        """`function` computed over this window."""
        order = exp.Order(expressions=[key.copy() for key in self._order]) if self._order else None
        partition = [key.copy() for key in self._partition]
        spec = self._frame.copy() if self._frame else None
        return exp.Window(this=function, partition_by=partition, order=order, spec=spec, over="OVER")


class Window:
    """Creates a WindowSpec: `Window.partitionBy("customer_id").orderBy(col("at").desc())`."""

    unboundedPreceding = -_UNBOUNDED
    unboundedFollowing = _UNBOUNDED - 1
    currentRow = 0

    @staticmethod
    def partitionBy(*columns: Any) -> WindowSpec:
        """See WindowSpec.partitionBy."""
        return WindowSpec().partitionBy(*columns)

    @staticmethod
    def orderBy(*columns: Any) -> WindowSpec:
        """See WindowSpec.orderBy."""
        return WindowSpec().orderBy(*columns)

    @staticmethod
    def rowsBetween(start: int, end: int) -> WindowSpec:
        """See WindowSpec.rowsBetween."""
        return WindowSpec().rowsBetween(start, end)

    @staticmethod
    def rangeBetween(start: int, end: int) -> WindowSpec:
        """See WindowSpec.rangeBetween."""
        return WindowSpec().rangeBetween(start, end)


def to_reference(value: Any) -> exp.Expr:
    """A column given by name or as a Column."""
    if isinstance(value, str):
        return parse_column(value)
    expression = getattr(value, "expression", None)
    if not isinstance(expression, exp.Expr):
        raise FrameError(f"{value!r} is neither a column's name nor a Column")
    return expression.copy()


def build_sort_key(value: Any, *, ascending: bool = True) -> exp.Ordered:
    """A sort key: nulls come first when ascending and last when descending, as in Spark."""
    key = to_reference(value).unalias()
    if isinstance(key, exp.Ordered):
        return key
    return exp.Ordered(this=key, desc=not ascending, nulls_first=ascending)


def _flatten(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(columns[0]) if len(columns) == 1 and isinstance(columns[0], list | tuple) else columns


def _build_frame(kind: str, start: int, end: int) -> exp.WindowSpec:
    start_at, start_side = _build_edge(start)
    end_at, end_side = _build_edge(end)
    return exp.WindowSpec(kind=kind, start=start_at, start_side=start_side, end=end_at, end_side=end_side)


def _build_edge(offset: int) -> tuple[str | exp.Expr, str | None]:
    if offset == 0:
        return "CURRENT ROW", None
    side = "PRECEDING" if offset < 0 else "FOLLOWING"
    unbounded = abs(offset) >= _UNBOUNDED - 1
    return "UNBOUNDED" if unbounded else exp.Literal.number(abs(offset)), side
