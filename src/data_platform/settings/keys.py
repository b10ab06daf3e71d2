"""All settings: table, name, type, default and meaning.

Both the reader of settings.toml and docs/reference/settings.md use this list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data_platform.settings.channels import check_channel_url
from data_platform.settings.environments import Environment
from data_platform.settings.key_managers import (
    KeyManagerName,
    check_kms_key,
    check_region,
    check_vault_key,
    check_vault_path,
)
from data_platform.settings.openlineage import check_http_url, check_secret, endpoint
from data_platform.settings.quotas import check_size
from data_platform.settings.read_options import CHECKS, MEANINGS
from data_platform.settings.server import check_secure_url
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


def check_name(value: object) -> str | None:
    """Checks a text that is not empty."""
    return check_text(value) or (None if value else "this must not be empty")


def make_list_check(check_item: Check, what: str) -> Check:
    """Returns the check of a list whose items pass `check_item`."""

    def check(value: object) -> str | None:
        if not isinstance(value, list):
            return f"this must be a list of {what}"
        return next((f"{item!a}: {problem}" for item in value if (problem := check_item(item))), None)

    return check


def make_choice_check(choices: Sequence[str]) -> Check:
    """Returns the check of one of some words."""

    def check(value: object) -> str | None:
        return None if value in choices else f"this must be {', '.join(choices[:-1])} or {choices[-1]}"

    return check


def check_environment(value: object) -> str | None:
    """Checks the name of an environment."""
    return make_choice_check(list(map(str, Environment)))(value)


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
    Setting("row_mb", "number, 1 to 1024", make_number_check(1, 1024), "8", "The most MiB of one row of a text file."),
)
QUOTAS = (
    Setting("stored", "size", check_size, "none", 'The size of all versions: `"100 GB"`, `"512 MiB"`.'),
    Setting(
        "publishes",
        "number, 1 to 10000",
        make_number_check(1, 10_000),
        "none",
        "The number of publishes at one time.",
    ),
    Setting(
        "query_seconds",
        "number, 1 to 1000000",
        make_number_check(1, 1_000_000),
        "none",
        "The seconds that queries of its outputs may take in an hour, all together.",
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
CHANNEL = (
    Setting(
        "url",
        "URL",
        check_channel_url,
        None,
        "Where messages go: an Apprise URL, or with `secret` the https URL of a webhook; it may be one variable.",
    ),
    Setting("secret", "`${NAME}`", check_secret, "none", "The variable with the webhook's signing secret, `whsec_…`."),
    Setting(
        "allow_private",
        "boolean",
        check_boolean,
        "false",
        "Whether the host may have a private, loopback or link-local address.",
    ),
    Setting(
        "domains",
        "list of texts",
        make_list_check(check_name, "texts"),
        "[]",
        "The domains whose products may name the channel; without any, all products may.",
    ),
    Setting(
        "timeout_seconds",
        "number, 1 to 60",
        make_number_check(1, 60),
        "10",
        "The time limit in seconds for an answer of a webhook.",
    ),
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
KEYS = (
    Setting(
        "manager",
        ", ".join(f"`{name}`" for name in KeyManagerName),
        make_choice_check(list(map(str, KeyManagerName))),
        '"local"',
        "What wraps the keys of columns: master keys in the home, Vault's Transit engine, or AWS KMS.",
    ),
)
_KEY_SECONDS = Setting(
    "timeout_seconds", "number, 1 to 60", make_number_check(1, 60), "10", "The time limit in seconds for each request."
)
VAULT = (
    Setting("address", "URL", check_secure_url, None, "The Vault server: `https://vault.example.org:8200`."),
    Setting("key", "text", check_vault_key, '"data-platform"', "The key of the Transit engine, for this mesh alone."),
    Setting("mount", "path", check_vault_path, '"transit"', "Where the Transit engine is mounted."),
    Setting("namespace", "path", check_vault_path, "none", "The namespace, in Vault Enterprise."),
    Setting("approle_mount", "path", check_vault_path, '"approle"', "Where the AppRole sign-in is mounted."),
    Setting(
        "ca_file",
        "text",
        check_name,
        "none",
        "A file of PEM certificates that alone are trusted, relative to the folder of settings.toml.",
    ),
    _KEY_SECONDS,
)
AWS_KMS = (
    Setting("key", "text", check_kms_key, None, "The key: its id, its ARN, or an alias such as `alias/data-platform`."),
    Setting("region", "text", check_region, "none", "The region. None: that of the AWS configuration."),
    Setting("endpoint", "URL", check_secure_url, "none", "The endpoint, such as that of a VPC. None: AWS's own."),
    _KEY_SECONDS,
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
