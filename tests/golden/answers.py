"""What a golden home answers: the JSON of each command, the rows of each version, and the public names."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from typing import Any

import click
import pyarrow as pa
import time_machine
from click.testing import CliRunner

import data_platform
from data_platform import Platform

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
WHO = "eva@example.com"
PRODUCTS = ("customers", "ledger", "legacy", "orders", "readings", "revenue", "surveys")
COMMANDS = (
    *(f"show {product}" for product in PRODUCTS),
    *(f"versions {product}" for product in PRODUCTS),
    *(f"quality {product} --window 30d --explain" for product in PRODUCTS),
    *(f"lineage {product} --depth 3" for product in PRODUCTS),
    *(f"policies explain {product}" for product in PRODUCTS),
    *(f"checklist {product}" for product in PRODUCTS),
    "search",
    "search orders --facets",
    "search ออเดอร์",
    "lineage revenue.by_segment.total",
    "lineage customers --impact segment",
    "incidents list",
    "incidents show 1",
    "incidents show 2",
    "policies show",
    "policies history",
    "policies waivers",
    "policies attestations",
    "checklist --mesh",
    "audit log --limit 500",
    "audit verify --anchor anchor.json",
    "domain list",
    "domain show finance",
    "transfers",
    "offboard",
    "outbox list",
)
FOLLOWED = ("subscribe", "changes")
"""These differ by who asks: bea follows two products. `changes` says each piece of news once, so it is asked last."""


def plain(value: Any) -> Any:
    """A value of a row as JSON; what JSON has no word for becomes text."""
    match value:
        case float() if not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0):
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            return value


def rows(table: pa.Table) -> list[Any]:
    """The rows of a table, in an order of their own."""
    return sorted((plain(row) for row in table.to_pylist()), key=lambda row: json.dumps(row, sort_keys=True))


def stable(value: Any) -> Any:
    """An answer without the place of the home on this disk."""
    if isinstance(value, dict):
        return {name: stable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [stable(part) for part in value]
    return re.sub(r"^/.*/\.data-platform/", "HOME/", value) if isinstance(value, str) else value


def ask_json(cli: click.Command, command: str, who: str = WHO) -> Any:
    """The JSON that a command prints, and its exit code where it is not 0."""
    done = CliRunner(env={"DATA_PLATFORM_USER": who}).invoke(
        cli, [*command.split(), "--json"], prog_name="data-platform"
    )
    assert done.exit_code == 0, f"{command}: {done.exit_code} {done.output} {done.exception!r}"
    return stable(json.loads(done.stdout))


def all_versions(platform: Platform) -> Iterator[tuple[str, str, int]]:
    """Every version of every output: product, output, number."""
    for product in PRODUCTS:
        for info in platform.versions(product):
            yield product, info.output, info.version


def read_versions(platform: Platform) -> dict[str, Any]:
    """Columns, types and rows of every version."""
    answers = {}
    for product, output, version in all_versions(platform):
        table = platform.consume(product, output, version=version).to_arrow()
        types = {field.name: str(field.type) for field in table.schema}
        answers[f"{product}.{output}#{version}"] = {"types": types, "rows": rows(table)}
    return answers


def ask(cli: click.Command) -> dict[str, Any]:
    """All that is compared, from the home of the working directory."""
    with time_machine.travel(NOW, tick=False):
        answers = {command: ask_json(cli, command) for command in COMMANDS}
        answers |= {command: ask_json(cli, command, "bea@example.com") for command in FOLLOWED}
        with Platform.open() as platform:
            return {"json": answers, "rows": read_versions(platform)}


def describe_class(kind: type) -> dict[str, list[str]]:
    """The public members of a class of ours, and the names of a method's parameters."""
    ours = [base for base in kind.__mro__ if base.__module__.startswith("data_platform")]
    members = {name for base in ours for name in vars(base) if not name.startswith("_")}
    calls = {name: getattr(kind, name) for name in members if callable(getattr(kind, name, None))}
    return {name: list(inspect.signature(calls[name]).parameters) if name in calls else [] for name in members}


def field_names(schema: Any) -> set[str]:
    """Every name of a field that a JSON Schema speaks of, at any depth."""
    if isinstance(schema, list):
        return {name for part in schema for name in field_names(part)}
    if not isinstance(schema, dict):
        return set()
    properties = schema.get("properties")
    names = set(properties) if isinstance(properties, dict) else set()
    return names.union(*(field_names(part) for part in schema.values()))


def describe_commands(command: click.Command, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every command, and the names of its options."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            child = command.get_command(context, part)
            assert child is not None
            yield from describe_commands(child, f"{name} {part}".strip())
    if name:
        options = [word for option in command.params for word in (*option.opts, *option.secondary_opts)]
        yield name, sorted(word for word in options if word.startswith("-"))


def describe_surface(cli: click.Command, names: Iterable[str] = data_platform.__all__) -> dict[str, Any]:
    """What is public: names of Python with their parameters, commands with their options, fields of product.yaml."""
    kinds = {name: getattr(data_platform, name) for name in names}
    modules = ("data_platform.functions", "data_platform.quality")
    return {
        "names": sorted(kinds),
        "classes": {name: describe_class(kind) for name, kind in kinds.items() if isinstance(kind, type)},
        "modules": {name: sorted(import_module(name).__all__) for name in modules},
        "commands": dict(describe_commands(cli)),
        "product.yaml": sorted(field_names(json.loads(CliRunner().invoke(cli, ["schema"]).stdout))),
    }
