"""What an output's fields may be: every error with its place and its hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.product_files import OUTPUT, problems_of, said

ERRORS = [
    (OUTPUT + "    type: tabel\n", '6:11 `type` cannot be "tabel"', "did you mean table?"),
    (OUTPUT + "    type: view\n", '6:11 `type` cannot be "view"', "did you mean table?"),
    (
        OUTPUT + "    topic: x\n",
        "6:12 `topic` belongs to a stream, and this is a table",
        "write type: stream, or remove the topic",
    ),
    (
        OUTPUT + "    type: stream\n    topic: a b\n",
        '7:12 `topic` "a b" is not made of letters, digits, dots, _ and -',
        None,
    ),
    (
        OUTPUT + "    type: stream\n  - {name: b, type: stream, topic: p.t}\n",
        '7:5 the topic "p.t" of b is that of t in line 5, too',
        "write `topic: p.t.v1`, or another of its own",
    ),
    (OUTPUT + "    sla: 15 minutes\n", '6:10 `sla` must be a mapping of fields, not the text "15 minutes"', None),
    (
        OUTPUT + "    sla: {freshness: 15}\n",
        "6:22 `freshness` must be text, and without quotes 15 is a number",
        'write "15 minutes"',
    ),
    (
        OUTPUT + "    sla: {freshness: '15'}\n",
        '6:22 `freshness` "15" has no unit',
        'write "15 minutes", or seconds, hours, days, weeks',
    ),
    (OUTPUT + "    sla: {freshness: 15 m}\n", '6:22 `freshness` "15 m" has the unknown unit m', 'write "15 minutes"'),
    (
        OUTPUT + "    sla: {freshness: 1 month}\n",
        '6:22 `freshness` "1 month" is uncertain: a month has no fixed length',
        'write it in days, such as "30 days"',
    ),
    (
        OUTPUT + "    sla: {freshness: soon}\n",
        '6:22 `freshness` "soon" is no duration',
        'write one number and one unit, such as "15 minutes" or "1 day"',
    ),
    (
        OUTPUT + "    sla: {freshness: 0 days}\n",
        '6:22 `freshness` "0 days" is out of range',
        "write more than 0 seconds and at most 36500 days",
    ),
    (
        OUTPUT + "    sla: {freshness: 15 parsecs}\n",
        '6:22 `freshness` "15 parsecs" has the unknown unit parsecs',
        "the units are seconds, minutes, hours, days, weeks",
    ),
    (
        OUTPUT + "    sla: {availability: 99.9}\n",
        "6:25 `availability` must be text, and without quotes 99.9 is a decimal number",
        'write "99.9%"',
    ),
    (
        OUTPUT + "    sla: {availability: 150%}\n",
        '6:25 `availability` "150%" is not from 0 % to 100 %',
        'write for example "99.9%"',
    ),
    (
        OUTPUT + "    sla: {availability: -1%}\n",
        '6:25 `availability` "-1%" is not from 0 % to 100 %',
        'write for example "99.9%"',
    ),
    (
        OUTPUT + "    sla: {availability: high}\n",
        '6:25 `availability` "high" is no share in percent',
        'write for example "99.9%"',
    ),
    (
        OUTPUT + "    sla: {uptime: 99%}\n",
        '6:11 `sla` has no field "uptime"',
        "its fields are freshness, availability, freshness_column, timezone, properties",
    ),
    (
        OUTPUT + "    sla: {latency: 1 day, freshness: 1 day}\n",
        "6:27 `freshness` and `latency` in line 6 mean the same",
        "keep `freshness`, and remove the other",
    ),
    (
        OUTPUT + "    schema: /etc/passwd\n",
        '6:13 `schema` "/etc/passwd" is an absolute path',
        "name a file beside or below product.yaml",
    ),
    (
        OUTPUT + "    schema: ../x.json\n",
        '6:13 `schema` "../x.json" leaves the product\'s folder',
        "name a file beside or below product.yaml",
    ),
    (
        OUTPUT + "    schema: https://x/y.json\n",
        '6:13 `schema` "https://x/y.json" is a URL',
        "name a file beside or below product.yaml",
    ),
    (
        OUTPUT + "    schema: 'C:\\x.json'\n",
        '6:13 `schema` "C:\\\\x.json" is an absolute path',
        "name a file beside or below product.yaml",
    ),
    (
        OUTPUT + "    schema: 'a\\b.json'\n",
        '6:13 `schema` "a\\\\b.json" has backslashes, which are folders on Windows only',
        "name a file beside or below product.yaml",
    ),
    (
        OUTPUT + "    schema: x.yaml\n",
        '6:13 `schema` "x.yaml" is no schema file',
        "name a .json (JSON Schema) or .avsc (Avro) file",
    ),
    (
        OUTPUT + "    schema: x.json\n",
        '6:13 `schema`: there is no file "x.json"',
        "create it, or remove `schema` to take it from the first publish",
    ),
    (
        OUTPUT + "    schema: file:x.json\n",
        '6:13 `schema` "file:x.json" is a URL',
        "name a file beside or below product.yaml",
    ),
    (OUTPUT + "    schema: {type: object}\n", "6:13 `schema` must be text, not a mapping", None),
    (
        OUTPUT + "    schema: " + "a" * 300 + ".json\n",
        '6:13 `schema`: there is no file "' + "a" * 59 + '…"',
        "create it, or remove `schema` to take it from the first publish",
    ),
    (OUTPUT + "    type: topic\n", '6:11 `type` cannot be "topic"', "did you mean stream?"),
    (
        OUTPUT + "    primary_key: [1]\n",
        "6:19 an entry of `primary_key` must be text, and without quotes 1 is a number",
        'quote it: "1"',
    ),
    (
        OUTPUT + "    sla: {freshness: yes}\n",
        "6:22 `freshness` must be text, and without quotes yes is true",
        'quote it: "yes"',
    ),
]


@pytest.mark.parametrize(("text", "problem", "hint"), ERRORS)
def test_says_where_what_and_what_to_write(text: str, problem: str, hint: str | None, tmp_path: Path) -> None:
    assert [said(found) for found in problems_of(tmp_path, text)] == [(problem, hint)]
