"""A recorded version as something the engine may read."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from data_platform.engine.source import Source
from data_platform.errors import NotFound
from data_platform.keys.ring import footer_key_id
from data_platform.record.versions import VersionRow
from data_platform.spec.arrow import to_arrow
from data_platform.spec.schema_record import schema_from_json
from data_platform.tables.read import Extent, data_files
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.sealing import key_ids


def version_source(mesh: Mesh, version: VersionRow, *, clear: bool = True) -> Source:
    """The version's files; without `clear` no key is fetched, and its sealed columns cannot be read.

    A key that was dropped is left out: erasing one column leaves the others readable.
    """
    schema = schema_from_json(version.schema)
    folder = mesh.folder(version.product)
    columns = key_ids(folder, version.output, schema)
    keys = {}
    if columns and clear:
        keys = _kept(mesh, [footer_key_id(folder, version.output), *columns.values()])
    extent = Extent(version.stage_id, version.files, version.rows)
    files = data_files(mesh.place(version.product, version.output), version.manifest_list, extent)
    return Source(files, to_arrow(schema), frozenset(columns), keys, version.rows)


def _kept(mesh: Mesh, ids: Iterable[str]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for key_id in ids:
        with suppress(NotFound):
            keys |= mesh.keyring.fetch([key_id])
    return keys
