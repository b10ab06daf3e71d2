"""What a rule and an expectation may be: every error with its place and its hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.product_files import EXPECT, OUTPUT, RULES, problems_of, said

ERRORS = [
    (
        RULES + "      - SELECT 1\n",
        '7:9 a rule must be a mapping, not the text "SELECT 1"',
        'write {rule: NAME, sql: "SELECT COUNT(*) FROM …", threshold: 0}',
    ),
    (
        RULES + "      - rule: r\n",
        "7:9 the rule has no `sql`",
        'write for example `sql: "SELECT COUNT(*) FROM orders WHERE id IS NULL"`',
    ),
    (
        RULES + "      - sql: SELECT COUNT(*) FROM t\n",
        "7:9 the rule has no `rule`",
        "write for example `rule: no_null_order_id`",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, threshold: true}\n",
        "7:59 `threshold` must be a number, not true",
        None,
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, threshold: '0'}\n",
        '7:59 `threshold` must be a number, not the text "0"',
        "remove the quotes",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, threshold: .nan}\n",
        "7:59 `threshold` must be a number, not .nan (not a finite number)",
        None,
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, threshold: 0, mustBe: 0}\n",
        "7:70 a rule has one operator, not `threshold` and `mustBe`",
        "for a range write mustBeBetween: [low, high]",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, threshold: 0, mustBeLessOrEqualTo: 0}\n",
        "7:62 `mustBeLessOrEqualTo` and `threshold` in line 7 mean the same",
        "keep `threshold`, and remove the other",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, mustBeBetween: 3}\n",
        "7:63 `mustBeBetween` must be two numbers, not 3",
        "write mustBeBetween: [0, 10]",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, mustBeBetween: [3, 1]}\n",
        "7:63 `mustBeBetween` begins at 3 and ends below it, at 1",
        "swap the two",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, severity: error}\n",
        '7:58 `severity` cannot be "error"',
        "did you mean blocking?",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, dimension: completness}\n",
        '7:59 `dimension` cannot be "completness"',
        "did you mean completeness?",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, unit: percent, threshold: 101}\n",
        "7:74 `threshold` is a share in percent here, and must be from 0 to 100",
        None,
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t}\n      - {rule: r, sql: SELECT COUNT(*) FROM t}\n",
        '8:16 the rule "r" appears twice, first in line 7',
        "give each rule of an output a name of its own",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, arguments: {}}\n",
        "7:59 `arguments` belongs to a metric, not to SQL",
        "remove it",
    ),
    (
        RULES + "      - {metric: rowCount}\n",
        "7:18 `metric: rowCount` does not say what the count must be",
        "write for example mustBeGreaterThan: 0",
    ),
    (
        RULES + "      - {metric: rowCount, threshold: 3, type: sql}\n",
        "7:48 `type: sql` does not go with `metric`",
        "remove the line: the type follows from the rest",
    ),
    (
        EXPECT + "      - expect_column_values_to_not_be_null\n",
        '7:9 "expect_column_values_to_not_be_null" names no column',
        "write expect_column_values_to_not_be_null: COLUMN",
    ),
    (
        EXPECT + "      - 3\n",
        "7:9 an expectation must be a mapping, not 3",
        "write expect_column_values_to_not_be_null: COLUMN",
    ),
    (EXPECT + "      - {}\n", "7:9 an entry of `expect` names no expectation", "begin it with one"),
    (
        EXPECT + "      - {expect_column_values_to_not_be_nul: a}\n",
        '7:10 there is no expectation "expect_column_values_to_not_be_nul"',
        "did you mean expect_column_values_to_not_be_null?",
    ),
    (
        EXPECT + "      - {expect_column_values_to_not_be_null: a, expect_column_values_to_be_unique: a}\n",
        (
            "7:50 an entry of `expect` names one expectation, not expect_column_values_to_not_be_null "
            "and expect_column_values_to_be_unique"
        ),
        "begin each with `- `",
    ),
    (
        EXPECT + "      - {expect_column_values_to_be_between: {column: a, min_value: 2024-01-01}}\n",
        "7:69 an argument cannot be 2024-01-01 (a date)",
        'as text, quote it: "2024-01-01"',
    ),
    (
        EXPECT + "      - {expect_column_values_to_be_between: {column: a, min_value: .inf}}\n",
        "7:69 an argument cannot be .inf (not a finite number)",
        None,
    ),
    (
        EXPECT + "      - {expect_column_values_to_not_be_null: a, severity: bad}\n",
        '7:60 `severity` cannot be "bad"',
        "write one of blocking, warning",
    ),
    (
        EXPECT + "      - {expect_column_values_to_be_in_set: {column: a, value_set: [no, x]}}\n",
        "7:69 an argument cannot be no (in YAML false)",
        'as text, quote it: "no"',
    ),
    (
        EXPECT + "      - {expect_column_values_to_not_be_null: a, mostly: 0.5}\n",
        '7:50 "mostly" is written beside the expectation, not inside it',
        "write expect_column_values_to_not_be_null: {column: …, mostly: …}",
    ),
    (
        EXPECT + "      - {expect_column_values_to_not_be_null: }\n",
        "7:10 `expect_column_values_to_not_be_null` has no value",
        "write one, or remove the line",
    ),
    (
        OUTPUT + "    quality: []\n    quality_rules: []\n",
        "7:5 `quality_rules` and `quality` in line 6 mean the same",
        "keep `quality_rules`, and remove the other",
    ),
    (
        RULES + "      - {rule: r, id: r, sql: SELECT COUNT(*) FROM t}\n",
        "7:19 `id` and `rule` in line 7 mean the same",
        "keep `rule`, and remove the other",
    ),
    (
        RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM t, query: x}\n",
        "7:48 `query` and `sql` in line 7 mean the same",
        "keep `sql`, and remove the other",
    ),
]


@pytest.mark.parametrize(("text", "problem", "hint"), ERRORS)
def test_says_where_what_and_what_to_write(text: str, problem: str, hint: str | None, tmp_path: Path) -> None:
    assert [said(found) for found in problems_of(tmp_path, text)] == [(problem, hint)]


REFUSED_ELSEWHERE = [
    (RULES + "      - {metric: nullValues}\n", "7:18"),
    (RULES + "      - {metric: nulValues, column: a}\n", "7:18"),
    (RULES + "      - {rule: r, sql: DROP TABLE t}\n", "7:24"),
    (RULES + "      - {rule: r, sql: SELECT 1; SELECT 2}\n", "7:24"),
    (RULES + "      - {rule: r, sql: \"SELECT COUNT(*) FROM read_csv('/etc/passwd')\"}\n", "7:24"),
    (RULES + "      - {rule: r, sql: SELECT COUNT(*) FROM other}\n", "7:24"),
    (RULES + "      - {rule: r, sql: SELECT (}\n", "7:24"),
    (EXPECT + "      - {expect_column_values_to_not_be_null: 3}\n", "7:47"),
    (EXPECT + "      - {expect_column_values_to_be_between: a}\n", "7:46"),
    (EXPECT + "      - {expect_column_values_to_be_between: {column: a, min: 0}}\n", "7:46"),
    (EXPECT + "      - {expect_column_values_to_match_regex: {column: a, regex: '('}}\n", "7:47"),
]


@pytest.mark.parametrize(("text", "place"), REFUSED_ELSEWHERE)
def test_what_sql_metrics_and_expectations_refuse_stands_at_its_value(text: str, place: str, tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert f"{problem.line}:{problem.column}" == place
    assert problem.message
