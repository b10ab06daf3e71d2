"""Hostile product.yaml files: refused in under a second and 200 MB, with nothing but InvalidSpec."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.spec.product.loading import load_product
from tests.hypothesis_lanes import examples
from tests.product_files import EXPECT, HEAD, OUTPUT, PRODUCT, RULES, problems_of, written

MEGABYTE = 1024 * 1024
BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20))

HOSTILE = {
    "10 MB": b"name: p\n" * (10 * MEGABYTE // 8),
    "deep lists": b"[" * MEGABYTE,
    "deep mappings": b"{a: " * (MEGABYTE // 4),
    "deep keys": b"? " * (MEGABYTE // 2),
    "exploding aliases": BOMB.encode(),
    "exploding aliases as tags": (BOMB + PRODUCT + "tags: *a19\n").encode(),
    "recursive alias": b"&x [*x]",
    "many directives": b"".join(b"%%TAG !a%d! x\n" % n for n in range(60_000)),
    "many documents": b"---\na: b\n" * 100_000,
    "many anchors": b"".join(b"k%d: &a%d v\n" % (n, n) for n in range(60_000)),
    "many unknown keys": b"".join(b"k%d: v\n" % n for n in range(49_000 // 2)),
    "a long unknown key": b"o" * 900_000 + b": x\n",
    "a long name": b"name: " + b"n" * MEGABYTE,
    "a huge integer": (PRODUCT + "retention_days: " + "9" * 900_000).encode(),
    "a huge float": (PRODUCT + "retention_days: 1e" + "9" * 90_000).encode(),
    "a word of digits": (PRODUCT + "version: " + "1_" * 400_000).encode(),
    "a long duration": (OUTPUT + "    sla: {freshness: " + "1" * 900_000 + " days}\n").encode(),
    "a long version": (PRODUCT + "version: '1.0.0-" + "a." * 400_000 + "'\n").encode(),
    "many tags": (PRODUCT + "tags: [" + "a," * 49_000 + "]\n").encode(),
    "many outputs": (HEAD + "outputs: [" + "{name: t}," * 15_000 + "]\n").encode(),
    "many rules": (RULES + "      - {rule: r, sql: SELECT 1}\n" * 9_000).encode(),
    "deep SQL": (RULES + "      - {rule: r, sql: '" + "SELECT " + "(" * 19_000 + "'}\n").encode(),
    "long SQL": (RULES + "      - {rule: r, sql: '" + "SELECT 1 + " * 90_000 + "'}\n").encode(),
    "a hostile regex": (
        EXPECT + "      - expect_column_values_to_match_regex: {column: a, regex: '" + "(" * 9_000 + "'}\n"
    ).encode(),
    "NUL": b"name: a\0b\n",
    "UTF-16": PRODUCT.encode("utf-16"),
    "UTF-32": PRODUCT.encode("utf-32-le"),
    "Latin-1": b"name: \xe9\n",
    "a surrogate in UTF-8": b"name: \xed\xa0\x80\n",
    "a lone surrogate escape": b'name: "\\ud800"\n',
    "only line breaks": b"\n" * MEGABYTE,
    "only spaces": b" " * MEGABYTE,
    "only quotes": b'"' * MEGABYTE,
    "only NUL": b"\0" * MEGABYTE,
    "only colons": b": " * (MEGABYTE // 2),
    "only question marks": b"?" * MEGABYTE,
    "a long line before a bad byte": b"#" * (MEGABYTE - 1) + b"\xff",
    "line breaks before a bad byte": b"\n" * (MEGABYTE - 1) + b"\xff",
}


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_is_refused_in_under_a_second(name: str, tmp_path: Path) -> None:
    begun = time.process_time()
    problems = problems_of(tmp_path, HOSTILE[name])
    assert time.process_time() - begun < 5  # a second on an idle machine
    assert 1 <= len(problems) <= 101
    assert sum(len(str(problem)) for problem in problems) < 100_000


# getrusage would count the memory of the test process that forked.
@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_all_of_them_stay_under_200_megabytes(tmp_path: Path) -> None:
    paths = []
    for number, data in enumerate(HOSTILE.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths.append(str(written(folder, data)))
    script = (
        "import pathlib, re, sys\n"
        "from data_platform.errors import InvalidSpec\n"
        "from data_platform.spec.product.loading import load_product\n"
        "for path in sys.argv[1:]:\n"
        "    try: load_product(path)\n"
        "    except InvalidSpec: continue\n"
        "    sys.exit(f'{path} was accepted')\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', pathlib.Path('/proc/self/status').read_text())[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 200 * 1024


pieces = st.lists(
    st.sampled_from(
        [
            "name: p",
            "domain: no",
            "owner: &a o",
            "outputs:",
            "  - name: t",
            "    schema: ../x",
            "inputs: *a",
            "- ",
            "  ",
        ]
    )
    | st.text(max_size=12),
    max_size=8,
).map("\n".join)


@given(st.binary(max_size=200) | pieces.map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_product_or_invalid(tmp_path: Path, data: bytes) -> None:
    try:
        load_product(written(tmp_path, data))
    except InvalidSpec as error:
        assert error.problems


values = st.recursive(
    st.sampled_from(["x", "no", "1", "~", "'1'", "2024-01-01", ".nan", "*a", "SELECT 1", "99%", "1 day", "[]", "{}"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=4,
)
product_words = st.sampled_from(
    ["description", "version", "status", "retention_days", "oncall", "alerts", "inputs", "tags", "pii_columns", "team"]
)
output_words = st.sampled_from(
    ["type", "schema", "topic", "primary_key", "partition_by", "sla", "quality_rules", "expect", "tags", "version"]
)
rule_words = st.sampled_from(
    ["rule", "sql", "metric", "column", "threshold", "mustBeBetween", "arguments", "unit", "type", "severity"]
)


@given(
    st.dictionaries(product_words, values, max_size=3),
    st.dictionaries(output_words, values, max_size=3),
    st.dictionaries(rule_words, values, max_size=4),
)
@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_under_any_word_is_read_or_reported(
    tmp_path: Path, product: dict[str, str], output: dict[str, str], rule: dict[str, str]
) -> None:
    output.setdefault("quality", f"[{{{', '.join(f'{word}: {value}' for word, value in rule.items())}}}]")
    text = HEAD + "".join(f"{word}: {value}\n" for word, value in product.items() if word != "team")
    text += "outputs:\n  - name: t\n" + "".join(f"    {word}: {value}\n" for word, value in output.items())
    try:
        load_product(written(tmp_path, text))
    except InvalidSpec as error:
        assert all(problem.line and problem.column for problem in error.problems)
