"""Table schemas written as Avro (https://avro.apache.org/docs/1.12.0/specification/)."""

from data_platform.spec.schema.avro.reader import read_avro_schema
from data_platform.spec.schema.avro.writer import write_avro_schema

__all__ = ["read_avro_schema", "write_avro_schema"]
