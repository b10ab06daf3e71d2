"""The differences from Spark: other values, and refusals. The documentation page is generated from here."""

from __future__ import annotations

import re
from typing import NamedTuple


class SparkDifference(NamedTuple):
    """A different value: the cases (`pattern` matches them), the value here, and the reason."""

    name: str
    pattern: str
    here: str
    reason: str

    def matches(self, text: str) -> bool:
        """Whether a case in PySpark's words shows it."""
        return re.search(self.pattern, text) is not None


class SparkRefusal(NamedTuple):
    """A refusal of what Spark computes, and the reason."""

    name: str
    here: str
    reason: str


DIFFERENCES: tuple[SparkDifference, ...] = (
    SparkDifference(
        "date_trunc",
        r"date_trunc\('\w+', 'tn'\)",
        "of a timestamp_ntz it gives a timestamp_ntz",
        "Spark gives a timestamp, which would not fit the contract of what was a timestamp_ntz.",
    ),
    SparkDifference(
        "agg({…})",
        r"\.agg\(\{",
        "the columns are in the order of the dict",
        "Spark orders them by a hash.",
    ),
    SparkDifference(
        "mode",
        r"F\.mode\(",
        "of equally frequent values it may be another one",
        "Spark leaves open which it is, unless asked for the least.",
    ),
    SparkDifference(
        "timestamp - timestamp",
        r"^col\('ts'\) - col\('ts'\)$",
        "the same interval, of Arrow's type month_day_nano_interval",
        "Arrow has no interval of days and seconds that DuckDB hands out.",
    ),
)
REFUSALS: tuple[SparkRefusal, ...] = (
    SparkRefusal(
        "any function that is not in data_platform.functions", "in SQL text, too", "Its values are not measured."
    ),
    SparkRefusal(
        "regexp_replace, regexp_extract, split, rlike",
        "lookaround, backreferences, possessive quantifiers; `\\b` and `(?i)` over text that is not ASCII; `$` over "
        "text that ends with a line break; patterns that match the empty text, where they replace or split",
        "RE2 does not support them, or matches differently from Java.",
    ),
    SparkRefusal(
        "regexp_replace, split, like, date_format, to_date, to_timestamp, sha2, round",
        "a pattern, format, limit, scale or number of bits that is computed",
        "It is translated when the frame is written.",
    ),
    SparkRefusal(
        "date_format, to_date, to_timestamp",
        "runs of letters other than those that the error lists; zones; for reading, years of other than four digits",
        "DuckDB has none that mean the same.",
    ),
    SparkRefusal("sha2", "224, 384 and 512 bits", "DuckDB computes 256."),
    SparkRefusal(
        "+, -, *, /, avg",
        "of decimals whose result has more than 38 digits",
        "Spark rounds the result, which cannot be computed exactly here.",
    ),
    SparkRefusal(
        "round", "a double to fewer than 0 or more than 9 places, a decimal to fewer than 0", "Cast to a decimal first."
    ),
    SparkRefusal("levenshtein", "text that is not ASCII", "DuckDB counts bytes."),
    SparkRefusal(
        "upper, lower, initcap",
        "letters whose capital is several letters (ligatures), and a capital sigma in lower",
        "DuckDB maps letters one by one.",
    ),
    SparkRefusal("sequence", "dates and timestamps", "Add days to a date."),
    SparkRefusal("array_sort, filter", "a comparator; a function with an index", "Not written yet."),
    SparkRefusal(
        "<, >, min, max, orderBy, sort_array, array_max",
        "order among arrays, structs and maps",
        "Nulls inside are ordered otherwise than in Spark.",
    ),
    SparkRefusal("date - date", "the interval between dates", "datediff gives the days."),
    SparkRefusal("cast", "arrays, structs and maps to string; numbers to timestamp", "Not written yet."),
)
