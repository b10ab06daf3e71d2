"""The walk over an expression in Spark's meaning, which gives its Spark type and DuckDB's SQL for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.language.types import spark_type
from data_platform.engine.spark import functions, operators
from data_platform.engine.spark.casts import cast
from data_platform.engine.spark.fold import Fold, Window
from data_platform.engine.spark.literals import literal, negative_whole
from data_platform.engine.spark.regex import is_found, matches_like
from data_platform.engine.spark.types import (
    BOOLEAN,
    INTERVAL,
    NULL,
    STRING,
    arrow_type,
    common,
    duck_type,
    is_array,
    is_integral,
    quoted,
    spark_like,
)
from data_platform.engine.spark.value import Value, duck
from data_platform.errors import FrameError

ColumnTypes = Mapping[tuple[str, str], pa.DataType]
"""The types of a plan's columns by side of a join (or "") and slot."""


def lower(expression: exp.Expr, types: ColumnTypes) -> Value:
    """A resolved expression in DuckDB's SQL with its Spark type; FrameError for what Spark would refuse, too."""
    return _Lowering(types).value(expression)


class _Lowering:
    def __init__(self, types: ColumnTypes, parameters: Mapping[str, Value] | None = None) -> None:
        self._types = types
        self._parameters = parameters or {}

    def value(self, node: exp.Expr) -> Value:
        """The value of any expression."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node)
        operator = _OPERATORS.get(type(node))
        if operator is not None:
            return operator(self.value(node.this), self.value(node.expression))
        raise FrameError(f"{node.sql('spark')}: {type(node).__name__} is not supported in a frame")

    def column(self, node: exp.Expr) -> Value:
        type_ = self._types[node.text("table"), node.name]
        like = spark_like(type_)
        bare = Value(node.copy(), like)
        if like == type_ or pa.types.is_timestamp(type_) or like in (STRING, pa.binary()):
            return bare
        return duck(f"CAST({{0}} AS {duck_type(like)})", bare, type=like)

    def parameter(self, node: exp.Expr) -> Value:
        value = self._parameters.get(node.name)
        if value is None:
            raise FrameError(f"there is no parameter {node.name!r}")
        return value

    def literal(self, node: exp.Expr) -> Value:
        return literal(node)

    def within(self, node: exp.Expr) -> Value:
        return self.value(node.this)

    def negation(self, node: exp.Expr) -> Value:
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and str(node.this.this).isdigit():
            return negative_whole(int(str(node.this.this)))
        if isinstance(node, exp.Neg):
            return operators.negate(self.value(node.this))
        return duck("(NOT {0})", operators.boolean("NOT", self.value(node.this)), type=BOOLEAN)

    def flipped(self, node: exp.Expr) -> Value:
        value = self.value(node.this)
        if not is_integral(value.type):
            raise FrameError(f"~: {spark_type(value.type)} is no whole number")
        return duck("(~{0})", value, type=value.type)

    def cast(self, node: exp.Expr) -> Value:
        return cast(self.value(node.this), arrow_type(node.args["to"]), lenient=isinstance(node, exp.TryCast))

    def truth(self, node: exp.Expr) -> Value:
        right = node.expression
        if isinstance(right, exp.Null):
            return duck("({0} IS NULL)", self.value(node.this), type=BOOLEAN)
        tested = operators.boolean("IS", self.value(node.this))
        return duck("({0} IS NOT DISTINCT FROM {1})", tested, self.value(right), type=BOOLEAN)

    def between(self, node: exp.Expr) -> Value:
        value, low, high = (self.value(node.args[key]) for key in ("this", "low", "high"))
        return operators.logic("AND", operators.compare(">=", value, low), operators.compare("<=", value, high))

    def is_in(self, node: exp.Expr) -> Value:
        return operators.is_in(self.value(node.this), [self.value(item) for item in node.expressions])

    def like(self, node: exp.Expr) -> Value:
        if isinstance(node, exp.Escape):
            return matches_like(
                type(node.this).__name__,
                self.value(node.this.this),
                self.value(node.this.expression),
                node.expression.name,
            )
        return matches_like(type(node).__name__, self.value(node.this), self.value(node.expression), "\\")

    def choice(self, node: exp.Expr) -> Value:
        """CASE and IF."""
        branches = [node] if isinstance(node, exp.If) else node.args["ifs"]
        default = node.args.get("false" if isinstance(node, exp.If) else "default")
        subject = node.args.get("this") if isinstance(node, exp.Case) else None
        conditions = [self._condition(branch.this, subject) for branch in branches]
        results = [self.value(branch.args["true"]) for branch in branches]
        results.append(self.value(default) if default is not None else Value(exp.Null(), NULL))
        type_ = common("CASE", *(result.type for result in results))
        if type_ != NULL:
            results = [operators.coerce(result, type_) for result in results]
        pairs = zip(range(len(conditions)), range(len(conditions), 2 * len(conditions)), strict=True)
        whens = " ".join(f"WHEN {{{one}}} THEN {{{two}}}" for one, two in pairs)
        values = (*conditions, *results)
        return duck(f"CASE {whens} ELSE {{{len(values) - 1}}} END", *values, type=type_)

    def _condition(self, node: exp.Expr, subject: exp.Expr | None) -> Value:
        if subject is None:
            return operators.boolean("CASE", self.value(node))
        return operators.compare("=", self.value(subject), self.value(node))

    def item(self, node: exp.Expr) -> Value:
        """`x[key]`: an array's element counted from 0, a map's value, a struct's field."""
        base, key = self.value(node.this), node.expressions[0]
        if pa.types.is_struct(base.type):
            return self._field(base, key.name)
        if pa.types.is_map(base.type):
            return functions.RULES["element_at"](base, self.value(key))
        if is_array(base.type):
            index = self.value(key)
            if not is_integral(index.type):
                raise FrameError(f"[]: an array's index is a whole number, not {spark_type(index.type)}")
            return duck("list_extract({0}, nullif(greatest({1}, -1), -1) + 1)", base, index, type=base.type.value_type)
        raise FrameError(f"[]: {spark_type(base.type)} has no items")

    def field(self, node: exp.Expr) -> Value:
        base = self.value(node.this)
        if is_array(base.type) and pa.types.is_struct(base.type.value_type):
            element = Value(exp.to_identifier("_element"), base.type.value_type)
            inner = self._field(element, node.expression.name)
            return duck("list_transform({0}, lambda _element: {1})", base, inner, type=pa.list_(inner.type))
        if not pa.types.is_struct(base.type):
            raise FrameError(f"{node.expression.name}: {spark_type(base.type)} has no fields")
        return self._field(base, node.expression.name)

    def _field(self, base: Value, name: str) -> Value:
        named = [field for field in base.type if field.name == name]
        named = named or [field for field in base.type if field.name.casefold() == name.casefold()]
        if len(named) != 1:
            raise FrameError(f"the struct has no field {name!r}: it has {', '.join(f.name for f in base.type)}")
        # a NULL struct has NULL fields in both
        return duck(f"{{0}}.{quoted(named[0].name)}", base, type=named[0].type)

    def function(self, node: exp.Expr) -> Value:
        return self._called(node, None)

    def _called(self, node: exp.Expr, fold: Fold | None) -> Value:
        name = functions.name_of(node)
        arguments = list(node.expressions)
        if name == "struct":
            return self._struct(arguments)
        if name in functions.HIGHER_ORDER:
            return functions.HIGHER_ORDER[name](self, *arguments)
        if name not in functions.RULES:
            raise functions.unknown_function(name)
        if name in functions.FOLDS or fold is not None:
            return self._folded(name, arguments, fold or Fold(name))
        return functions.apply(name, [self.value(item) for item in arguments])

    def _struct(self, items: list[exp.Expr]) -> Value:
        named = (exp.Alias, exp.Column, exp.Dot)
        names = [
            str(item.alias_or_name) if isinstance(item, named) else f"col{number}"
            for number, item in enumerate(items, start=1)
        ]
        values = [self.value(item) for item in items]
        packed = ", ".join(f"{quoted(name)} := {{{number}}}" for number, name in enumerate(names))
        type_ = pa.struct([(name, value.type) for name, value in zip(names, values, strict=True)])
        return duck(f"struct_pack({packed})", *values, type=type_)

    def _folded(self, name: str, arguments: list[exp.Expr], fold: Fold) -> Value:
        if name not in functions.FOLDS:
            raise FrameError(f"{name}: it computes row by row, so OVER, FILTER and IGNORE NULLS are not allowed here")
        if name in functions.RANKINGS and (fold.window is None or not fold.window.ordered):
            raise FrameError(f"{name}: it needs .over(window) with an order", hint="Window.orderBy(…)")
        if arguments and isinstance(arguments[0], exp.Distinct):
            arguments = list(arguments[0].expressions)
            fold = Fold(fold.name, True, fold.ignore_nulls, fold.filters, fold.window)
        values = [Value(item, NULL) if isinstance(item, exp.Star) else self.value(item) for item in arguments]
        return functions.apply(name, values, fold)

    def count(self, node: exp.Expr) -> Value:
        call = exp.Anonymous(this="count", expressions=[node.this, *node.expressions])
        return self._called(call, None)

    def filtered(self, node: exp.Expr) -> Value:
        return self._wrapped(node)

    def _wrapped(self, node: exp.Expr) -> Value:
        """A function inside FILTER, IGNORE NULLS and OVER, in any order."""
        fold = Fold("")
        window: Window | None = None
        filters: list[Value] = []
        ignore = False
        while isinstance(node, exp.Window | exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
            if isinstance(node, exp.Window):
                window = self._window(node)
            elif isinstance(node, exp.Filter):
                filters.append(operators.boolean("FILTER", self.value(node.expression.this)))
            ignore = ignore or isinstance(node, exp.IgnoreNulls)
            node = node.this
        if isinstance(node, exp.Count):
            node = exp.Anonymous(this="count", expressions=[node.this, *node.expressions])
        if not isinstance(node, exp.Anonymous):
            raise FrameError(f"{node.sql('spark')}: .over() belongs to an aggregate or ranking function")
        fold = Fold(functions.name_of(node), False, ignore, tuple(filters), window)
        return self._called(node, fold)

    def _window(self, node: exp.Window) -> Window:
        values: list[Value] = []

        def put(item: exp.Expr) -> str:
            values.append(self.value(item))
            return f"{{{len(values) - 1}}}"

        if node.args.get("alias"):
            raise FrameError("OVER: a named window is not supported in a frame")
        parts = []
        if node.args.get("partition_by"):
            parts.append("PARTITION BY " + ", ".join(put(key) for key in node.args["partition_by"]))
        order = node.args.get("order")
        if order is not None:
            keys = [
                f"{put(key.this)} {'DESC' if key.args.get('desc') else 'ASC'} "
                f"NULLS {'FIRST' if key.args.get('nulls_first') else 'LAST'}"
                for key in order.expressions
            ]
            parts.append("ORDER BY " + ", ".join(keys))
        spec = node.args.get("spec")
        if spec is not None:
            edges = [self._edge(spec, edge, put) for edge in ("start", "end")]
            parts.append(f"{spec.args['kind']} BETWEEN {edges[0]} AND {edges[1]}")
        return Window(" ".join(parts), tuple(values), order is not None)

    @staticmethod
    def _edge(spec: exp.Expr, edge: str, put: Callable[[exp.Expr], str]) -> str:
        at, side = spec.args.get(edge), spec.args.get(f"{edge}_side")
        text = put(at) if isinstance(at, exp.Expr) else str(at or "CURRENT ROW")
        return f"{text} {side}" if side else text

    def applied(self, node: exp.Expr, *types: pa.DataType) -> tuple[list[str], Value]:
        """A lambda's parameters' names in DuckDB and its body, for parameters of these types."""
        if not isinstance(node, exp.Lambda) or len(node.expressions) > len(types):
            raise FrameError(f"{node.sql('spark')}: a function of at most {len(types)} parameters is required here")
        depth = len(self._parameters)
        names = [f"_p{depth + number}" for number in range(len(types))]
        new = {
            parameter.name: Value(exp.to_identifier(name), type_)
            for parameter, name, type_ in zip(node.expressions, names, types, strict=False)
        }
        return names, _Lowering(self._types, {**self._parameters, **new}).value(node.this)

    def interval(self, node: exp.Expr) -> Value:
        unit, amount = node.args["unit"].name.upper().removesuffix("S"), node.this
        if unit not in ("YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"):
            raise FrameError(f"there is no interval of {unit}")
        return Value(exp.Interval(this=amount.copy(), unit=exp.Var(this=unit)), INTERVAL)

    def text_pattern(self, node: exp.Expr) -> Value:
        return is_found(self.value(node.this), self.value(node.expression))

    def piped(self, node: exp.Expr) -> Value:
        values = [
            self.value(item) for item in ([node.this, node.expression] if node.args.get("this") else node.expressions)
        ]
        return functions.apply("concat", values)

    def now(self, node: exp.Expr) -> Value:
        return functions.apply("current_date" if isinstance(node, exp.CurrentDate) else "current_timestamp", [])

    def exploded(self, node: exp.Expr) -> Value:
        value = self.value(node.this)
        if not is_array(value.type):
            raise FrameError(f"explode: {spark_type(value.type)} is no array")
        return Value(exp.Explode(this=value.sql), value.type.value_type)


_OPERATORS: Mapping[type[exp.Expr], Callable[[Value, Value], Value]] = {
    exp.Add: lambda left, right: operators.add_or_subtract("+", left, right),
    exp.Sub: lambda left, right: operators.add_or_subtract("-", left, right),
    exp.Mul: operators.multiply,
    exp.Div: operators.divide,
    exp.IntDiv: operators.divide_whole,
    exp.Mod: operators.remainder,
    exp.Pow: lambda left, right: functions.apply("pow", [left, right]),
    exp.EQ: lambda left, right: operators.compare("=", left, right),
    exp.NEQ: lambda left, right: operators.compare("<>", left, right),
    exp.LT: lambda left, right: operators.compare("<", left, right),
    exp.LTE: lambda left, right: operators.compare("<=", left, right),
    exp.GT: lambda left, right: operators.compare(">", left, right),
    exp.GTE: lambda left, right: operators.compare(">=", left, right),
    exp.NullSafeEQ: lambda left, right: operators.compare("IS NOT DISTINCT FROM", left, right),
    exp.NullSafeNEQ: lambda left, right: operators.compare("IS DISTINCT FROM", left, right),
    exp.And: lambda left, right: operators.logic("AND", left, right),
    exp.Or: lambda left, right: operators.logic("OR", left, right),
    exp.BitwiseAnd: lambda left, right: operators.bits("&", left, right),
    exp.BitwiseOr: lambda left, right: operators.bits("|", left, right),
    exp.BitwiseXor: lambda left, right: operators.bits("^", left, right),
}
_HANDLERS: Mapping[type[exp.Expr], Callable[[_Lowering, exp.Expr], Value]] = {
    exp.Column: _Lowering.column,
    exp.Identifier: _Lowering.parameter,
    exp.Literal: _Lowering.literal,
    exp.Boolean: _Lowering.literal,
    exp.Null: _Lowering.literal,
    exp.HexString: _Lowering.literal,
    exp.Paren: _Lowering.within,
    exp.Alias: _Lowering.within,
    exp.Not: _Lowering.negation,
    exp.Neg: _Lowering.negation,
    exp.BitwiseNot: _Lowering.flipped,
    exp.Cast: _Lowering.cast,
    exp.TryCast: _Lowering.cast,
    exp.Is: _Lowering.truth,
    exp.Between: _Lowering.between,
    exp.In: _Lowering.is_in,
    exp.Like: _Lowering.like,
    exp.ILike: _Lowering.like,
    exp.Escape: _Lowering.like,
    exp.RegexpLike: _Lowering.text_pattern,
    exp.Case: _Lowering.choice,
    exp.If: _Lowering.choice,
    exp.Bracket: _Lowering.item,
    exp.Dot: _Lowering.field,
    exp.Anonymous: _Lowering.function,
    exp.Count: _Lowering.count,
    exp.Filter: _Lowering.filtered,
    exp.Window: _Lowering.filtered,
    exp.IgnoreNulls: _Lowering.filtered,
    exp.RespectNulls: _Lowering.filtered,
    exp.Interval: _Lowering.interval,
    exp.DPipe: _Lowering.piped,
    exp.Concat: _Lowering.piped,
    exp.CurrentDate: _Lowering.now,
    exp.CurrentTimestamp: _Lowering.now,
    exp.Explode: _Lowering.exploded,
}
