"""DuckDB's errors about a SQL text in plain words: without error kinds and excerpts, with the nearest name."""

from __future__ import annotations

import re
from difflib import get_close_matches

from data_platform.engine.worker.sql_rewrites import rewrite_sql_error

CANDIDATES = 3
"""As many functions as an error names instead of one that does not exist."""
_KIND = re.compile(r"(?:Binder|Catalog|Parser|Syntax) Error: ")
_NO_FUNCTION = re.compile(r"No function matches the given name and argument types '(.*?)'\. ", re.DOTALL)
_MISSING = (
    (re.compile(r'Referenced column "(?P<name>.*?)" (?:was )?not found'), 'there is no column "{name}"'),
    (re.compile(r'Column "(?P<name>.*?)" in \w+ list not found'), 'there is no column "{name}"'),
    (
        re.compile(
            r'(?:Table|Values list|Subquery|View) "(?P<table>.*?)" does not have a column named "(?P<name>.*?)"'
        ),
        '"{table}" has no column "{name}"',
    ),
    (
        re.compile(r'Column "(?P<name>.*?)" does not exist on (?P<side>left|right) side of join'),
        'there is no column "{name}" on the {side} side of the join',
    ),
    (re.compile(r'Referenced table "(?P<name>.*?)" not found'), 'FROM names no table "{name}"'),
    (
        re.compile(r"(?:\w+ )?Function with name (?P<name>\S+) (?:does not exist|is not in the catalog)"),
        "there is no function {name}",
    ),
    (re.compile(r"Collation with name (?P<name>\S+) does not exist"), "there is no collation {name}"),
    (re.compile(r"Type with name (?P<name>.+?) does not exist"), "there is no type {name}"),
)
_OPERATOR = re.compile(r"(\W+)\((.*)\)", re.DOTALL)
_UNGROUPED = re.compile(r'column "(.*?)" must appear in the GROUP BY clause')
_QUOTED = re.compile(r"""["'](\w[^"']*)["']|(?:name|column) (\w+)""")
_OFFERED = re.compile(r'"((?:[^"]|"")+)"')


def explain_sql_error(message: str, sql: str = "") -> str:
    """DuckDB's message about a query's text, which quotes no data, rewritten as one line.

    `sql` is the query: a name that it has in double quotes may be meant as text.
    """
    text = _KIND.sub("", message, count=1).strip()
    if match := _NO_FUNCTION.match(text):
        return _explain_no_function(match[1], text)
    if match := _UNGROUPED.match(text):
        return f'"{match[1]}" is neither in GROUP BY nor in an aggregate function'
    for pattern, template in _MISSING:
        if match := pattern.match(text):
            names = match.groupdict()
            suggestion = _find_suggestion(names["name"], text[match.end() :])
            names["name"] = names["name"].strip('"')
            return template.format(**names) + (suggestion or _suggest_text(names["name"], sql))
    return rewrite_sql_error(text)


def _find_suggestion(name: str, rest: str) -> str:
    """The nearest of the names that DuckDB offers."""
    near = get_close_matches(name.lower(), [offered.lower() for offered in _OFFERED.findall(rest)], n=1)
    offered = next((candidate for candidate in _OFFERED.findall(rest) if near and candidate.lower() == near[0]), None)
    return f"; did you mean {offered}?" if offered else ""


def _suggest_text(name: str, sql: str) -> str:
    """What to write if the double quotes are meant as quotes of a text."""
    return f"; a text is written in single quotes: '{name}'" if f'"{name}"' in sql else ""


def _explain_no_function(called: str, text: str) -> str:
    if operator := _OPERATOR.fullmatch(called):
        types = _name_types(operator[2]).replace(", ", " and ")
        return f"no operator {operator[1]} takes {types}: CAST one of them"
    others = [line.strip().replace('"', "").replace(", /", "") for line in text.splitlines() if "->" in line]
    some = _name_types(", ".join(others[:CANDIDATES])) + (
        f" and {len(others) - CANDIDATES} more" if others[CANDIDATES:] else ""
    )
    there = f"; there is {some}" if others else ""
    return f"no function {_name_types(called)}{there}: CAST the arguments, or use another"


def _name_types(called: str) -> str:
    """The call as a caller writes it: literals have a type, and LIKE … ESCAPE is no function."""
    text = called.replace("STRING_LITERAL", "VARCHAR").replace("_LITERAL", "")
    return re.sub(r"\b(?:not_)?i?like_escape\(", "LIKE(", text)


def find_place(message: str, sql: str) -> str:
    """Where the first name that DuckDB's message quotes is in the query, as text; its only line if there is one."""
    for match in _QUOTED.finditer(message):
        name = match[1] or match[2]
        if place := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.IGNORECASE):
            line = sql.count("\n", 0, place.start()) + 1
            return f"line {line}, column {place.start() - sql.rfind(chr(10), 0, place.start())}: "
    return "" if not sql or "\n" in sql.strip() else "line 1: "
