"""What DuckDB says of a query's text, and the words of ours for it: each says what is wrong and what to write."""

from __future__ import annotations

import re

_CAST = ": CAST one of them"
_REWRITES = (
    (r"JSON path error near '(.*)'", "the JSON path is not valid near '{0}'; write it as $.name or $.list[0]"),
    (
        r"This lambda function only supports up to (\w+) lambda parameters",
        "the lambda has too many parameters; it takes at most {0}",
    ),
    (r"(\w+) expects a function with (.+?) arguments", "the lambda of {0} takes {1} parameters"),
    (
        r"Invalid LIST argument during lambda function binding",
        "a function with a lambda takes a list, and this is none; write [value]",
    ),
    (r"Cannot deduce template type .*function: 'list_value\(", "the items of a list have one type: CAST them to one"),
    (
        r"Cannot deduce template type .*function: '(\w+)\(",
        "the arguments of {0} have types that do not agree: CAST them to one",
    ),
    (r'Could not find key "(.*?)" in (struct|union)', 'the {1} has no field "{0}"'),
    (r"Referenced column (\S+) not found in FROM clause", 'there is no column "{0}"'),
    (r'No matching columns found that match regex "(.*?)"', 'no column matches "{0}"'),
    (r'Failed to compile regex "(.*?)"', 'the regular expression "{0}" is not valid; \\( is a parenthesis itself'),
    (r'Failed to bind "(.*?)" - COLUMNS', 'the lambda of COLUMNS uses "{0}", and it has its parameter alone'),
    (
        r'Could not choose a best candidate function for the function call "(\w+)\(',
        "the type of an argument of {0} is not clear: CAST it",
    ),
    (r"STAR expression is only allowed", "* is not allowed here; write COLUMNS(*), or name the columns"),
    (r"SELECT list is empty after resolving", "the SELECT has no column left; leave fewer out"),
    (r"SELECT clause without selection list", "the SELECT names no column; write SELECT column or SELECT *"),
    (r"(GROUP|ORDER)(?: BY)? term out of range - .*and (\d+)", "{0} BY has the number of a column beyond 1 to {1}"),
    (
        r"Set operations can only apply to expressions with the same number",
        "the sides of UNION, INTERSECT and EXCEPT have equally many columns",
    ),
    (r"Subquery returns (\d+) columns", "a subquery that is a value has one column, and not {0}"),
    (r"LIMIT/OFFSET cannot be negative", "LIMIT and OFFSET are 0 or more"),
    (
        r"No columns found to join on in NATURAL JOIN",
        "NATURAL JOIN: the tables have no column in common; write ON, USING or CROSS JOIN",
    ),
    (r"Missing ASOF JOIN inequality", "ASOF JOIN compares with <, <=, > or >=; add such a condition to its ON"),
    (
        r'Ambiguous reference to column name "(.*?)" \(use: (.*)\)',
        'more than one table has the column "{0}"; write {1}',
    ),
    (r"Cannot concatenate types (.+) and (.+) - an explicit", f"no operator || takes {{0}} and {{1}}{_CAST}"),
    (
        r"Cannot compare values of type (.+?) and (?:type )?(.+?)(?: in \S+ clause)? - an explicit",
        f"no comparison takes {{0}} and {{1}}{_CAST}",
    ),
    (
        r"Cannot \w+ (?:columns )?(?:of )?types? (?:of )?(.+?) and (.+?)(?: in .*)? - an explicit",
        "{0} and {1} differ" + _CAST,
    ),
    (
        r"UNNEST\(\) can only be applied to lists, structs and NULL, not (.+)",
        "UNNEST takes a list or a struct, not {0}",
    ),
    (r"UNNEST requires a single list or array", "UNNEST takes one list; write UNNEST([value])"),
    (r"UNNEST not supported here", "UNNEST is not allowed here; write it in SELECT or FROM"),
    (r"Nested UNNEST calls", "UNNEST is not allowed in UNNEST; write UNNEST(x, recursive := true)"),
    (r"Window functions are not supported here", "a window function is not allowed here, or lacks OVER (…)"),
    (r"window functions are not allowed in (.*)", "a window function is not allowed in {0}; use a subquery"),
    (r"(\w+) clause cannot contain aggregates", "{0} cannot contain an aggregate; use HAVING or a subquery"),
    (r"(\w+) clause cannot contain window functions", "{0} cannot contain a window function; use QUALIFY"),
    (r"aggregate function calls cannot be nested", "an aggregate is not allowed in an aggregate; use a subquery"),
    (r'Duplicate CTE name "(.*?)"', 'two WITH queries are called "{0}"; rename one'),
    (r'window "(.*?)" does not exist', 'there is no window "{0}"; write WINDOW "{0}" AS (…)'),
    (r'window "(.*?)" is already defined', 'two windows are called "{0}"; rename one'),
    (r"Frame (?:starting|ending) .*cannot", "the frame of the window ends before it starts; exchange its bounds"),
    (r"RANGE frames must have only one ORDER BY", "a window with RANGE has one expression in ORDER BY"),
    (
        r'The "(.*?)" argument in function "(.*?)" must be a constant',
        "the argument {0} of {1} is a constant; write the value itself",
    ),
    (r"Expected a constant as type modifier", "the size of a type is a number, such as VARCHAR(20)"),
    (r"DECIMAL type (?:width|scale)", "DECIMAL(width, scale) has a width of 1 to 38 and a scale of at most its width"),
    (r"struct_extract with an integer key", "a field of a struct is named by its text; write value.field"),
    (r"Cannot extract field '(.*?)' from expression", "the value has no field {0}: it is no struct"),
    (r"Sample sample_size", "a sample is from 0 to 100 percent"),
    (r"Invalid escape string", "ESCAPE takes one character"),
    (r"Like pattern must not end with escape", "the pattern of LIKE ends with its escape character; write it twice"),
    (r"GROUPING statement cannot be used without groups", "GROUPING needs GROUP BY"),
    (r"DISTINCT requires at least one argument", "DISTINCT needs an argument"),
    (r"QUANTILE can only take parameters", "a quantile is from -1 to 1"),
    (r"APPROXIMATE QUANTILE can only take parameters", "a quantile is from 0 to 1"),
    (r"ARRAY_SLICE can only operate on", "a slice takes a list or a text"),
    (r"(\w+): Array arguments must be of the same size", "the arrays of {0} have the same size"),
    (r"Not enough capturing groups", "the regular expression has fewer groups than names"),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), template) for pattern, template in _REWRITES)
_INTERNAL = re.compile(
    r"_LITERAL|\bU?INT(?:8|16|32|64|128)\b|\bCTE\b|candidate|template type|binding|\bbind\b|alias map|expression class"
    r"|Expression|logical type|not implemented|INTERNAL|sqltypes|::|\bLINE \d",
    re.IGNORECASE,
)
UNKNOWN = "this part of the query is not valid"
_TYPES = {
    "BOOL": "BOOLEAN",
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INTEGER",
    "INT64": "BIGINT",
    "INT128": "HUGEINT",
    "UINT8": "UTINYINT",
    "UINT16": "USMALLINT",
    "UINT32": "UINTEGER",
    "UINT64": "UBIGINT",
    "UINT128": "UHUGEINT",
}


def rewrite_sql_error(text: str) -> str:
    """The message, without its kind, on one line and without words that are DuckDB's own."""
    for pattern, template in _PATTERNS:
        if match := pattern.match(text):
            return template.format(*(" ".join((group or "").split()) for group in match.groups()))
    if _INTERNAL.search(text):
        return UNKNOWN
    line = " ".join(text.replace("!\n", "; ").replace(".\n", "; ").split()).rstrip("!.")
    return line if line[:2].isupper() else line[:1].lower() + line[1:]


def name_type(name: str) -> str:
    """The SQL name of a type that DuckDB's messages call by its storage."""
    return _TYPES.get(name, name)
