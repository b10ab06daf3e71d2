"""Functions of arrays, maps and structs; null elements count as Spark counts them."""

from __future__ import annotations

import pyarrow as pa

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions.casts import cast
from data_platform.engine.spark_functions.operators import cast_to_common_type
from data_platform.engine.spark_functions.registry import register_higher_order, register_rule
from data_platform.engine.spark_functions.strings import cast_to_int, cast_to_text
from data_platform.engine.spark_functions.types import (
    BIGINT,
    BOOLEAN,
    INT,
    NULL,
    STRING,
    find_common_type,
    is_array,
    is_integral,
    is_moment,
    is_nested,
    require_common_type,
)
from data_platform.engine.spark_functions.value import Value, build_sql, read_constant
from data_platform.errors import FrameError


def require_array(name: str, value: Value) -> Value:
    """The array; FrameError for another type."""
    if not is_array(value.type):
        raise FrameError(f"{name}: {to_spark_type(value.type)} is not an array")
    return value


def _with_element(name: str, array: Value, element: Value) -> tuple[Value, Value]:
    """Both in the common type of the elements."""
    of = require_array(name, array).type.value_type
    if element.type == NULL:
        raise FrameError(f"{name}: null cannot be searched for")
    both = find_common_type(of, element.type)
    if both is None:
        raise FrameError(f"{name}: an array of {to_spark_type(of)} holds no {to_spark_type(element.type)}")
    return cast(array, pa.list_(both)), cast(element, both)


def _match_arrays(name: str, one: Value, two: Value) -> tuple[Value, Value, pa.DataType]:
    left, right = cast_to_common_type(name, require_array(name, one), require_array(name, two))
    return left, right, left.type


@register_rule("array")
def _translate_array(*values: Value) -> Value:
    type_ = require_common_type("array", *(value.type for value in values))
    elements = [value if type_ == NULL else cast(value, type_) for value in values]
    numbers = ", ".join(f"{{{number}}}" for number in range(len(elements)))
    return build_sql(f"list_value({numbers})", *elements, type=pa.list_(type_))


@register_rule("size", "cardinality")
def _translate_size(value: Value) -> Value:
    if is_array(value.type):
        return build_sql("CAST(len({0}) AS INTEGER)", value, type=INT)
    if pa.types.is_map(value.type):
        return build_sql("CAST(cardinality({0}) AS INTEGER)", value, type=INT)
    raise FrameError(f"size: {to_spark_type(value.type)} is neither array nor map")


@register_rule("array_contains")
def _translate_array_contains(array: Value, element: Value) -> Value:
    array, element = _with_element("array_contains", array, element)
    # without a match, the result is null if the array has a null
    return build_sql(
        "if(list_contains({0}, {1}), true, if(len({0}) > list_count({0}) AND {1} IS NOT NULL, NULL,"
        " list_contains({0}, {1})))",
        array,
        element,
        type=BOOLEAN,
    )


@register_rule("array_position")
def _translate_array_position(array: Value, element: Value) -> Value:
    array, element = _with_element("array_position", array, element)
    place = "coalesce(list_position({0}, {1}), 0)"
    return build_sql(
        f"CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN CAST({place} AS BIGINT) END",
        array,
        element,
        type=BIGINT,
    )


# each distinct element at its first place
_DISTINCT = "list_filter({list}, lambda _e, _i: coalesce(list_position({list}, _e), 0) = _i)"


def _remove_duplicates(array: Value) -> Value:
    return build_sql(_DISTINCT.replace("{list}", "{0}"), array, type=array.type)


@register_rule("array_distinct")
def _translate_array_distinct(array: Value) -> Value:
    return _remove_duplicates(require_array("array_distinct", array))


@register_rule("array_union")
def _translate_array_union(one: Value, two: Value) -> Value:
    one, two, type_ = _match_arrays("array_union", one, two)
    both = build_sql(
        "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN list_concat({0}, {1}) END", one, two, type=type_
    )
    return _remove_duplicates(both)


def _select(name: str, one: Value, two: Value, condition: str) -> Value:
    """The distinct elements of the first array for which the condition on `_e` holds."""
    one, two, type_ = _match_arrays(name, one, two)
    selected = f"CASE WHEN {{1}} IS NOT NULL THEN list_filter({{0}}, lambda _e: {condition}) END"
    return _remove_duplicates(build_sql(selected, one, two, type=type_))


@register_rule("array_except")
def _translate_array_except(one: Value, two: Value) -> Value:
    return _select("array_except", one, two, "list_position({1}, _e) IS NULL")


@register_rule("array_intersect")
def _translate_array_intersect(one: Value, two: Value) -> Value:
    return _select("array_intersect", one, two, "list_position({1}, _e) IS NOT NULL")


@register_rule("arrays_overlap")
def _translate_arrays_overlap(one: Value, two: Value) -> Value:
    one, two, _ = _match_arrays("arrays_overlap", one, two)
    nulls = "(len({0}) > list_count({0}) OR len({1}) > list_count({1}))"
    return build_sql(
        "CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL WHEN list_has_any({0}, {1}) THEN true"
        f" WHEN len({{0}}) > 0 AND len({{1}}) > 0 AND {nulls} THEN NULL ELSE false END",
        one,
        two,
        type=BOOLEAN,
    )


_JOINED = "CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN coalesce(array_to_string({}, {{1}}), '') END"


@register_rule("array_join")
def _translate_array_join(array: Value, delimiter: Value, replacement: Value | None = None) -> Value:
    if require_array("array_join", array).type.value_type not in (STRING, NULL):
        raise FrameError("array_join: the array must be of strings", hint="cast it to array<string>")
    array = cast(array, pa.list_(STRING))
    if replacement is None or replacement.is_null:
        return build_sql(_JOINED.format("{0}"), array, cast_to_text("array_join", delimiter), type=STRING)
    replaced = "list_transform({0}, lambda _e: coalesce(_e, {2}))"
    values = (array, cast_to_text("array_join", delimiter), cast_to_text("array_join", replacement))
    return build_sql(_JOINED.format(replaced), *values, type=STRING)


def _require_sortable(name: str, array: Value) -> Value:
    """The array; FrameError if its elements are nested, because Spark orders their nulls differently."""
    if is_nested(require_array(name, array).type.value_type):
        raise FrameError(f"{name}: elements of the type {to_spark_type(array.type.value_type)} cannot be ordered")
    return array


@register_rule("array_max")
def _translate_array_max(array: Value) -> Value:
    return build_sql("list_max({0})", _require_sortable("array_max", array), type=array.type.value_type)


@register_rule("array_min")
def _translate_array_min(array: Value) -> Value:
    return build_sql("list_min({0})", _require_sortable("array_min", array), type=array.type.value_type)


@register_rule("sort_array")
def _translate_sort_array(array: Value, ascending: Value | None = None) -> Value:
    up = True if ascending is None else read_constant(ascending, "sort_array", "the direction")
    order = "'ASC', 'NULLS FIRST'" if up else "'DESC', 'NULLS LAST'"
    return build_sql(f"list_sort({{0}}, {order})", _require_sortable("sort_array", array), type=array.type)


@register_rule("array_sort")
def _translate_array_sort(array: Value) -> Value:
    return build_sql("list_sort({0}, 'ASC', 'NULLS LAST')", _require_sortable("array_sort", array), type=array.type)


@register_rule("flatten")
def _translate_flatten(array: Value) -> Value:
    if not is_array(require_array("flatten", array).type.value_type):
        raise FrameError(f"flatten: {to_spark_type(array.type)} is not an array of arrays")
    # the result is null if one of the arrays is null
    return build_sql("if(len({0}) > list_count({0}), NULL, flatten({0}))", array, type=array.type.value_type)


@register_rule("slice")
def _translate_slice(array: Value, start: Value, length: Value) -> Value:
    array, start, length = require_array("slice", array), cast_to_int("slice", start), cast_to_int("slice", length)
    first = "(CASE WHEN {1} > 0 THEN {1} ELSE len({0}) + {1} + 1 END)"
    return build_sql(
        "CASE WHEN {1} = 0 THEN error('slice: positions begin at 1') WHEN {2} < 0 THEN error('slice: a length below 0')"
        f" WHEN {first} < 1 OR {{2}} = 0 THEN list_slice({{0}}, 1, 0)"
        f" WHEN {{1}} IS NOT NULL AND {{2}} IS NOT NULL THEN list_slice({{0}}, {first}, {first} + {{2}} - 1) END",
        array,
        start,
        length,
        type=array.type,
    )


@register_rule("element_at")
def _translate_element_at(value: Value, key: Value) -> Value:
    if pa.types.is_map(value.type):
        both = find_common_type(value.type.key_type, key.type)
        if both != value.type.key_type:
            raise FrameError(f"element_at: the map's keys are {to_spark_type(value.type.key_type)}")
        return build_sql("map_extract_value({0}, {1})", value, cast(key, both), type=value.type.item_type)
    if not is_array(value.type):
        raise FrameError(f"element_at: {to_spark_type(value.type)} is neither array nor map")
    return build_sql(
        "if({1} = 0, error('element_at: positions begin at 1'), list_extract({0}, {1}))",
        value,
        cast_to_int("element_at", key),
        type=value.type.value_type,
    )


@register_rule("get")
def _translate_get(value: Value, index: Value) -> Value:
    return build_sql(
        "list_extract({0}, nullif(greatest({1}, -1), -1) + 1)",
        require_array("get", value),
        cast_to_int("get", index),
        type=value.type.value_type,
    )


@register_rule("map_keys")
def _translate_map_keys(value: Value) -> Value:
    return build_sql("map_keys({0})", value, type=pa.list_(_require_map("map_keys", value).key_type))


@register_rule("map_values")
def _translate_map_values(value: Value) -> Value:
    return build_sql("map_values({0})", value, type=pa.list_(_require_map("map_values", value).item_type))


def _require_map(name: str, value: Value) -> pa.MapType:
    if not pa.types.is_map(value.type):
        raise FrameError(f"{name}: {to_spark_type(value.type)} is not a map")
    return value.type


@register_rule("sequence")
def _translate_sequence(start: Value, stop: Value, step: Value | None = None) -> Value:
    if is_moment(start.type) or is_moment(stop.type):
        raise FrameError("sequence: only whole numbers are supported", hint="add the days to a date")
    values = [start, stop] + ([step] if step is not None else [])
    if not all(is_integral(value.type) for value in values):
        raise FrameError("sequence: start, stop and step are whole numbers")
    type_ = require_common_type("sequence", *(value.type for value in values))
    bounds = [cast(value, BIGINT) for value in values]
    by = "{2}" if step is not None else "if({0} <= {1}, 1, -1)"
    series = f"generate_series({{0}}, {{1}}, {by})"
    wrong = (
        "({2} = 0 AND {0} <> {1}) OR ({2} > 0 AND {0} > {1}) OR ({2} < 0 AND {0} < {1})"
        if step is not None
        else "false"
    )
    single = "{0} = {1}"
    return cast(
        build_sql(
            f"CASE WHEN {wrong} THEN error('sequence: the step leads away from the stop')"
            f" WHEN {single} THEN [{{0}}] ELSE {series} END",
            *bounds,
            type=pa.list_(BIGINT),
        ),
        pa.list_(type_),
    )


@register_higher_order("transform")
def _translate_transform(walk, array, function) -> Value:  # type: ignore[no-untyped-def]
    value = require_array("transform", walk.translate(array))
    names, body = walk.bind_lambda(function, value.type.value_type, INT)
    if len(function.expressions) == 1:
        return build_sql(f"list_transform({{0}}, lambda {names[0]}: {{1}})", value, body, type=pa.list_(body.type))
    # Spark counts from 0
    inner = build_sql(
        f"list_transform([{{0}}], lambda {names[1]}: {{1}})[1]",
        build_sql(f"CAST({names[1]}_1 - 1 AS INTEGER)", type=INT),
        body,
        type=body.type,
    )
    return build_sql(
        f"list_transform({{0}}, lambda {names[0]}, {names[1]}_1: {{1}})", value, inner, type=pa.list_(body.type)
    )


def _register_condition(name: str, template: str, type_of: object) -> None:
    def translate(walk, array, test) -> Value:  # type: ignore[no-untyped-def]
        value = require_array(name, walk.translate(array))
        names, body = walk.bind_lambda(test, value.type.value_type)
        if body.type not in (BOOLEAN, NULL):
            raise FrameError(f"{name}: the function gives {to_spark_type(body.type)}, not a condition")
        return build_sql(template.replace("PARAMETER", names[0]), value, body, type=type_of or value.type)

    register_higher_order(name)(translate)


_register_condition("filter", "list_filter({0}, lambda PARAMETER: coalesce({1}, false))", None)
