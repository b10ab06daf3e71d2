"""The adapter of Cedar: the form of lines becomes its policies, and what they name and a reader's facts its context.

Policies are built as Cedar's JSON. The names that lines ask for are values of the context, as those of the reader are,
so that no text of a user is in a policy, and lines of one form are one set of policies: it is parsed once for all
products that have it. Cedar denies by default, and a line that forbids overrides every line that allows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from data_platform.access.read_lines import GRANT, UNDECIDED, HasAny, HoldsGrant, IsTrue, Need, ReadLine, list_lines
from data_platform.errors import MissingExtra
from data_platform.spec.access.stored import StoredAccess

Json = dict[str, Any]
_KEPT = 1_024


@dataclass(frozen=True, slots=True)
class LinePolicies:
    """The lines of an output, the values that they ask for, and the policies of their form as Cedar has parsed them."""

    lines: tuple[ReadLine, ...]
    values: Mapping[str, tuple[str, ...]]
    parsed: Any


@dataclass(frozen=True, slots=True)
class _LineForm:
    """A line without its values: `needs` name where they are in the context."""

    needs: tuple[Need, ...]
    forbids: bool


@lru_cache(maxsize=_KEPT)
def compile_lines(access: StoredAccess) -> LinePolicies:
    """The policies of an output's lines."""
    return _compile(list_lines(access.spec))


@lru_cache(maxsize=1)
def compile_grant_line() -> LinePolicies:
    """The policy of grants, which is asked about each of them, with its terms in the context."""
    return _compile((GRANT,))


def _compile(lines: tuple[ReadLine, ...]) -> LinePolicies:
    values: dict[str, tuple[str, ...]] = {}
    forms = tuple(_LineForm(tuple(_take_values(need, values) for need in line.needs), line.forbids) for line in lines)
    return LinePolicies(lines, values, _parse_policies(forms))


def _take_values(need: Need, values: dict[str, tuple[str, ...]]) -> Need:
    """The need with the name of its values, which are added under it."""
    if not isinstance(need, HasAny):
        return need
    name = f"v{len(values)}"
    values[name] = need.values
    return HasAny(need.fact, (name,))


@lru_cache(maxsize=_KEPT)
def _parse_policies(forms: tuple[_LineForm, ...]) -> Any:
    """The policies of lines, each by the place of its line."""
    policies = {str(at): _write_policy(form) for at, form in enumerate(forms)}
    written = json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
    return _load_cedar().PolicySet.from_json_str(written)


def find_deciding_lines(policies: LinePolicies, contexts: Sequence[Json]) -> list[tuple[bool, tuple[ReadLine, ...]]]:
    """For each context whether reading is allowed, and the lines that decided; without any, no line allows it.

    Where Cedar cannot read the context or evaluate a line, UNDECIDED denies it.
    """
    cedar = _load_cedar()
    requests = [{**_REQUEST, "context": {**context, "values": policies.values}} for context in contexts]
    results = cedar.is_authorized_batch(requests, policies.parsed, _load_entities())
    return [_read_result(policies, result) for result in results]


def _read_result(policies: LinePolicies, result: Any) -> tuple[bool, tuple[ReadLine, ...]]:
    if result.diagnostics.errors:
        return False, (UNDECIDED,)
    return result.allowed, tuple(policies.lines[at] for at in sorted(map(int, result.diagnostics.reasons)))


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


def _write_policy(line: _LineForm) -> Json:
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
        case HasAny(fact, names):
            return {"containsAny": {"left": _get(fact), "right": _get("values", *names)}}
        case HoldsGrant():
            begins, ends = _get("grant", "begins_at"), _get("grant", "ends_at")
            is_mine = {"contains": {"left": _get("holders"), "right": _get("grant", "holder")}}
            has_begun = {"<=": {"left": begins, "right": _get("now")}}
            goes_on = {"<": {"left": _get("now"), "right": ends}}
            return _join([is_mine, has_begun, goes_on])


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
