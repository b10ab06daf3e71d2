"""Functions of text, counted in characters from 1 as in Spark."""

from __future__ import annotations

import pyarrow as pa

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions.casts import cast
from data_platform.engine.spark_functions.operators import cast_to_common_type
from data_platform.engine.spark_functions.registry import register_rule
from data_platform.engine.spark_functions.types import (
    BINARY,
    BOOLEAN,
    INT,
    NULL,
    STRING,
    is_array,
    is_integral,
    is_nested,
)
from data_platform.engine.spark_functions.value import Value, build_sql, make_text_literal, read_constant
from data_platform.errors import FrameError


def cast_to_text(name: str, value: Value) -> Value:
    """The value as text, cast as Spark does by itself."""
    if is_nested(value.type) or value.type == BINARY:
        raise FrameError(f"{name}: {to_spark_type(value.type)} is not text")
    return cast(value, STRING)


def cast_to_int(name: str, value: Value) -> Value:
    """The value as an int."""
    if value.type != NULL and not is_integral(value.type):
        raise FrameError(f"{name}: a whole number is required here, not {to_spark_type(value.type)}")
    return value if value.is_literal and value.type == INT else cast(value, INT)


def _register_simple(name: str, template: str, type_: pa.DataType = STRING) -> None:
    register_rule(name)(lambda text: build_sql(template, cast_to_text(name, text), type=type_))


for _name, _template in {
    "length": "CAST(length({0}) AS INTEGER)",
    "char_length": "CAST(length({0}) AS INTEGER)",
    "ascii": "CAST(ascii({0}) AS INTEGER)",
}.items():
    _register_simple(_name, _template, INT)
_BY_SEVERAL = (
    "[\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9a\u1f50\u1f52\u1f54\u1f56\u1f80-\u1faf\u1fb2-\u1fb4\u1fb6"
    "\u1fb7\u1fbc\u1fc2-\u1fc4\u1fc6\u1fc7\u1fcc\u1fd2\u1fd3\u1fd6\u1fd7\u1fe2-\u1fe4\u1fe6\u1fe7\u1ff2-\u1ff4"
    "\u1ff6\u1ff7\u1ffc\ufb00-\ufb06\ufb13-\ufb17]"
)
"""Letters whose capital is several letters in Java, and one or none in DuckDB; except ß, which is handled."""
_TITLES = _BY_SEVERAL[:-1] + "ßΣİ\u01c4-\u01cc\u01f1-\u01f3]"


def _refuse_letters(name: str, text: Value, letters: str) -> Value:
    """The text; refused while running where it has one of these letters."""
    return build_sql(
        f"if(regexp_matches({{0}}, {{1}}), error('{name}: a letter whose case differs from Spark'), {{0}})",
        text,
        make_text_literal(letters),
        type=STRING,
    )


@register_rule("upper", "ucase")
def _translate_upper(text: Value) -> Value:
    return build_sql(
        "upper(replace({0}, 'ß', 'SS'))",
        _refuse_letters("upper", cast_to_text("upper", text), _BY_SEVERAL),
        type=STRING,
    )


@register_rule("lower", "lcase")
def _translate_lower(text: Value) -> Value:
    # Java lowers a sigma at the end of a word to another letter
    return build_sql(
        "lower(replace({0}, 'İ', 'i̇'))", _refuse_letters("lower", cast_to_text("lower", text), "Σ"), type=STRING
    )


def _register_trim(name: str) -> None:
    def translate(text: Value, characters: Value | None = None) -> Value:
        values = [cast_to_text(name, text)] + ([cast_to_text(name, characters)] if characters else [])
        # without `characters`, only blanks are removed
        template = f"{name}({{0}}, {{1}})" if characters else f"{name}({{0}}, ' ')"
        return build_sql(template, *values, type=STRING)

    register_rule(name)(translate)


for _name in ("trim", "ltrim", "rtrim"):
    _register_trim(_name)


@register_rule("initcap")
def _translate_initcap(text: Value) -> Value:
    words = "list_transform(string_split({0}, ' '), lambda _w: upper(left(_w, 1)) || lower(substring(_w, 2)))"
    text = _refuse_letters("initcap", cast_to_text("initcap", text), _TITLES)
    return build_sql(f"array_to_string({words}, ' ')", text, type=STRING)


@register_rule("reverse")
def _translate_reverse(value: Value) -> Value:
    if is_array(value.type):
        return build_sql("list_reverse({0})", value, type=value.type)
    text = cast_to_text("reverse", value)
    return build_sql("array_to_string(list_reverse(string_split({0}, '')), '')", text, type=STRING)


@register_rule("repeat")
def _translate_repeat(text: Value, times: Value) -> Value:
    return build_sql(
        "repeat({0}, greatest({1}, 0) + 0 * {1})",
        cast_to_text("repeat", text),
        cast_to_int("repeat", times),
        type=STRING,
    )


@register_rule("substring", "substr")
def _translate_substring(text: Value, start: Value, length: Value | None = None) -> Value:
    text, start = cast_to_text("substring", text), cast_to_int("substring", start)
    if length is None:
        return build_sql(
            "substring({0}, CASE WHEN {1} > 0 THEN {1} WHEN {1} < -length({0}) OR {1} = 0 THEN 1 ELSE {1} END)",
            text,
            start,
            type=STRING,
        )
    length = cast_to_int("substring", length)
    # the window from start to start + length, cut to what is there
    first = "(CASE WHEN {1} > 0 THEN CAST({1} AS BIGINT) - 1 WHEN {1} < 0 THEN length({0}) + {1} ELSE 0 END)"
    taken = f"greatest({first} + {{2}}, 0) - greatest({first}, 0)"
    return build_sql(
        f"substring({{0}}, greatest({first}, 0) + 1, greatest({taken}, 0))", text, start, length, type=STRING
    )


@register_rule("left")
def _translate_left(text: Value, count: Value) -> Value:
    return build_sql(
        "left({0}, greatest({1}, 0) + 0 * {1})", cast_to_text("left", text), cast_to_int("left", count), type=STRING
    )


@register_rule("right")
def _translate_right(text: Value, count: Value) -> Value:
    return build_sql(
        "right({0}, greatest({1}, 0) + 0 * {1})", cast_to_text("right", text), cast_to_int("right", count), type=STRING
    )


def _register_pad(name: str) -> None:
    def translate(text: Value, length: Value, filler: Value | None = None) -> Value:
        values = (
            cast_to_text(name, text),
            cast_to_int(name, length),
            cast_to_text(name, filler or make_text_literal(" ")),
        )
        # with an empty filler the text is only cut
        return build_sql(
            f"CASE WHEN {{2}} = '' THEN left({{0}}, greatest({{1}}, 0))"
            f" ELSE {name}({{0}}, greatest({{1}}, 0) + 0 * {{1}}, {{2}}) END",
            *values,
            type=STRING,
        )

    register_rule(name)(translate)


_register_pad("lpad")
_register_pad("rpad")


@register_rule("instr")
def _translate_instr(text: Value, substring: Value) -> Value:
    values = (cast_to_text("instr", text), cast_to_text("instr", substring))
    return build_sql("CAST(strpos({0}, {1}) AS INTEGER)", *values, type=INT)


@register_rule("locate", "position")
def _translate_locate(substring: Value, text: Value) -> Value:
    return _translate_instr(text, substring)


@register_rule("levenshtein")
def _translate_levenshtein(one: Value, two: Value) -> Value:
    one, two = cast_to_text("levenshtein", one), cast_to_text("levenshtein", two)
    # DuckDB compares bytes
    ascii_ = "regexp_matches({0} || {1}, '[^\\x00-\\x7F]')"
    return build_sql(
        f"CASE WHEN {ascii_} THEN error('levenshtein: a text is not ASCII')"
        " ELSE CAST(levenshtein({0}, {1}) AS INTEGER) END",
        one,
        two,
        type=INT,
    )


@register_rule("replace")
def _translate_replace(text: Value, search: Value, new: Value | None = None) -> Value:
    values = [cast_to_text("replace", item) for item in (text, search, new or make_text_literal(""))]
    return build_sql(
        "CASE WHEN {1} = '' THEN {0} || left({2}, 0) ELSE replace({0}, {1}, {2}) END", *values, type=STRING
    )


@register_rule("translate")
def _translate_translate(text: Value, matching: Value, new: Value) -> Value:
    text = cast_to_text("translate", text)
    before, after = read_constant(matching, "translate", "matching"), read_constant(new, "translate", "replace")
    if before is None or after is None:
        return build_sql("CAST(NULL AS VARCHAR)", type=STRING)
    # the first of equal characters counts
    first = [number for number, character in enumerate(before) if character not in before[:number]]
    kept = [number for number in first if number < len(after)]
    removed = [number for number in first if number >= len(after)]
    order = kept + removed
    return build_sql(
        "translate({0}, {1}, {2})",
        text,
        make_text_literal("".join(before[number] for number in order)),
        make_text_literal("".join(after[number] for number in kept)),
        type=STRING,
    )


@register_rule("concat")
def _translate_concat(*values: Value) -> Value:
    if not values:
        return make_text_literal("")
    if any(is_array(value.type) for value in values):
        return _join_arrays(values)
    if any(value.type == BINARY for value in values) and all(value.type in (BINARY, NULL) for value in values):
        return _join_values(values, BINARY)
    return _join_values([cast_to_text("concat", value) for value in values], STRING)


def _join_values(values: list[Value] | tuple[Value, ...], type_: pa.DataType) -> Value:
    return build_sql("(" + " || ".join(f"{{{number}}}" for number in range(len(values))) + ")", *values, type=type_)


def _join_arrays(values: tuple[Value, ...]) -> Value:
    from_types = [value.type for value in values]
    if not all(is_array(type_) or type_ == NULL for type_ in from_types):
        raise FrameError("concat: arrays and other values cannot be joined")
    arrays = cast_to_common_type("concat", *values)
    result = arrays[0]
    for value in arrays[1:]:
        # the result is null if one of the arrays is null; list_concat would skip it
        result = build_sql(
            "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN list_concat({0}, {1}) END",
            result,
            value,
            type=arrays[0].type,
        )
    return result


@register_rule("concat_ws")
def _translate_concat_ws(separator: Value, *values: Value) -> Value:
    separator = cast_to_text("concat_ws", separator)
    parts = []
    for value in values:
        if is_array(value.type):
            if value.type.value_type not in (STRING, NULL):
                raise FrameError("concat_ws: an array must be of strings")
            parts.append(
                build_sql("list_filter({0}, lambda _e: _e IS NOT NULL)", cast(value, pa.list_(STRING)), type=value.type)
            )
        else:
            parts.append(
                build_sql(
                    "list_filter([{0}], lambda _e: _e IS NOT NULL)",
                    cast_to_text("concat_ws", value),
                    type=pa.list_(STRING),
                )
            )
    if not parts:
        return build_sql("left({0}, 0)", separator, type=STRING)
    numbers = ", ".join(f"{{{number}}}" for number in range(1, len(parts) + 1))
    return build_sql(
        f"array_to_string(list_concat({numbers}, CAST([] AS VARCHAR[])), {{0}})", separator, *parts, type=STRING
    )


def _register_test(name: str, template: str) -> None:
    register_rule(name)(
        lambda text, part: build_sql(template, cast_to_text(name, text), cast_to_text(name, part), type=BOOLEAN)
    )


_register_test("contains", "contains({0}, {1})")
_register_test("startswith", "starts_with({0}, {1})")
_register_test("endswith", "ends_with({0}, {1})")


@register_rule("md5")
def _translate_md5(value: Value) -> Value:
    return build_sql("md5({0})", _encode("md5", value), type=STRING)


@register_rule("sha1", "sha")
def _translate_sha1(value: Value) -> Value:
    return build_sql("sha1({0})", _encode("sha1", value), type=STRING)


@register_rule("sha2")
def _translate_sha2(value: Value, bits: Value) -> Value:
    size = read_constant(bits, "sha2", "the number of bits")
    if size in (0, 256):
        return build_sql("sha256({0})", _encode("sha2", value), type=STRING)
    raise FrameError(f"sha2: {size} bits cannot be computed here", hint="sha2(column, 256)")


def _encode(name: str, value: Value) -> Value:
    return value if value.type == BINARY else build_sql("encode({0})", cast_to_text(name, value), type=BINARY)
