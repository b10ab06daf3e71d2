"""`Column`: an expression over a DataFrame's columns, with PySpark's operators and methods.

A Column holds a sqlglot expression and belongs to no frame. Its names are resolved when a frame takes it (names.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from sqlglot import exp

from data_platform.engine.expressions.dialect import parse_data_type
from data_platform.engine.expressions.window import WindowSpec
from data_platform.errors import FrameError

Literal = Any
"""The other operand of a Column's operator: a Column, or a plain Python value."""


class Column:
    """An expression: built by `col`, `df["x"]` and the functions, combined by operators, named by `.alias`."""

    __slots__ = ("_expression",)

    def __init__(self, expression: exp.Expr) -> None:
        self._expression = expression

    @property
    def expression(self) -> exp.Expr:
        """The sqlglot expression, with its alias."""
        return self._expression

    def __repr__(self) -> str:
        return f"Column<{name_expression(self._expression)!r}>"

    def __bool__(self) -> NoReturn:
        raise FrameError(
            "a Column has no truth value: it is computed later, row by row",
            hint="write & for and, | for or, ~ for not, and put each comparison in parentheses",
        )

    def __iter__(self) -> NoReturn:
        raise TypeError("a Column cannot be iterated over")

    __hash__ = object.__hash__

    def __eq__(self, other: Literal) -> Column:  # type: ignore[override]  # a Column compares row by row
        return self._build_binary(exp.EQ, other)

    def __ne__(self, other: Literal) -> Column:  # type: ignore[override]  # a Column compares row by row
        return self._build_binary(exp.NEQ, other)

    def __lt__(self, other: Literal) -> Column:
        return self._build_binary(exp.LT, other)

    def __le__(self, other: Literal) -> Column:
        return self._build_binary(exp.LTE, other)

    def __gt__(self, other: Literal) -> Column:
        return self._build_binary(exp.GT, other)

    def __ge__(self, other: Literal) -> Column:
        return self._build_binary(exp.GTE, other)

    def __and__(self, other: Literal) -> Column:
        return self._build_binary(exp.And, other)

    def __rand__(self, other: Literal) -> Column:
        return self._build_binary(exp.And, other, swap=True)

    def __or__(self, other: Literal) -> Column:
        return self._build_binary(exp.Or, other)

    def __ror__(self, other: Literal) -> Column:
        return self._build_binary(exp.Or, other, swap=True)

    def __invert__(self) -> Column:
        return Column(exp.Not(this=exp.Paren(this=to_expression(self))))

    def __neg__(self) -> Column:
        return Column(exp.Paren(this=exp.Neg(this=to_expression(self))))

    def __add__(self, other: Literal) -> Column:
        return self._build_binary(exp.Add, other)

    def __radd__(self, other: Literal) -> Column:
        return self._build_binary(exp.Add, other, swap=True)

    def __sub__(self, other: Literal) -> Column:
        return self._build_binary(exp.Sub, other)

    def __rsub__(self, other: Literal) -> Column:
        return self._build_binary(exp.Sub, other, swap=True)

    def __mul__(self, other: Literal) -> Column:
        return self._build_binary(exp.Mul, other)

    def __rmul__(self, other: Literal) -> Column:
        return self._build_binary(exp.Mul, other, swap=True)

    def __truediv__(self, other: Literal) -> Column:
        return self._build_binary(exp.Div, other)

    def __rtruediv__(self, other: Literal) -> Column:
        return self._build_binary(exp.Div, other, swap=True)

    def __mod__(self, other: Literal) -> Column:
        return self._build_binary(exp.Mod, other)

    def __rmod__(self, other: Literal) -> Column:
        return self._build_binary(exp.Mod, other, swap=True)

    def __pow__(self, other: Literal) -> Column:
        return Column(exp.Pow(this=to_expression(self), expression=to_expression(other)))

    def __rpow__(self, other: Literal) -> Column:
        return Column(exp.Pow(this=to_expression(other), expression=to_expression(self)))

    def __getitem__(self, key: Literal) -> Column:
        """A list's item (counted from 0), a map's value, or a struct's field by name."""
        return Column(exp.Bracket(this=to_expression(self), expressions=[to_expression(key)]))

    getItem = getField = __getitem__  # PySpark's names

    def alias(self, name: str) -> Column:
        """The expression under another name, which is used exactly as given."""
        return Column(exp.Alias(this=to_expression(self), alias=exp.to_identifier(name, quoted=True)))

    name = alias

    def cast(self, to: str) -> Column:
        """The value as another type, in Spark's words: `bigint`, `double`, `decimal(10,2)`, `date`, `timestamp_ntz`.

        A value that does not fit fails the action (Spark 4's ANSI rule); `try_cast` gives null instead.
        """
        return Column(exp.Cast(this=to_expression(self), to=parse_data_type(to)))

    astype = cast

    def try_cast(self, to: str) -> Column:
        """Like `cast`, but null where the value does not fit."""
        return Column(exp.TryCast(this=to_expression(self), to=parse_data_type(to)))

    def isNull(self) -> Column:
        """Whether the value is null."""
        return Column(exp.Is(this=to_expression(self), expression=exp.Null()))

    def isNotNull(self) -> Column:
        """Whether the value is not null."""
        return Column(exp.Not(this=exp.Is(this=to_expression(self), expression=exp.Null())))

    def isNaN(self) -> Column:
        """Whether the value is the floating-point NaN."""
        return _call("isnan", self)

    def eqNullSafe(self, other: Literal) -> Column:
        """Equality in which null equals null."""
        return self._build_binary(exp.NullSafeEQ, other)

    def isin(self, *values: Literal) -> Column:
        """Whether the value is one of `values` (or of one list of them)."""
        listed = values[0] if len(values) == 1 and isinstance(values[0], list | tuple | set | frozenset) else values
        if not listed:
            return Column(exp.false())
        return Column(exp.In(this=to_expression(self), expressions=[to_expression(value) for value in listed]))

    def between(self, low: Literal, high: Literal) -> Column:
        """Whether low ≤ value ≤ high."""
        return Column(exp.Between(this=to_expression(self), low=to_expression(low), high=to_expression(high)))

    def like(self, pattern: str) -> Column:
        """SQL's LIKE: `%` is any text, `_` any one character."""
        return self._build_binary(exp.Like, pattern)

    def ilike(self, pattern: str) -> Column:
        """LIKE without regard to case."""
        return self._build_binary(exp.ILike, pattern)

    def rlike(self, pattern: str) -> Column:
        """Whether the regular expression matches anywhere in the text."""
        return Column(exp.RegexpLike(this=to_expression(self), expression=to_expression(pattern)))

    def startswith(self, prefix: Literal) -> Column:
        """Whether the text begins with `prefix`."""
        return _call("startswith", self, prefix)

    def endswith(self, suffix: Literal) -> Column:
        """Whether the text ends with `suffix`."""
        return _call("endswith", self, suffix)

    def contains(self, text: Literal) -> Column:
        """Whether `text` is found in the value."""
        return _call("contains", self, text)

    def substr(self, start: Literal, length: Literal) -> Column:
        """`length` characters from `start`, counted from 1."""
        return _call("substring", self, start, length)

    def when(self, condition: Column, value: Literal) -> Column:
        """One more case of `functions.when(…)`."""
        case = self._require_case("when")
        case.append("ifs", exp.If(this=to_expression(condition), true=to_expression(value)))
        return Column(case)

    def otherwise(self, value: Literal) -> Column:
        """Adds the default of `functions.when(…)`; without one the default is null."""
        case = self._require_case("otherwise")
        case.set("default", to_expression(value))
        return Column(case)

    def asc(self) -> Column:
        """Ascending order, nulls first (Spark's default)."""
        return self._build_order(desc=False, nulls_first=True)

    def desc(self) -> Column:
        """Descending order, nulls last (Spark's default)."""
        return self._build_order(desc=True, nulls_first=False)

    def asc_nulls_last(self) -> Column:
        """Ascending order, nulls last."""
        return self._build_order(desc=False, nulls_first=False)

    def desc_nulls_first(self) -> Column:
        """Descending order, nulls first."""
        return self._build_order(desc=True, nulls_first=True)

    def over(self, window: WindowSpec) -> Column:
        """The function over a window: `sum("x").over(Window.partitionBy("k").orderBy("t"))`."""
        return Column(window.over(to_expression(self)))

    def _build_binary(self, operator: type[exp.Expression], other: Literal, *, swap: bool = False) -> Column:
        left, right = (other, self) if swap else (self, other)
        operation = operator(this=to_expression(left), expression=to_expression(right))
        return Column(exp.Paren(this=operation))

    def _build_order(self, *, desc: bool, nulls_first: bool) -> Column:
        return Column(exp.Ordered(this=to_expression(self), desc=desc, nulls_first=nulls_first))

    def _require_case(self, method: str) -> exp.Case:
        case = to_expression(self)
        if not isinstance(case, exp.Case):
            raise FrameError(f".{method}() belongs after functions.when(…)")
        return case


def _call(name: str, *arguments: Literal) -> Column:
    return Column(exp.Anonymous(this=name, expressions=[to_expression(argument) for argument in arguments]))


def to_expression(value: Literal) -> exp.Expr:
    """The expression of a Column (its alias left off) or of a plain Python value, as a copy that may be built upon."""
    expression = getattr(value, "expression", None)
    if isinstance(expression, exp.Expr):
        return expression.unalias().copy()
    if isinstance(value, float):
        return _build_double(value)
    if isinstance(value, list | tuple):
        return exp.Anonymous(this="array", expressions=[to_expression(item) for item in value])
    return _convert(value)


def _build_double(value: float) -> exp.Expr:
    if not math.isfinite(value):
        return exp.cast(exp.Literal.string(str(value)), exp.DType.DOUBLE)
    text = repr(abs(value))
    # DuckDB and Spark read a plain 1.5 as a decimal; an exponent makes it a double, as in Python
    literal = exp.Literal.number(text if "e" in text else f"{text}e0")
    return exp.Neg(this=literal) if math.copysign(1, value) < 0 else literal


def _convert(value: Literal) -> exp.Expr:
    if isinstance(value, Decimal) and value.is_finite():
        return exp.cast(exp.Literal.number(format(value, "f")), _find_decimal_type(value))
    if isinstance(value, datetime):
        zoned = exp.DType.TIMESTAMPTZ if value.tzinfo else exp.DType.TIMESTAMPNTZ
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), zoned)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DType.DATE)
    if isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
        return exp.Interval(this=exp.Literal.string(str(micros)), unit=exp.Var(this="MICROSECOND"))
    if hasattr(value, "item") and not isinstance(value, Iterable):
        return to_expression(value.item())
    try:
        return exp.convert(value)
    except ValueError as error:
        raise FrameError(f"{type(value).__name__} {value!r} cannot be used in an expression") from error


def _find_decimal_type(value: Decimal) -> exp.DataType:
    digits, exponent = len(value.as_tuple().digits), int(value.as_tuple().exponent)
    scale = max(0, -exponent)
    return parse_data_type(f"decimal({max(digits + max(0, exponent), scale, 1)},{scale})")


def name_expression(expression: exp.Expr) -> str:
    """The name PySpark gives an expression without alias: `sum(x)`, `(a + b)`, `count(1)`; a cast keeps the name."""
    if isinstance(expression, exp.Alias):
        return str(expression.alias)
    if isinstance(expression, exp.Ordered | exp.Cast) and isinstance(expression.this, exp.Column):
        return name_expression(expression.this)
    if isinstance(expression, exp.Column | exp.Dot):
        return str(expression.name)
    if isinstance(expression, exp.Bracket) and expression.expressions[0].is_string:
        return str(expression.expressions[0].name)
    if isinstance(expression, exp.Literal | exp.Null):
        return expression.name or "NULL"
    if isinstance(expression, exp.Explode):
        return "col"
    return expression.transform(_replace_details).sql(dialect="spark", normalize_functions="lower", comments=False)


def _replace_details(node: exp.Expr) -> exp.Expr:
    if "written" in node.meta:
        return exp.Var(this=node.meta["written"])
    if isinstance(node, exp.Column):
        return exp.Var(this=".".join(node.meta.get("parts") or (node.name,)))
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
        return exp.Count(this=exp.Literal.number(1))
    if isinstance(node, exp.Literal) and not node.is_string:
        return exp.Literal.number(node.name.removesuffix("e0"))
    return node
