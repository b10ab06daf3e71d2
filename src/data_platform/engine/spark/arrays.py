"""Functions of arrays, maps and structs; null elements count as Spark counts them."""

from __future__ import annotations

import pyarrow as pa

from data_platform.engine.language.types import spark_type
from data_platform.engine.spark.casts import cast
from data_platform.engine.spark.operators import alike
from data_platform.engine.spark.registry import higher_order, rule
from data_platform.engine.spark.strings import as_int, as_text
from data_platform.engine.spark.types import (
    BIGINT,
    BOOLEAN,
    INT,
    NULL,
    STRING,
    common,
    common_type,
    is_array,
    is_integral,
    is_moment,
    is_nested,
)
from data_platform.engine.spark.value import Value, constant, duck
from data_platform.errors import FrameError


def as_array(name: str, value: Value) -> Value:
    """The array; FrameError for another type."""
    if not is_array(value.type):
        raise FrameError(f"{name}: {spark_type(value.type)} is no array")
    return value


def _with_element(name: str, array: Value, element: Value) -> tuple[Value, Value]:
    """Both in the common type of the elements."""
    of = as_array(name, array).type.value_type
    if element.type == NULL:
        raise FrameError(f"{name}: null cannot be looked for")
    both = common_type(of, element.type)
    if both is None:
        raise FrameError(f"{name}: an array of {spark_type(of)} holds no {spark_type(element.type)}")
    return cast(array, pa.list_(both)), cast(element, both)


def _two_arrays(name: str, one: Value, two: Value) -> tuple[Value, Value, pa.DataType]:
    left, right = alike(name, as_array(name, one), as_array(name, two))
    return left, right, left.type


@rule("array")
def _array(*values: Value) -> Value:
    type_ = common("array", *(value.type for value in values))
    made = [value if type_ == NULL else cast(value, type_) for value in values]
    numbers = ", ".join(f"{{{number}}}" for number in range(len(made)))
    return duck(f"list_value({numbers})", *made, type=pa.list_(type_))


@rule("size", "cardinality")
def _size(value: Value) -> Value:
    if is_array(value.type):
        return duck("CAST(len({0}) AS INTEGER)", value, type=INT)
    if pa.types.is_map(value.type):
        return duck("CAST(cardinality({0}) AS INTEGER)", value, type=INT)
    raise FrameError(f"size: {spark_type(value.type)} is neither array nor map")


@rule("array_contains")
def _array_contains(array: Value, element: Value) -> Value:
    array, element = _with_element("array_contains", array, element)
    # not there, but it might be the null
    return duck(
        "if(list_contains({0}, {1}), true, if(len({0}) > list_count({0}) AND {1} IS NOT NULL, NULL,"
        " list_contains({0}, {1})))",
        array,
        element,
        type=BOOLEAN,
    )


@rule("array_position")
def _array_position(array: Value, element: Value) -> Value:
    array, element = _with_element("array_position", array, element)
    place = "coalesce(list_position({0}, {1}), 0)"
    return duck(
        f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN CAST({place} AS BIGINT) END",
        array,
        element,
        type=BIGINT,
    )


# each distinct element at its first place
_DISTINCT = "list_filter({list}, lambda _e, _i: coalesce(list_position({list}, _e), 0) = _i)"


def _distinct(array: Value) -> Value:
    return duck(_DISTINCT.replace("{list}", "{0}"), array, type=array.type)


@rule("array_distinct")
def _array_distinct(array: Value) -> Value:
    return _distinct(as_array("array_distinct", array))


@rule("array_union")
def _array_union(one: Value, two: Value) -> Value:
    one, two, type_ = _two_arrays("array_union", one, two)
    both = duck("CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN list_concat({0}, {1}) END", one, two, type=type_)
    return _distinct(both)


def _select(name: str, one: Value, two: Value, condition: str) -> Value:
    """The distinct elements of the first array for which the condition on `_e` holds."""
    one, two, type_ = _two_arrays(name, one, two)
    selected = f"CASE WHEN {{1}} IS NOT NULL THEN list_filter({{0}}, lambda _e: {condition}) END"
    return _distinct(duck(selected, one, two, type=type_))


@rule("array_except")
def _array_except(one: Value, two: Value) -> Value:
    return _select("array_except", one, two, "list_position({1}, _e) IS NULL")


@rule("array_intersect")
def _array_intersect(one: Value, two: Value) -> Value:
    return _select("array_intersect", one, two, "list_position({1}, _e) IS NOT NULL")


@rule("arrays_overlap")
def _arrays_overlap(one: Value, two: Value) -> Value:
    one, two, _ = _two_arrays("arrays_overlap", one, two)
    nulls = "(len({0}) > list_count({0}) OR len({1}) > list_count({1}))"
    return duck(
        "CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL WHEN list_has_any({0}, {1}) THEN true"
        f" WHEN len({{0}}) > 0 AND len({{1}}) > 0 AND {nulls} THEN NULL ELSE false END",
        one,
        two,
        type=BOOLEAN,
    )


_JOINED = "CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN coalesce(array_to_string({}, {{1}}), '') END"


@rule("array_join")
def _array_join(array: Value, delimiter: Value, instead: Value | None = None) -> Value:
    if as_array("array_join", array).type.value_type not in (STRING, NULL):
        raise FrameError("array_join: the array must be of strings", hint="cast it to array<string>")
    array = cast(array, pa.list_(STRING))
    if instead is None or instead.is_null:
        return duck(_JOINED.format("{0}"), array, as_text("array_join", delimiter), type=STRING)
    replaced = "list_transform({0}, lambda _e: coalesce(_e, {2}))"
    values = (array, as_text("array_join", delimiter), as_text("array_join", instead))
    return duck(_JOINED.format(replaced), *values, type=STRING)


def _sortable(name: str, array: Value) -> Value:
    """The array; FrameError where its elements hold values themselves, whose nulls Spark orders otherwise."""
    if is_nested(as_array(name, array).type.value_type):
        raise FrameError(f"{name}: elements of the type {spark_type(array.type.value_type)} are not put in order here")
    return array


@rule("array_max")
def _array_max(array: Value) -> Value:
    return duck("list_max({0})", _sortable("array_max", array), type=array.type.value_type)


@rule("array_min")
def _array_min(array: Value) -> Value:
    return duck("list_min({0})", _sortable("array_min", array), type=array.type.value_type)


@rule("sort_array")
def _sort_array(array: Value, ascending: Value | None = None) -> Value:
    up = True if ascending is None else constant(ascending, "sort_array", "the direction")
    order = "'ASC', 'NULLS FIRST'" if up else "'DESC', 'NULLS LAST'"
    return duck(f"list_sort({{0}}, {order})", _sortable("sort_array", array), type=array.type)


@rule("array_sort")
def _array_sort(array: Value) -> Value:
    return duck("list_sort({0}, 'ASC', 'NULLS LAST')", _sortable("array_sort", array), type=array.type)


@rule("flatten")
def _flatten(array: Value) -> Value:
    if not is_array(as_array("flatten", array).type.value_type):
        raise FrameError(f"flatten: {spark_type(array.type)} is no array of arrays")
    # a null among the arrays makes the whole null
    return duck("if(len({0}) > list_count({0}), NULL, flatten({0}))", array, type=array.type.value_type)


@rule("slice")
def _slice(array: Value, start: Value, length: Value) -> Value:
    array, start, length = as_array("slice", array), as_int("slice", start), as_int("slice", length)
    first = "(CASE WHEN {1} > 0 THEN {1} ELSE len({0}) + {1} + 1 END)"
    return duck(
        "CASE WHEN {1} = 0 THEN error('slice: positions begin at 1') WHEN {2} < 0 THEN error('slice: a length below 0')"
        f" WHEN {first} < 1 OR {{2}} = 0 THEN list_slice({{0}}, 1, 0)"
        f" WHEN {{1}} IS NOT NULL AND {{2}} IS NOT NULL THEN list_slice({{0}}, {first}, {first} + {{2}} - 1) END",
        array,
        start,
        length,
        type=array.type,
    )


@rule("element_at")
def _element_at(value: Value, key: Value) -> Value:
    if pa.types.is_map(value.type):
        both = common_type(value.type.key_type, key.type)
        if both != value.type.key_type:
            raise FrameError(f"element_at: the map's keys are {spark_type(value.type.key_type)}")
        return duck("map_extract_value({0}, {1})", value, cast(key, both), type=value.type.item_type)
    if not is_array(value.type):
        raise FrameError(f"element_at: {spark_type(value.type)} is neither array nor map")
    return duck(
        "if({1} = 0, error('element_at: positions begin at 1'), list_extract({0}, {1}))",
        value,
        as_int("element_at", key),
        type=value.type.value_type,
    )


@rule("get")
def _get(value: Value, index: Value) -> Value:
    return duck(
        "list_extract({0}, nullif(greatest({1}, -1), -1) + 1)",
        as_array("get", value),
        as_int("get", index),
        type=value.type.value_type,
    )


@rule("map_keys")
def _map_keys(value: Value) -> Value:
    return duck("map_keys({0})", value, type=pa.list_(_as_map("map_keys", value).key_type))


@rule("map_values")
def _map_values(value: Value) -> Value:
    return duck("map_values({0})", value, type=pa.list_(_as_map("map_values", value).item_type))


def _as_map(name: str, value: Value) -> pa.MapType:
    if not pa.types.is_map(value.type):
        raise FrameError(f"{name}: {spark_type(value.type)} is no map")
    return value.type


@rule("sequence")
def _sequence(start: Value, stop: Value, step: Value | None = None) -> Value:
    if is_moment(start.type) or is_moment(stop.type):
        raise FrameError("sequence: only whole numbers are supported", hint="add the days to a date")
    values = [start, stop] + ([step] if step is not None else [])
    if not all(is_integral(value.type) for value in values):
        raise FrameError("sequence: start, stop and step are whole numbers")
    type_ = common("sequence", *(value.type for value in values))
    made = [cast(value, BIGINT) for value in values]
    by = "{2}" if step is not None else "if({0} <= {1}, 1, -1)"
    series = f"generate_series({{0}}, {{1}}, {by})"
    wrong = (
        "({2} = 0 AND {0} <> {1}) OR ({2} > 0 AND {0} > {1}) OR ({2} < 0 AND {0} < {1})"
        if step is not None
        else "false"
    )
    single = "{0} = {1}"
    return cast(
        duck(
            f"CASE WHEN {wrong} THEN error('sequence: the step leads away from the stop')"
            f" WHEN {single} THEN [{{0}}] ELSE {series} END",
            *made,
            type=pa.list_(BIGINT),
        ),
        pa.list_(type_),
    )


@higher_order("transform")
def _transform(walk, array, function) -> Value:  # type: ignore[no-untyped-def]
    value = as_array("transform", walk.value(array))
    names, body = walk.applied(function, value.type.value_type, INT)
    if len(function.expressions) == 1:
        return duck(f"list_transform({{0}}, lambda {names[0]}: {{1}})", value, body, type=pa.list_(body.type))
    # Spark counts from 0
    inner = duck(
        f"list_transform([{{0}}], lambda {names[1]}: {{1}})[1]",
        duck(f"CAST({names[1]}_1 - 1 AS INTEGER)", type=INT),
        body,
        type=body.type,
    )
    return duck(
        f"list_transform({{0}}, lambda {names[0]}, {names[1]}_1: {{1}})", value, inner, type=pa.list_(body.type)
    )


def _condition_over(name: str, template: str, type_of: object) -> None:
    def function(walk, array, test) -> Value:  # type: ignore[no-untyped-def]
        value = as_array(name, walk.value(array))
        names, body = walk.applied(test, value.type.value_type)
        if body.type not in (BOOLEAN, NULL):
            raise FrameError(f"{name}: the function gives {spark_type(body.type)}, not a condition")
        return duck(template.replace("PARAMETER", names[0]), value, body, type=type_of or value.type)

    higher_order(name)(function)


_condition_over("filter", "list_filter({0}, lambda PARAMETER: coalesce({1}, false))", None)
