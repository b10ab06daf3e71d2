"""Encrypted columns for DuckDB: it cannot decrypt Parquet itself, a pyarrow dataset can (slower, so only on need)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from data_platform.keys.parquet import decrypting_format


def dataset(table: Mapping[str, Any]) -> ds.Dataset:
    """All columns of a table of an open request; those in clear come first, since `count(*)` reads the first."""
    schema = pa.ipc.read_schema(pa.py_buffer(b64decode(table["schema"])))
    fields = sorted(schema, key=lambda field: field.name in table["sealed"])
    keys = {name: b64decode(key) for name, key in table["keys"].items()}
    return ds.dataset(table["files"], schema=pa.schema(fields), format=decrypting_format(keys))
