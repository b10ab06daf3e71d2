"""Functions that match patterns: LIKE, RLIKE, regexp_replace, regexp_extract, split."""

from __future__ import annotations

import re

import pyarrow as pa

from data_platform.engine.spark_functions.java_regex import Pattern, translate_pattern, translate_replacement
from data_platform.engine.spark_functions.registry import register_rule
from data_platform.engine.spark_functions.strings import cast_to_int, cast_to_text
from data_platform.engine.spark_functions.types import BOOLEAN, STRING
from data_platform.engine.spark_functions.value import (
    Value,
    build_sql,
    make_number_literal,
    make_text_literal,
    read_constant,
)
from data_platform.errors import FrameError


def match_like(operator: str, value: Value, pattern: Value, escape: str) -> Value:
    """LIKE and ILIKE; in the pattern, `%` is any text, `_` a character, and the escape takes either word for word."""
    text = read_constant(pattern, operator.upper(), "the pattern")
    value = cast_to_text(operator, value)
    if text is None:
        return build_sql("CAST(NULL AS BOOLEAN)", type=BOOLEAN)
    if len(escape) != 1:
        raise FrameError(f"{operator.upper()}: the escape is one character, not {escape!r}")
    for match in re.finditer(re.escape(escape) + "(.?)", text, re.DOTALL):
        if match[1] not in ("%", "_", escape) or not match[1]:
            raise FrameError(
                f"{operator.upper()}: in {text!r} the escape {escape!r} is followed by neither % nor _",
                hint=f"write {escape * 2!r} for the character itself",
            )
    return build_sql(
        f"({{0}} {operator.upper()} {{1}} ESCAPE {{2}})",
        value,
        make_text_literal(text),
        make_text_literal(escape),
        type=BOOLEAN,
    )


def is_found(value: Value, pattern: Value) -> Value:
    """RLIKE: whether the pattern matches anywhere."""
    text = read_constant(pattern, "rlike", "the pattern")
    if text is None:
        return build_sql("CAST(NULL AS BOOLEAN)", type=BOOLEAN)
    java = translate_pattern(text)
    return build_sql(
        "regexp_matches({0}, {1})",
        _guard(cast_to_text("rlike", value), java),
        make_text_literal(java.text),
        type=BOOLEAN,
    )


@register_rule("rlike", "regexp_like", "regexp")
def _translate_rlike(value: Value, pattern: Value) -> Value:
    return is_found(value, pattern)


@register_rule("regexp_replace")
def _translate_regexp_replace(value: Value, pattern: Value, replacement: Value) -> Value:
    value = cast_to_text("regexp_replace", value)
    before, after = (read_constant(item, "regexp_replace", "the pattern") for item in (pattern, replacement))
    if before is None or after is None:
        return build_sql("CAST(NULL AS VARCHAR)", type=STRING)
    java = _require_nonempty("regexp_replace", before)
    return build_sql(
        "regexp_replace({0}, {1}, {2}, 'g')",
        _guard(value, java),
        make_text_literal(java.text),
        make_text_literal(translate_replacement(after, java)),
        type=STRING,
    )


@register_rule("regexp_extract")
def _translate_regexp_extract(value: Value, pattern: Value, group: Value | None = None) -> Value:
    value = cast_to_text("regexp_extract", value)
    text = read_constant(pattern, "regexp_extract", "the pattern")
    number = 1 if group is None else read_constant(group, "regexp_extract", "the group")
    if text is None:
        return build_sql("CAST(NULL AS VARCHAR)", type=STRING)
    java = translate_pattern(text)
    if not isinstance(number, int) or not 0 <= number <= min(java.groups, 9):
        raise FrameError(f"regexp_extract: {text!r} has no group {number}: it has {java.groups}")
    return build_sql(
        "regexp_extract({0}, {1}, {2})",
        _guard(value, java),
        make_text_literal(java.text),
        make_number_literal(number),
        type=STRING,
    )


@register_rule("split")
def _translate_split(value: Value, pattern: Value, limit: Value | None = None) -> Value:
    value = cast_to_text("split", value)
    separator = read_constant(pattern, "split", "the pattern")
    most = -1 if limit is None else read_constant(limit, "split", "the limit")
    if separator is None or most is None:
        return build_sql("CAST(NULL AS VARCHAR[])", type=pa.list_(STRING))
    java = _require_nonempty("split", separator)
    if most <= 0:
        return build_sql(
            "string_split_regex({0}, {1})", _guard(value, java), make_text_literal(java.text), type=pa.list_(STRING)
        )
    plain = re.sub(r"\\([^A-Za-z0-9])", r"\1", separator)
    if not _is_plain(separator):
        raise FrameError(f"split: with a limit, {separator!r} must be a plain separator")
    parts = "string_split({0}, {1})"
    rest = f"array_to_string(list_slice({parts}, {{2}}, len({parts})), {{1}})"
    return build_sql(
        f"CASE WHEN len({parts}) <= {{2}} THEN {parts} WHEN {{0}} IS NOT NULL"
        f" THEN list_append(list_slice({parts}, 1, {{2}} - 1), {rest}) END",
        value,
        make_text_literal(plain),
        cast_to_int("split", make_number_literal(int(most))),
        type=pa.list_(STRING),
    )


def _is_plain(pattern: str) -> bool:
    return not re.search(r"(?<!\\)[.$|()\[\]{}^?*+]|\\[A-Za-z0-9]", pattern)


def _require_nonempty(name: str, pattern: str) -> Pattern:
    java = translate_pattern(pattern)
    if java.may_be_empty:
        raise FrameError(
            f"{name}: {pattern!r} matches the empty text, where Spark and this engine go on differently",
            hint="write + instead of *, or name what must be there",
        )
    return java


def _guard(value: Value, java: Pattern) -> Value:
    """The text; refused while running where Java would match it otherwise."""
    conditions = []
    if java.ascii_only:
        conditions.append((r"[^\x00-\x7F]", "is not ASCII, for which (?i) and \\b differ from Spark's"))
    if java.no_last_newline:
        conditions.append(
            (r"[\n\r\x{85}\x{2028}\x{2029}]\z", "ends with a line break, before which Spark's $ matches too")
        )
    for pattern, what in conditions:
        value = build_sql(
            "CASE WHEN regexp_matches({0}, {1}) THEN error('the text ' || {2}) ELSE {0} END",
            value,
            make_text_literal(pattern),
            make_text_literal(what),
            type=STRING,
        )
    return value
