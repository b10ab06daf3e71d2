"""Frames over real parquet files, and a log of what they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.access.view import TableView
from data_platform.engine.frame import DataFrame, scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
from data_platform.spec.access.masks import REDACT

Reads = list[Mapping[Origin, frozenset[str]]]
Published = Callable[..., DataFrame]


@pytest.fixture
def reads() -> Reads:
    """What frames made by `published` reported as read, action by action."""
    return []


@pytest.fixture
def published(tmp_path: Path, reads: Reads) -> Published:
    """published("orders", table or {column: values}, version=1, mask=()): a frame over files of that content."""

    def publish(
        output: str, content: pa.Table | dict, version: int = 1, files: int = 1, mask=(), **options
    ) -> DataFrame:
        table = content if isinstance(content, pa.Table) else pa.table(content)
        folder = tmp_path / f"{output}-{version}"
        folder.mkdir()
        step = -(-table.num_rows // files) or 1
        paths = []
        for number in range(files):
            path = folder / f"{number}.parquet"
            pq.write_table(table.slice(number * step, step), path)
            paths.append(str(path))
        origin = Origin("product", f"{output}-product", output, version)
        source = ParquetSource(tuple(paths), table.schema, view=TableView(dict.fromkeys(mask, REDACT)))
        return scan(source, origin, reads.append, **options)

    return publish
