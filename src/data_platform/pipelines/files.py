"""A folder as a source: a table is the file of that name."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from data_platform.errors import BadInput, NotFound
from data_platform.pipelines.source_hints import add_settings_hint
from data_platform.settings.read_options import select_for_file
from data_platform.settings.sources import SUFFIXES, FilesSource
from data_platform.tables.intake import open_data
from data_platform.tables.intake.format_detection import find_other_format

TABLE = re.compile(r"\w[\w.-]{0,199}")


def read_file(source: FilesSource, table: str) -> pa.Table:
    """The file `table` with one of SUFFIXES in the source's folder; of text, the types are inferred as for a publish.

    Raises BadInput for a name that is a path or leads out of the folder, NotFound, UnreadableData.
    """
    path = _find_file(source, table)
    with add_settings_hint(source.name):
        intake = open_data(path, None, select_for_file(source.options, path.name))
        return pa.Table.from_batches(intake.batches, intake.schema)


def _find_file(source: FilesSource, table: str) -> Path:
    if not TABLE.fullmatch(table) or ".." in table:
        raise BadInput(
            f"source {source.name!r}: {table!a} is no table's name", hint="a table is a file's name, not a path"
        )
    root = source.resolve_folder()
    files = [path for suffix in SUFFIXES if (path := root / f"{table}{suffix}").is_file()]
    if len(files) > 1:
        names = " and ".join(path.name for path in files)
        raise BadInput(f"source {source.name!r}: {table} could be {names} in {root}", hint="leave one of them there")
    if not files:
        raise _explain_missing_file(source, root, table)
    if not files[0].resolve().is_relative_to(root):
        raise BadInput(f"source {source.name!r}: {files[0]} is a symlink that leads out of the source's folder")
    return files[0]


def _explain_missing_file(source: FilesSource, root: Path, table: str) -> NotFound:
    if not root.is_dir():
        return NotFound(f"source {source.name!r}: no folder {root}", hint="correct its path in settings.toml")
    tables = [path.stem for path in root.iterdir() if path.suffix in SUFFIXES]
    for path in root.glob(f"{table}.*"):
        if other := find_other_format(path.name):
            return NotFound(
                f"source {source.name!r}: {path.name} is {other[0]}, a format that is not supported", hint=other[1]
            )
    near = get_close_matches(table, tables, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"a table is a file that ends in {', '.join(SUFFIXES)}"
    return NotFound(f"source {source.name!r} has no table {table!r} in {root}", hint=hint)
