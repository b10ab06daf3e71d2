"""A recorded version as a source of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from data_platform.engine.digests import PublishedFile
from data_platform.engine.source import ParquetSource
from data_platform.errors import NotFound
from data_platform.keys.ring import footer_key_id
from data_platform.record.catalog.data_files import list_by_stage
from data_platform.record.catalog.versions import VersionRow
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.record import restore_schema
from data_platform.tables.iceberg.read import Extent, list_data_files
from data_platform.tables.orphans import find_stage
from data_platform.verbs.core.column_encryption import find_missing_keys, map_key_ids
from data_platform.verbs.core.context import Context


def open_version(context: Context, version: VersionRow, *, clear: bool = True) -> ParquetSource:
    """The version's files; without `clear` no key is fetched, and its sealed columns cannot be read.

    A key that was dropped is left out: erasing one column leaves the others readable.
    """
    schema = restore_schema(version.schema)
    folder = context.folder(version.product)
    columns = map_key_ids(folder, version.output, schema)
    keys = {}
    if columns and clear:
        keys = _fetch_available_keys(context, [footer_key_id(folder, version.output), *columns.values()])
    extent = Extent(version.stage_id, version.files, version.rows)
    files = list_data_files(context.place(version.product, version.output), version.manifest_list, extent)
    digests = _read_digests(context, files)
    # a file without a digest is of an old release, which wrote wrong bounds of NaN and zero
    exact = len(digests) == len(files)
    return ParquetSource(
        files,
        to_arrow(schema),
        frozenset(columns),
        keys,
        version.rows,
        digests=digests,
        exact_bounds=exact,
        personal=frozenset(schema.masked),
        missing_keys=find_missing_keys(context, version.product, version.output) if columns and clear else None,
    )


def _read_digests(context: Context, files: Sequence[str]) -> tuple[PublishedFile, ...]:
    """What is recorded of the files; of those that an older program wrote, nothing is."""
    with context.record.reading() as conn:
        rows = list_by_stage(conn, {stage for file in files if (stage := find_stage(Path(file)))})
    wanted = set(files)
    recorded = (PublishedFile(str(context.tables / row.path), row.bytes, row.digest) for row in rows)
    return tuple(sorted((file for file in recorded if file.path in wanted), key=lambda file: file.path))


def _fetch_available_keys(context: Context, ids: Iterable[str]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for key_id in ids:
        with suppress(NotFound):
            keys |= context.keyring.fetch([key_id])
    return keys
