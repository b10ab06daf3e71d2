"""Table schemas written as JSON Schema, 2020-12 or draft-07."""

from data_platform.spec.schema.json_schema.reader import read_json_schema
from data_platform.spec.schema.json_schema.writer import write_json_schema

__all__ = ["read_json_schema", "write_json_schema"]
