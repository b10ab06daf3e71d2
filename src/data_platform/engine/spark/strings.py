"""Functions of text, counted in characters from 1 as in Spark."""

from __future__ import annotations

import pyarrow as pa

from data_platform.engine.language.types import spark_type
from data_platform.engine.spark.casts import cast
from data_platform.engine.spark.operators import alike
from data_platform.engine.spark.registry import rule
from data_platform.engine.spark.types import BINARY, BOOLEAN, INT, NULL, STRING, is_array, is_integral, is_nested
from data_platform.engine.spark.value import Value, constant, duck, text_literal
from data_platform.errors import FrameError


def as_text(name: str, value: Value) -> Value:
    """The value as text, cast as Spark does by itself."""
    if is_nested(value.type) or value.type == BINARY:
        raise FrameError(f"{name}: {spark_type(value.type)} is no text")
    return cast(value, STRING)


def as_int(name: str, value: Value) -> Value:
    """The value as an int."""
    if value.type != NULL and not is_integral(value.type):
        raise FrameError(f"{name}: a whole number is required here, not {spark_type(value.type)}")
    return value if value.is_literal and value.type == INT else cast(value, INT)


def _simple(name: str, template: str, type_: pa.DataType = STRING) -> None:
    rule(name)(lambda text: duck(template, as_text(name, text), type=type_))


for _name, _template in {
    "length": "CAST(length({0}) AS INTEGER)",
    "char_length": "CAST(length({0}) AS INTEGER)",
    "ascii": "CAST(ascii({0}) AS INTEGER)",
}.items():
    _simple(_name, _template, INT)
_BY_SEVERAL = (
    "[\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9a\u1f50\u1f52\u1f54\u1f56\u1f80-\u1faf\u1fb2-\u1fb4\u1fb6"
    "\u1fb7\u1fbc\u1fc2-\u1fc4\u1fc6\u1fc7\u1fcc\u1fd2\u1fd3\u1fd6\u1fd7\u1fe2-\u1fe4\u1fe6\u1fe7\u1ff2-\u1ff4"
    "\u1ff6\u1ff7\u1ffc\ufb00-\ufb06\ufb13-\ufb17]"
)
"""Letters whose capital is more than one letter to Java, and one or none to DuckDB; beside ß, which is handled."""
_TITLES = _BY_SEVERAL[:-1] + "ßΣİ\u01c4-\u01cc\u01f1-\u01f3]"


def _without(name: str, text: Value, letters: str) -> Value:
    """The text; refused while running where it has one of these letters."""
    return duck(
        f"if(regexp_matches({{0}}, {{1}}), error('{name}: a letter whose case differs from Spark'), {{0}})",
        text,
        text_literal(letters),
        type=STRING,
    )


@rule("upper", "ucase")
def _upper(text: Value) -> Value:
    return duck("upper(replace({0}, 'ß', 'SS'))", _without("upper", as_text("upper", text), _BY_SEVERAL), type=STRING)


@rule("lower", "lcase")
def _lower(text: Value) -> Value:
    # a sigma at a word's end is another letter to Java
    return duck("lower(replace({0}, 'İ', 'i̇'))", _without("lower", as_text("lower", text), "Σ"), type=STRING)


def _trimmed(name: str) -> None:
    def trim(text: Value, characters: Value | None = None) -> Value:
        values = [as_text(name, text)] + ([as_text(name, characters)] if characters else [])
        # without characters, only blanks go
        template = f"{name}({{0}}, {{1}})" if characters else f"{name}({{0}}, ' ')"
        return duck(template, *values, type=STRING)

    rule(name)(trim)


for _name in ("trim", "ltrim", "rtrim"):
    _trimmed(_name)


@rule("initcap")
def _initcap(text: Value) -> Value:
    words = "list_transform(string_split({0}, ' '), lambda _w: upper(left(_w, 1)) || lower(substring(_w, 2)))"
    text = _without("initcap", as_text("initcap", text), _TITLES)
    return duck(f"array_to_string({words}, ' ')", text, type=STRING)


@rule("reverse")
def _reverse(value: Value) -> Value:
    if is_array(value.type):
        return duck("list_reverse({0})", value, type=value.type)
    text = as_text("reverse", value)
    return duck("array_to_string(list_reverse(string_split({0}, '')), '')", text, type=STRING)


@rule("repeat")
def _repeat(text: Value, times: Value) -> Value:
    return duck(
        "repeat({0}, greatest({1}, 0) + 0 * {1})", as_text("repeat", text), as_int("repeat", times), type=STRING
    )


@rule("substring", "substr")
def _substring(text: Value, start: Value, length: Value | None = None) -> Value:
    text, start = as_text("substring", text), as_int("substring", start)
    if length is None:
        return duck(
            "substring({0}, CASE WHEN {1} > 0 THEN {1} WHEN {1} < -length({0}) OR {1} = 0 THEN 1 ELSE {1} END)",
            text,
            start,
            type=STRING,
        )
    length = as_int("substring", length)
    # the window from start to start + length, cut to what is there
    first = "(CASE WHEN {1} > 0 THEN CAST({1} AS BIGINT) - 1 WHEN {1} < 0 THEN length({0}) + {1} ELSE 0 END)"
    taken = f"greatest({first} + {{2}}, 0) - greatest({first}, 0)"
    return duck(f"substring({{0}}, greatest({first}, 0) + 1, greatest({taken}, 0))", text, start, length, type=STRING)


@rule("left")
def _left(text: Value, count: Value) -> Value:
    return duck("left({0}, greatest({1}, 0) + 0 * {1})", as_text("left", text), as_int("left", count), type=STRING)


@rule("right")
def _right(text: Value, count: Value) -> Value:
    return duck("right({0}, greatest({1}, 0) + 0 * {1})", as_text("right", text), as_int("right", count), type=STRING)


def _padded(name: str) -> None:
    def pad(text: Value, length: Value, filler: Value | None = None) -> Value:
        values = (as_text(name, text), as_int(name, length), as_text(name, filler or text_literal(" ")))
        # without filler the text is only cut
        return duck(
            f"CASE WHEN {{2}} = '' THEN left({{0}}, greatest({{1}}, 0))"
            f" ELSE {name}({{0}}, greatest({{1}}, 0) + 0 * {{1}}, {{2}}) END",
            *values,
            type=STRING,
        )

    rule(name)(pad)


_padded("lpad")
_padded("rpad")


@rule("instr")
def _instr(text: Value, sought: Value) -> Value:
    values = (as_text("instr", text), as_text("instr", sought))
    return duck("CAST(strpos({0}, {1}) AS INTEGER)", *values, type=INT)


@rule("locate", "position")
def _locate(sought: Value, text: Value) -> Value:
    return _instr(text, sought)


@rule("levenshtein")
def _levenshtein(one: Value, two: Value) -> Value:
    one, two = as_text("levenshtein", one), as_text("levenshtein", two)
    # DuckDB counts bytes
    ascii_ = "regexp_matches({0} || {1}, '[^\\x00-\\x7F]')"
    return duck(
        f"CASE WHEN {ascii_} THEN error('levenshtein: a text is not ASCII')"
        " ELSE CAST(levenshtein({0}, {1}) AS INTEGER) END",
        one,
        two,
        type=INT,
    )


@rule("replace")
def _replace(text: Value, sought: Value, new: Value | None = None) -> Value:
    values = [as_text("replace", item) for item in (text, sought, new or text_literal(""))]
    return duck("CASE WHEN {1} = '' THEN {0} || left({2}, 0) ELSE replace({0}, {1}, {2}) END", *values, type=STRING)


@rule("translate")
def _translate(text: Value, matching: Value, new: Value) -> Value:
    text = as_text("translate", text)
    before, after = constant(matching, "translate", "matching"), constant(new, "translate", "replace")
    if before is None or after is None:
        return duck("CAST(NULL AS VARCHAR)", type=STRING)
    # the first of equal characters counts
    first = [number for number, character in enumerate(before) if character not in before[:number]]
    kept = [number for number in first if number < len(after)]
    gone = [number for number in first if number >= len(after)]
    order = kept + gone
    return duck(
        "translate({0}, {1}, {2})",
        text,
        text_literal("".join(before[number] for number in order)),
        text_literal("".join(after[number] for number in kept)),
        type=STRING,
    )


@rule("concat")
def _concat(*values: Value) -> Value:
    if not values:
        return text_literal("")
    if any(is_array(value.type) for value in values):
        return _concat_arrays(values)
    if any(value.type == BINARY for value in values) and all(value.type in (BINARY, NULL) for value in values):
        return _joined(values, BINARY)
    return _joined([as_text("concat", value) for value in values], STRING)


def _joined(values: list[Value] | tuple[Value, ...], type_: pa.DataType) -> Value:
    return duck("(" + " || ".join(f"{{{number}}}" for number in range(len(values))) + ")", *values, type=type_)


def _concat_arrays(values: tuple[Value, ...]) -> Value:
    from_types = [value.type for value in values]
    if not all(is_array(type_) or type_ == NULL for type_ in from_types):
        raise FrameError("concat: arrays and other values cannot be joined")
    made = alike("concat", *values)
    result = made[0]
    for value in made[1:]:
        # a null among the arrays makes the whole null, which list_concat would leave out
        result = duck(
            "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN list_concat({0}, {1}) END",
            result,
            value,
            type=made[0].type,
        )
    return result


@rule("concat_ws")
def _concat_ws(separator: Value, *values: Value) -> Value:
    separator = as_text("concat_ws", separator)
    parts = []
    for value in values:
        if is_array(value.type):
            if value.type.value_type not in (STRING, NULL):
                raise FrameError("concat_ws: an array must be of strings")
            parts.append(
                duck("list_filter({0}, lambda _e: _e IS NOT NULL)", cast(value, pa.list_(STRING)), type=value.type)
            )
        else:
            parts.append(
                duck(
                    "list_filter([{0}], lambda _e: _e IS NOT NULL)", as_text("concat_ws", value), type=pa.list_(STRING)
                )
            )
    if not parts:
        return duck("left({0}, 0)", separator, type=STRING)
    numbers = ", ".join(f"{{{number}}}" for number in range(1, len(parts) + 1))
    return duck(
        f"array_to_string(list_concat({numbers}, CAST([] AS VARCHAR[])), {{0}})", separator, *parts, type=STRING
    )


def _test(name: str, template: str) -> None:
    rule(name)(lambda text, part: duck(template, as_text(name, text), as_text(name, part), type=BOOLEAN))


_test("contains", "contains({0}, {1})")
_test("startswith", "starts_with({0}, {1})")
_test("endswith", "ends_with({0}, {1})")


@rule("md5")
def _md5(value: Value) -> Value:
    return duck("md5({0})", _hashable("md5", value), type=STRING)


@rule("sha1", "sha")
def _sha1(value: Value) -> Value:
    return duck("sha1({0})", _hashable("sha1", value), type=STRING)


@rule("sha2")
def _sha2(value: Value, bits: Value) -> Value:
    size = constant(bits, "sha2", "the number of bits")
    if size in (0, 256):
        return duck("sha256({0})", _hashable("sha2", value), type=STRING)
    raise FrameError(f"sha2: {size} bits cannot be computed here", hint="sha2(column, 256)")


def _hashable(name: str, value: Value) -> Value:
    return value if value.type == BINARY else duck("encode({0})", as_text(name, value), type=BINARY)
