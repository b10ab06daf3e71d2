"""Whether a stream's schema may change so, in the words of a schema registry.

*Backward*: readers with the new schema read what was written under the old one. *Forward*: readers with the old schema
read what is written under the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from data_platform.governance.avro_schemas import unread_avro
from data_platform.governance.findings import Finding
from data_platform.governance.json_schema.compatibility import unread_json
from data_platform.spec.policies.modes import Mode
from data_platform.spec.schema.document import Format, SchemaDocument

_UNREAD: dict[Format, Callable[[Any, Any], list[Finding]]] = {
    Format.AVRO: unread_avro,
    Format.JSON_SCHEMA: unread_json,
}


def stream_findings(old: SchemaDocument, new: SchemaDocument, mode: Mode) -> list[Finding]:
    """Whatever `mode` forbids in the change from `old` to `new`; empty is none."""
    if not (mode.backward or mode.forward):
        return []
    if old.format is not new.format:
        return [Finding((), f"the format was changed from {old.format} to {new.format}")]
    unread = _UNREAD[old.format]
    found: list[Finding] = []
    if mode.backward:
        found += _told(unread(new.schema, old.schema), "old events under the new schema")
    if mode.forward:
        found += _told(unread(old.schema, new.schema), "new events under the old schema")
    return found


def _told(findings: list[Finding], which: str) -> list[Finding]:
    return [replace(finding, message=f"{which}: {finding.message}") for finding in findings]
