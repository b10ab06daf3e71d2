"""Translates an expression with Spark's semantics to DuckDB's SQL and its Spark type."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions import functions, operators
from data_platform.engine.spark_functions.casts import cast
from data_platform.engine.spark_functions.fold import Fold, OverClause
from data_platform.engine.spark_functions.literals import translate_literal, translate_negative
from data_platform.engine.spark_functions.regex import is_found, match_like
from data_platform.engine.spark_functions.types import (
    BOOLEAN,
    INTERVAL,
    NULL,
    STRING,
    is_array,
    is_integral,
    quote_name,
    require_common_type,
    to_arrow_type,
    to_duckdb_type,
    to_spark_like,
)
from data_platform.engine.spark_functions.value import Value, build_sql
from data_platform.errors import FrameError

ColumnTypes = Mapping[tuple[str, str], pa.DataType]
"""The types of a plan's columns by side of a join (or "") and slot."""


def translate_expression(expression: exp.Expr, types: ColumnTypes) -> Value:
    """A resolved expression in DuckDB's SQL with its Spark type; FrameError for what Spark would refuse, too."""
    return _Lowering(types).translate(expression)


class _Lowering:
    def __init__(self, types: ColumnTypes, parameters: Mapping[str, Value] | None = None) -> None:
        self._types = types
        self._parameters = parameters or {}

    def translate(self, node: exp.Expr) -> Value:
        """The value of any expression."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node)
        operator = _OPERATORS.get(type(node))
        if operator is not None:
            return operator(self.translate(node.this), self.translate(node.expression))
        raise FrameError(f"{node.sql('spark')}: {type(node).__name__} is not supported in a frame")

    def translate_column(self, node: exp.Expr) -> Value:
        type_ = self._types[node.text("table"), node.name]
        like = to_spark_like(type_)
        bare = Value(node.copy(), like)
        if like == type_ or pa.types.is_timestamp(type_) or like in (STRING, pa.binary()):
            return bare
        return build_sql(f"CAST({{0}} AS {to_duckdb_type(like)})", bare, type=like)

    def translate_parameter(self, node: exp.Expr) -> Value:
        value = self._parameters.get(node.name)
        if value is None:
            raise FrameError(f"there is no parameter {node.name!r}")
        return value

    def translate_literal(self, node: exp.Expr) -> Value:
        return translate_literal(node)

    def translate_inner(self, node: exp.Expr) -> Value:
        return self.translate(node.this)

    def translate_negation(self, node: exp.Expr) -> Value:
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and str(node.this.this).isdigit():
            return translate_negative(int(str(node.this.this)))
        if isinstance(node, exp.Neg):
            return operators.negate(self.translate(node.this))
        return build_sql("(NOT {0})", operators.require_boolean("NOT", self.translate(node.this)), type=BOOLEAN)

    def translate_bitwise_not(self, node: exp.Expr) -> Value:
        value = self.translate(node.this)
        if not is_integral(value.type):
            raise FrameError(f"~: {to_spark_type(value.type)} is not a whole number")
        return build_sql("(~{0})", value, type=value.type)

    def translate_cast(self, node: exp.Expr) -> Value:
        return cast(self.translate(node.this), to_arrow_type(node.args["to"]), lenient=isinstance(node, exp.TryCast))

    def translate_is(self, node: exp.Expr) -> Value:
        right = node.expression
        if isinstance(right, exp.Null):
            return build_sql("({0} IS NULL)", self.translate(node.this), type=BOOLEAN)
        tested = operators.require_boolean("IS", self.translate(node.this))
        return build_sql("({0} IS NOT DISTINCT FROM {1})", tested, self.translate(right), type=BOOLEAN)

    def translate_between(self, node: exp.Expr) -> Value:
        value, low, high = (self.translate(node.args[key]) for key in ("this", "low", "high"))
        return operators.build_logic("AND", operators.compare(">=", value, low), operators.compare("<=", value, high))

    def translate_in(self, node: exp.Expr) -> Value:
        return operators.is_in(self.translate(node.this), [self.translate(item) for item in node.expressions])

    def translate_like(self, node: exp.Expr) -> Value:
        if isinstance(node, exp.Escape):
            return match_like(
                type(node.this).__name__,
                self.translate(node.this.this),
                self.translate(node.this.expression),
                node.expression.name,
            )
        return match_like(type(node).__name__, self.translate(node.this), self.translate(node.expression), "\\")

    def translate_case(self, node: exp.Expr) -> Value:
        """CASE and IF."""
        branches = [node] if isinstance(node, exp.If) else node.args["ifs"]
        default = node.args.get("false" if isinstance(node, exp.If) else "default")
        subject = node.args.get("this") if isinstance(node, exp.Case) else None
        conditions = [self._translate_condition(branch.this, subject) for branch in branches]
        results = [self.translate(branch.args["true"]) for branch in branches]
        results.append(self.translate(default) if default is not None else Value(exp.Null(), NULL))
        type_ = require_common_type("CASE", *(result.type for result in results))
        if type_ != NULL:
            results = [operators.widen(result, type_) for result in results]
        pairs = zip(range(len(conditions)), range(len(conditions), 2 * len(conditions)), strict=True)
        whens = " ".join(f"WHEN {{{one}}} THEN {{{two}}}" for one, two in pairs)
        values = (*conditions, *results)
        return build_sql(f"CASE {whens} ELSE {{{len(values) - 1}}} END", *values, type=type_)

    def _translate_condition(self, node: exp.Expr, subject: exp.Expr | None) -> Value:
        if subject is None:
            return operators.require_boolean("CASE", self.translate(node))
        return operators.compare("=", self.translate(subject), self.translate(node))

    def translate_item(self, node: exp.Expr) -> Value:
        """`x[key]`: an array's element counted from 0, a map's value, a struct's field."""
        base, key = self.translate(node.this), node.expressions[0]
        if pa.types.is_struct(base.type):
            return self._select_field(base, key.name)
        if pa.types.is_map(base.type):
            return functions.RULES["element_at"](base, self.translate(key))
        if is_array(base.type):
            index = self.translate(key)
            if not is_integral(index.type):
                raise FrameError(f"[]: an array's index is a whole number, not {to_spark_type(index.type)}")
            return build_sql(
                "list_extract({0}, nullif(greatest({1}, -1), -1) + 1)", base, index, type=base.type.value_type
            )
        raise FrameError(f"[]: {to_spark_type(base.type)} has no items")

    def translate_field(self, node: exp.Expr) -> Value:
        base = self.translate(node.this)
        if is_array(base.type) and pa.types.is_struct(base.type.value_type):
            element = Value(exp.to_identifier("_element"), base.type.value_type)
            inner = self._select_field(element, node.expression.name)
            return build_sql("list_transform({0}, lambda _element: {1})", base, inner, type=pa.list_(inner.type))
        if not pa.types.is_struct(base.type):
            raise FrameError(f"{node.expression.name}: {to_spark_type(base.type)} has no fields")
        return self._select_field(base, node.expression.name)

    def _select_field(self, base: Value, name: str) -> Value:
        named = [field for field in base.type if field.name == name]
        named = named or [field for field in base.type if field.name.casefold() == name.casefold()]
        if len(named) != 1:
            raise FrameError(f"the struct has no field {name!r}: it has {', '.join(f.name for f in base.type)}")
        # a NULL struct has NULL fields in both
        return build_sql(f"{{0}}.{quote_name(named[0].name)}", base, type=named[0].type)

    def translate_function(self, node: exp.Expr) -> Value:
        return self._translate_call(node, None)

    def _translate_call(self, node: exp.Expr, fold: Fold | None) -> Value:
        name = functions.read_name(node)
        arguments = list(node.expressions)
        if name == "struct":
            return self._translate_struct(arguments)
        if name in functions.HIGHER_ORDER:
            return functions.HIGHER_ORDER[name](self, *arguments)
        if name not in functions.RULES:
            raise functions.make_unknown_function_error(name)
        if name in functions.FOLDS or fold is not None:
            return self._translate_fold(name, arguments, fold or Fold(name))
        return functions.apply(name, [self.translate(item) for item in arguments])

    def _translate_struct(self, items: list[exp.Expr]) -> Value:
        named = (exp.Alias, exp.Column, exp.Dot)
        names = [
            str(item.alias_or_name) if isinstance(item, named) else f"col{number}"
            for number, item in enumerate(items, start=1)
        ]
        values = [self.translate(item) for item in items]
        packed = ", ".join(f"{quote_name(name)} := {{{number}}}" for number, name in enumerate(names))
        type_ = pa.struct([(name, value.type) for name, value in zip(names, values, strict=True)])
        return build_sql(f"struct_pack({packed})", *values, type=type_)

    def _translate_fold(self, name: str, arguments: list[exp.Expr], fold: Fold) -> Value:
        if name not in functions.FOLDS:
            raise FrameError(f"{name}: it computes row by row, so OVER, FILTER and IGNORE NULLS are not allowed here")
        if name in functions.RANKINGS and (fold.window is None or not fold.window.ordered):
            raise FrameError(f"{name}: it needs .over(window) with an order", hint="Window.orderBy(…)")
        if arguments and isinstance(arguments[0], exp.Distinct):
            arguments = list(arguments[0].expressions)
            fold = Fold(fold.name, True, fold.ignore_nulls, fold.filters, fold.window)
        values = [Value(item, NULL) if isinstance(item, exp.Star) else self.translate(item) for item in arguments]
        return functions.apply(name, values, fold)

    def translate_count(self, node: exp.Expr) -> Value:
        call = exp.Anonymous(this="count", expressions=[node.this, *node.expressions])
        return self._translate_call(call, None)

    def translate_wrapped(self, node: exp.Expr) -> Value:
        return self._unwrap(node)

    def _unwrap(self, node: exp.Expr) -> Value:
        """A function inside FILTER, IGNORE NULLS and OVER, in any order."""
        fold = Fold("")
        window: OverClause | None = None
        filters: list[Value] = []
        ignore = False
        while isinstance(node, exp.Window | exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
            if isinstance(node, exp.Window):
                window = self._translate_window(node)
            elif isinstance(node, exp.Filter):
                filters.append(operators.require_boolean("FILTER", self.translate(node.expression.this)))
            ignore = ignore or isinstance(node, exp.IgnoreNulls)
            node = node.this
        if isinstance(node, exp.Count):
            node = exp.Anonymous(this="count", expressions=[node.this, *node.expressions])
        if not isinstance(node, exp.Anonymous):
            raise FrameError(f"{node.sql('spark')}: .over() belongs to an aggregate or ranking function")
        fold = Fold(functions.read_name(node), False, ignore, tuple(filters), window)
        return self._translate_call(node, fold)

    def _translate_window(self, node: exp.Window) -> OverClause:
        values: list[Value] = []

        def add(item: exp.Expr) -> str:
            values.append(self.translate(item))
            return f"{{{len(values) - 1}}}"

        if node.args.get("alias"):
            raise FrameError("OVER: a named window is not supported in a frame")
        parts = []
        if node.args.get("partition_by"):
            parts.append("PARTITION BY " + ", ".join(add(key) for key in node.args["partition_by"]))
        order = node.args.get("order")
        if order is not None:
            keys = [
                f"{add(key.this)} {'DESC' if key.args.get('desc') else 'ASC'} "
                f"NULLS {'FIRST' if key.args.get('nulls_first') else 'LAST'}"
                for key in order.expressions
            ]
            parts.append("ORDER BY " + ", ".join(keys))
        spec = node.args.get("spec")
        if spec is not None:
            edges = [self._translate_edge(spec, edge, add) for edge in ("start", "end")]
            parts.append(f"{spec.args['kind']} BETWEEN {edges[0]} AND {edges[1]}")
        return OverClause(" ".join(parts), tuple(values), order is not None)

    @staticmethod
    def _translate_edge(spec: exp.Expr, edge: str, add: Callable[[exp.Expr], str]) -> str:
        at, side = spec.args.get(edge), spec.args.get(f"{edge}_side")
        text = add(at) if isinstance(at, exp.Expr) else str(at or "CURRENT ROW")
        return f"{text} {side}" if side else text

    def bind_lambda(self, node: exp.Expr, *types: pa.DataType) -> tuple[list[str], Value]:
        """A lambda's parameters' names in DuckDB and its body, for parameters of these types."""
        if not isinstance(node, exp.Lambda) or len(node.expressions) > len(types):
            raise FrameError(f"{node.sql('spark')}: a function of at most {len(types)} parameters is required here")
        depth = len(self._parameters)
        names = [f"_p{depth + number}" for number in range(len(types))]
        new = {
            parameter.name: Value(exp.to_identifier(name), type_)
            for parameter, name, type_ in zip(node.expressions, names, types, strict=False)
        }
        return names, _Lowering(self._types, {**self._parameters, **new}).translate(node.this)

    def translate_interval(self, node: exp.Expr) -> Value:
        unit, amount = node.args["unit"].name.upper().removesuffix("S"), node.this
        if unit not in ("YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"):
            raise FrameError(f"there is no interval of {unit}")
        return Value(exp.Interval(this=amount.copy(), unit=exp.Var(this=unit)), INTERVAL)

    def translate_rlike(self, node: exp.Expr) -> Value:
        return is_found(self.translate(node.this), self.translate(node.expression))

    def translate_concat(self, node: exp.Expr) -> Value:
        values = [
            self.translate(item)
            for item in ([node.this, node.expression] if node.args.get("this") else node.expressions)
        ]
        return functions.apply("concat", values)

    def translate_now(self, node: exp.Expr) -> Value:
        return functions.apply("current_date" if isinstance(node, exp.CurrentDate) else "current_timestamp", [])

    def translate_explode(self, node: exp.Expr) -> Value:
        value = self.translate(node.this)
        if not is_array(value.type):
            raise FrameError(f"explode: {to_spark_type(value.type)} is not an array")
        return Value(exp.Explode(this=value.sql), value.type.value_type)


_OPERATORS: Mapping[type[exp.Expr], Callable[[Value, Value], Value]] = {
    exp.Add: lambda left, right: operators.add_or_subtract("+", left, right),
    exp.Sub: lambda left, right: operators.add_or_subtract("-", left, right),
    exp.Mul: operators.multiply,
    exp.Div: operators.divide,
    exp.IntDiv: operators.divide_whole,
    exp.Mod: operators.compute_remainder,
    exp.Pow: lambda left, right: functions.apply("pow", [left, right]),
    exp.EQ: lambda left, right: operators.compare("=", left, right),
    exp.NEQ: lambda left, right: operators.compare("<>", left, right),
    exp.LT: lambda left, right: operators.compare("<", left, right),
    exp.LTE: lambda left, right: operators.compare("<=", left, right),
    exp.GT: lambda left, right: operators.compare(">", left, right),
    exp.GTE: lambda left, right: operators.compare(">=", left, right),
    exp.NullSafeEQ: lambda left, right: operators.compare("IS NOT DISTINCT FROM", left, right),
    exp.NullSafeNEQ: lambda left, right: operators.compare("IS DISTINCT FROM", left, right),
    exp.And: lambda left, right: operators.build_logic("AND", left, right),
    exp.Or: lambda left, right: operators.build_logic("OR", left, right),
    exp.BitwiseAnd: lambda left, right: operators.compute_bits("&", left, right),
    exp.BitwiseOr: lambda left, right: operators.compute_bits("|", left, right),
    exp.BitwiseXor: lambda left, right: operators.compute_bits("^", left, right),
}
_HANDLERS: Mapping[type[exp.Expr], Callable[[_Lowering, exp.Expr], Value]] = {
    exp.Column: _Lowering.translate_column,
    exp.Identifier: _Lowering.translate_parameter,
    exp.Literal: _Lowering.translate_literal,
    exp.Boolean: _Lowering.translate_literal,
    exp.Null: _Lowering.translate_literal,
    exp.HexString: _Lowering.translate_literal,
    exp.Paren: _Lowering.translate_inner,
    exp.Alias: _Lowering.translate_inner,
    exp.Not: _Lowering.translate_negation,
    exp.Neg: _Lowering.translate_negation,
    exp.BitwiseNot: _Lowering.translate_bitwise_not,
    exp.Cast: _Lowering.translate_cast,
    exp.TryCast: _Lowering.translate_cast,
    exp.Is: _Lowering.translate_is,
    exp.Between: _Lowering.translate_between,
    exp.In: _Lowering.translate_in,
    exp.Like: _Lowering.translate_like,
    exp.ILike: _Lowering.translate_like,
    exp.Escape: _Lowering.translate_like,
    exp.RegexpLike: _Lowering.translate_rlike,
    exp.Case: _Lowering.translate_case,
    exp.If: _Lowering.translate_case,
    exp.Bracket: _Lowering.translate_item,
    exp.Dot: _Lowering.translate_field,
    exp.Anonymous: _Lowering.translate_function,
    exp.Count: _Lowering.translate_count,
    exp.Filter: _Lowering.translate_wrapped,
    exp.Window: _Lowering.translate_wrapped,
    exp.IgnoreNulls: _Lowering.translate_wrapped,
    exp.RespectNulls: _Lowering.translate_wrapped,
    exp.Interval: _Lowering.translate_interval,
    exp.DPipe: _Lowering.translate_concat,
    exp.Concat: _Lowering.translate_concat,
    exp.CurrentDate: _Lowering.translate_now,
    exp.CurrentTimestamp: _Lowering.translate_now,
    exp.Explode: _Lowering.translate_explode,
}
