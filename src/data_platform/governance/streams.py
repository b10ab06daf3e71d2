"""Compatibility of a stream's schema change, by the definitions of a schema registry.

*Backward*: readers with the new schema read what was written under the old one. *Forward*: readers with the old schema
read what is written under the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from data_platform.governance.avro_schemas import find_avro_incompatibilities
from data_platform.governance.incompatibility import SchemaFinding
from data_platform.governance.json_schema.compatibility import find_json_incompatibilities
from data_platform.spec.policies.modes import Mode
from data_platform.spec.schema.document import Format, SchemaDocument

_UNREAD: dict[Format, Callable[[Any, Any], list[SchemaFinding]]] = {
    Format.AVRO: find_avro_incompatibilities,
    Format.JSON_SCHEMA: find_json_incompatibilities,
}


def check_stream_change(old: SchemaDocument, new: SchemaDocument, mode: Mode) -> list[SchemaFinding]:
    """The findings that `mode` forbids in the change from `old` to `new`."""
    if not (mode.backward or mode.forward):
        return []
    if old.format is not new.format:
        return [SchemaFinding((), f"the format was changed from {old.format} to {new.format}")]
    unread = _UNREAD[old.format]
    findings: list[SchemaFinding] = []
    if mode.backward:
        findings += _add_direction(unread(new.schema, old.schema), "old events under the new schema")
    if mode.forward:
        findings += _add_direction(unread(old.schema, new.schema), "new events under the old schema")
    return findings


def _add_direction(findings: list[SchemaFinding], which: str) -> list[SchemaFinding]:
    return [replace(finding, message=f"{which}: {finding.message}") for finding in findings]
