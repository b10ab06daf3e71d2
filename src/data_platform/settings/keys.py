"""All settings: table, name, type, default and meaning.

Both the reader of settings.toml and docs/reference/settings.md use this list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data_platform.settings.environments import Environment
from data_platform.settings.openlineage import check_http_url, check_secret, endpoint
from data_platform.settings.read_options import CHECKS, MEANINGS
from data_platform.settings.template import find_malformed_reference, find_uri_problem

Check = Callable[[object], str | None]
"""Returns the problem of a value, or None."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of settings.toml; `default` is TOML, and None means that the key is required."""

    name: str
    type: str
    check: Check
    default: str | None
    meaning: str


def check_text(value: object) -> str | None:
    """Checks a string and the form of its `${NAME}` references."""
    if not isinstance(value, str):
        return f"this must be text, not {describe_type(value)}"
    return find_malformed_reference(value) or (None if value.isprintable() else "this contains a control character")


def check_uri(value: object) -> str | None:
    """Checks a URI without a password in clear text."""
    return check_text(value) or (find_uri_problem(str(value)) if value else "this must not be empty")


def make_number_check(least: int, most: int) -> Check:
    """Returns the check of a whole number from `least` to `most`."""

    def check(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return None
        quoted = ", without quotes" if isinstance(value, str) and value.strip().isdigit() else ""
        return f"this must be a whole number from {least} to {most}{quoted}"

    return check


def check_boolean(value: object) -> str | None:
    """Checks a boolean."""
    return None if isinstance(value, bool) else "this must be true or false"


def check_environment(value: object) -> str | None:
    """Checks the name of an environment."""
    names = list(map(str, Environment))
    return None if value in names else f"this must be {', '.join(names[:-1])} or {names[-1]}"


def describe_type(value: object) -> str:
    """Returns the TOML name of a type."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


RECORD = (
    Setting("url", "URI", check_uri, '""', "Where the mesh's record is. Empty: a SQLite file in the home folder."),
)
LIMITS = (
    Setting(
        "rule_seconds",
        "number, 1 to 86400",
        make_number_check(1, 86_400),
        "30",
        "The time limit in seconds for the SQL of one rule.",
    ),
    Setting(
        "rule_memory_mb",
        "number, 64 to 1048576",
        make_number_check(64, 1_048_576),
        "1024",
        "The memory limit in MiB for the SQL of one rule.",
    ),
    Setting(
        "query_seconds",
        "number, 1 to 86400",
        make_number_check(1, 86_400),
        "60",
        "The time limit in seconds for one query.",
    ),
    Setting(
        "query_memory_mb",
        "number, 64 to 1048576",
        make_number_check(64, 1_048_576),
        "2048",
        "The memory limit in MiB for one query.",
    ),
    Setting(
        "query_rows",
        "number, 1 to 1000000000",
        make_number_check(1, 1_000_000_000),
        "1000000",
        "The maximum number of rows in the result of one query.",
    ),
    Setting(
        "query_result_mb",
        "number, 1 to 1048576",
        make_number_check(1, 1_048_576),
        "1024",
        "The maximum size in MiB of the result of one query.",
    ),
)
OPENLINEAGE = (
    Setting(
        "url", "URL", check_http_url, None, "The receiver of OpenLineage events: `https://lineage.example.org:5000`."
    ),
    Setting("endpoint", "path", endpoint, '"api/v1/lineage"', "The path below the URL to which events are posted."),
    Setting("api_key", "`${NAME}`", check_secret, "none", "The variable with the key, sent as a bearer token."),
    Setting(
        "timeout_seconds",
        "number, 1 to 60",
        make_number_check(1, 60),
        "10",
        "The time limit in seconds for an answer of the receiver.",
    ),
    Setting(
        "contracts",
        "boolean",
        check_boolean,
        "true",
        "Whether registers are sent too: events without a run, which not every receiver accepts.",
    ),
    Setting("reads", "boolean", check_boolean, "true", "Whether consumes are sent too."),
)
ENVIRONMENTS = (
    Setting("this", "`dev`, `staging` or `prod`", check_environment, None, "Which environment this home is."),
    *(
        Setting(
            item.value,
            "text",
            check_text,
            "none",
            f"The home folder of {item}, relative to the folder of settings.toml.",
        )
        for item in Environment
    ),
)
READ_TYPES = {
    "delimiter": "character",
    "quote": "character",
    "encoding": "text",
    "nulls": "list of texts",
    "header": "boolean",
    "columns": "list of texts",
    "date_format": "text",
    "timestamp_format": "text",
    "decimal": "character",
    "thousands": "character",
    "zone": "text",
}
READ_DEFAULTS = {
    "delimiter": '","',
    "quote": "'\"'",
    "encoding": '"utf-8"',
    "nulls": '["", "NULL"]',
    "header": "true",
    "columns": "[]",
    "date_format": "none",
    "timestamp_format": "none",
    "decimal": '"."',
    "thousands": '""',
    "zone": "none",
}
SOURCE_TYPES = {
    "postgres": (
        Setting("uri", "URI", check_uri, None, "The database: `postgresql://user:${PASSWORD}@host:5432/name`."),
    ),
    "files": (
        Setting("path", "text", check_text, None, "The folder of the files, relative to the folder of settings.toml."),
        *(Setting(name, READ_TYPES[name], CHECKS[name], READ_DEFAULTS[name], MEANINGS[name]) for name in MEANINGS),
    ),
}
