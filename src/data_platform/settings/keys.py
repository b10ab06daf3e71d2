"""Every setting there is: its table, name, type, default and meaning.

One list serves the reader of settings.toml and docs/reference/settings.md, so neither can know a setting alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data_platform.settings.environments import Environment
from data_platform.settings.openlineage import endpoint, http_url, secret
from data_platform.settings.read_options import CHECKS, MEANINGS
from data_platform.settings.template import malformed_reference, uri_problem

Check = Callable[[object], str | None]
"""What is wrong with a value, or None."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of settings.toml; `default` is TOML, and None means that the key must be there."""

    name: str
    type: str
    check: Check
    default: str | None
    meaning: str


def text(value: object) -> str | None:
    """A string, whose `${NAME}`s are well written."""
    if not isinstance(value, str):
        return f"this must be text, not {type_name(value)}"
    return malformed_reference(value) or (None if value.isprintable() else "this holds a control character")


def uri(value: object) -> str | None:
    """A URI without a password written out."""
    return text(value) or (uri_problem(str(value)) if value else "this must not be empty")


def texts(value: object) -> str | None:
    """A list of strings."""
    if not isinstance(value, list):
        return f"this must be a list of texts, not {type_name(value)}"
    return next((complaint for item in value if (complaint := text(item))), None)


def whole_number(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return None
        return f"this must be a whole number from {least} to {most}"

    return check


def boolean(value: object) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else "this must be true or false"


def environment(value: object) -> str | None:
    """The name of an environment."""
    names = list(map(str, Environment))
    return None if value in names else f"this must be {', '.join(names[:-1])} or {names[-1]}"


def type_name(value: object) -> str:
    """What TOML calls a value's type."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


RECORD = (Setting("url", "URI", uri, '""', "Where the mesh's record is. Empty: a SQLite file in the home folder."),)
LIMITS = (
    Setting("rule_seconds", "number, 1 to 86400", whole_number(1, 86_400), "30", "How long one rule's SQL may run."),
    Setting(
        "rule_memory_mb", "number, 64 to 1048576", whole_number(64, 1_048_576), "1024", "What one rule's SQL may hold."
    ),
    Setting("query_seconds", "number, 1 to 86400", whole_number(1, 86_400), "60", "How long one query may run."),
    Setting(
        "query_memory_mb", "number, 64 to 1048576", whole_number(64, 1_048_576), "2048", "What one query may hold."
    ),
    Setting(
        "query_rows",
        "number, 1 to 1000000000",
        whole_number(1, 1_000_000_000),
        "1000000",
        "How many rows one query hands out.",
    ),
    Setting(
        "query_result_mb",
        "number, 1 to 1048576",
        whole_number(1, 1_048_576),
        "1024",
        "How large a result one query hands out.",
    ),
)
OPENLINEAGE = (
    Setting("url", "URL", http_url, None, "The receiver of OpenLineage events: `https://lineage.example.org:5000`."),
    Setting("endpoint", "path", endpoint, '"api/v1/lineage"', "Where below the URL an event is posted."),
    Setting("api_key", "`${NAME}`", secret, "none", "The variable with the key, sent as a bearer token."),
    Setting(
        "timeout_seconds", "number, 1 to 60", whole_number(1, 60), "10", "How long the receiver may take to answer."
    ),
    Setting(
        "contracts",
        "boolean",
        boolean,
        "true",
        "Whether registers are sent too: events without a run, which not every receiver takes.",
    ),
    Setting("reads", "boolean", boolean, "true", "Whether consumes are sent too."),
)
ENVIRONMENTS = (
    Setting("this", "`dev`, `staging` or `prod`", environment, None, "Which environment this home is."),
    *(
        Setting(
            each.value, "text", text, "none", f"The home folder of {each}, relative to the folder of settings.toml."
        )
        for each in Environment
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
    "postgres": (Setting("uri", "URI", uri, None, "The database: `postgresql://user:${PASSWORD}@host:5432/name`."),),
    "files": (
        Setting("path", "text", text, None, "The folder of the files, relative to the folder of settings.toml."),
        *(Setting(name, READ_TYPES[name], CHECKS[name], READ_DEFAULTS[name], MEANINGS[name]) for name in MEANINGS),
    ),
}
