"""The adapter of Cedar: lines become its policies, and a reader's facts its context.

Policies are built as Cedar's JSON, and names are values in it, so that no text of a user is parsed as a policy. A set
is parsed once and kept by the text of the access that it was made of. Cedar denies by default, and a line that forbids
overrides every line that allows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from data_platform.access.read_lines import HasAny, HoldsGrant, IsTrue, Need, ReadLine, list_lines
from data_platform.errors import MissingExtra
from data_platform.spec.access.stored import StoredAccess

Json = dict[str, Any]
_KEPT = 1_024


@dataclass(frozen=True, slots=True)
class LinePolicies:
    """The lines of an output by id, and their policies as Cedar has parsed them."""

    lines: Mapping[str, ReadLine]
    parsed: Any


@lru_cache(maxsize=_KEPT)
def compile_lines(access: StoredAccess) -> LinePolicies:
    """The policies of an output's lines."""
    lines = {line.id: line for line in list_lines(access.spec)}
    policies = {id: _write_policy(line) for id, line in lines.items()}
    written = json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
    return LinePolicies(lines, _load_cedar().PolicySet.from_json_str(written))


def find_deciding_lines(policies: LinePolicies, contexts: Sequence[Json]) -> list[tuple[bool, tuple[ReadLine, ...]]]:
    """For each context whether reading is allowed, and the lines that decided; without any, no line allows it."""
    cedar = _load_cedar()
    requests = [{**_REQUEST, "context": context} for context in contexts]
    results = cedar.is_authorized_batch(requests, policies.parsed, _load_entities())
    return [(result.allowed, _find_lines(policies, result.diagnostics)) for result in results]


def _find_lines(policies: LinePolicies, diagnostics: Any) -> tuple[ReadLine, ...]:
    ids = set(diagnostics.reasons)
    return tuple(line for line in policies.lines.values() if line.id in ids)


_REQUEST: Json = {
    "principal": {"type": "Principal", "id": "reader"},
    "action": {"type": "Action", "id": "read"},
    "resource": {"type": "Output", "id": "output"},
}
"""One request for all: what tells readers apart is in the context."""


@lru_cache(maxsize=1)
def _load_entities() -> Any:
    return _load_cedar().Entities.from_json_str("[]")


@lru_cache(maxsize=1)
def _load_cedar() -> Any:
    try:
        return import_module("cedarpy")
    except ImportError as error:
        raise MissingExtra("cedarpy, which decides about readers,", "server") from error


def _write_policy(line: ReadLine) -> Json:
    anything = {"op": "All"}
    return {
        "effect": "forbid" if line.forbids else "permit",
        "principal": anything,
        "action": anything,
        "resource": anything,
        "conditions": [{"kind": "when", "body": _join([_write_need(need) for need in line.needs])}],
    }


def _write_need(need: Need) -> Json:
    match need:
        case IsTrue(fact):
            return _get(fact)
        case HasAny(fact, values):
            return {"containsAny": {"left": _get(fact), "right": {"Set": [_value(value) for value in values]}}}
        case HoldsGrant():
            begins, ends = _get("grant", "begins_at"), _get("grant", "ends_at")
            is_mine = {"contains": {"left": _get("holders"), "right": _get("grant", "holder")}}
            has_begun = {"<=": {"left": begins, "right": _get("now")}}
            goes_on = {"<": {"left": _get("now"), "right": ends}}
            return _join([{"has": {"left": {"Var": "context"}, "attr": "grant"}}, is_mine, has_begun, goes_on])


def _get(*path: str) -> Json:
    node: Json = {"Var": "context"}
    for attribute in path:
        node = {".": {"left": node, "attr": attribute}}
    return node


def _value(value: object) -> Json:
    return {"Value": value}


def _join(parts: list[Json]) -> Json:
    node = parts[0] if parts else _value(True)
    for part in parts[1:]:
        node = {"&&": {"left": node, "right": part}}
    return node
