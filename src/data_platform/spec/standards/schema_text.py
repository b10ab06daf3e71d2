"""Writes the schema files of an imported product."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from data_platform.errors import BadInput
from data_platform.spec.schema.avro import write_avro_schema
from data_platform.spec.schema.json_schema import write_json_schema
from data_platform.spec.schema.types import TableSchema


def write_schema_text(schema: TableSchema, path: str) -> str:
    """The schema in the format that the path's ending names; BadInput for what the format cannot express."""
    name = PurePosixPath(path).stem
    if path.lower().endswith(".json"):
        return _format_document(write_json_schema(schema, name))
    return _format_document(
        write_avro_schema(schema, re.sub(r"[^A-Za-z0-9_]", "_", f"_{name}" if name[:1].isdigit() else name))
    )


def can_express(schema: TableSchema, path: str) -> bool:
    """Whether the format of the path can express the schema."""
    try:
        write_schema_text(schema, path)
    except BadInput:
        return False
    return True


def _format_document(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
