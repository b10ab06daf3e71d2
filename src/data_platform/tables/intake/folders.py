"""The files of a folder that are its table, by Spark's and Hive's conventions; no file is ignored silently.

Names that begin with `_` or `.` are notes of the writer (`_SUCCESS`, `.part-0.crc`), and no data. A folder
`day=2026-01-31` contains the rows of that day, without the column in its files. Every other file must be Parquet, or
the folder is refused. A folder of a Delta, Iceberg or Hudi table is refused too: only its log says which of its files,
and which of their rows, are current.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from data_platform.errors import UnreadableData

PARQUET = (".parquet", ".pq", ".parq")
_NULL = "__HIVE_DEFAULT_PARTITION__"
_UNFINISHED = ("_temporary", "_delta_log", ".spark-staging")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class FolderPart:
    """One file of a folder; `partition` has the values of all its rows from its folders' names, outermost first."""

    path: Path
    partition: tuple[tuple[str, str | None], ...] = ()


def require_file(path: Path, place: object) -> None:
    """Raises UnreadableData for a pipe, a socket or a device: a read could block, and is possible only once."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}
        what = kinds.get(stat.S_IFMT(mode), "a device")
        raise UnreadableData(f"{place} is {what}, not a file", hint="write the rows to a file first")


def list_parts(folder: Path) -> list[FolderPart]:
    """The files of the folder's table, sorted; raises UnreadableData, naming the entry, if that is not clear."""
    refuse_table_of_others(folder)
    parts = list(_walk(folder, (), folder))
    if not parts:
        raise UnreadableData(f"{folder}: no .parquet file in this folder")
    keys = [name for name, _ in parts[0].partition]
    for part in parts:
        if [name for name, _ in part.partition] != keys:
            where = ", ".join(keys) or "no column"
            raise UnreadableData(
                f"{part.path}: its folders do not name the columns that those of {parts[0].path} name ({where})",
                hint="hand in a folder whose files all lie equally deep, or one of the folders inside",
            )
    if len(set(keys)) < len(keys):
        raise UnreadableData(f"{parts[0].path}: its folders name a column twice")
    return parts


def refuse_table_of_others(path: Path) -> None:
    """Raises UnreadableData if the path is a table of Delta, Iceberg or Hudi, or is inside one."""
    for folder in (path, *path.absolute().parents):
        for kind, is_there in _LOGS.items():
            if is_there(folder):
                raise UnreadableData(
                    f"{path} belongs to a {kind} table ({folder}), whose files also hold rows that were deleted",
                    hint=f"read it with a reader of {kind}, and hand in its rows: {_READERS[kind]}",
                )


def _is_iceberg(folder: Path) -> bool:
    metadata = folder / "metadata"
    return metadata.is_dir() and any(_is_iceberg_metadata(entry.name) for entry in metadata.iterdir())


def _is_iceberg_metadata(name: str) -> bool:
    return name == "version-hint.text" or name.endswith((".metadata.json", ".metadata.json.gz"))


_LOGS: dict[str, Callable[[Path], bool]] = {
    "Delta": lambda folder: (folder / "_delta_log").is_dir(),
    "Iceberg": _is_iceberg,
    "Hudi": lambda folder: (folder / ".hoodie").is_dir(),
}
_READERS = {
    "Delta": "DeltaTable(path).to_pyarrow_table() of deltalake, or delta_scan of DuckDB",
    "Iceberg": "StaticTable.from_metadata(path).scan().to_arrow() of pyiceberg, or iceberg_scan of DuckDB",
    "Hudi": "HudiTable(path).read_snapshot() of hudi",
}


def _walk(folder: Path, partition: tuple[tuple[str, str | None], ...], root: Path) -> Iterator[FolderPart]:
    if len(partition) > _DEEPEST:
        raise UnreadableData(
            f"{folder}: more than {_DEEPEST} folders deep", hint="does a link lead back to the folder?"
        )
    for path in sorted(folder.iterdir()):
        name, key = path.name, path.name.partition("=")
        if name.startswith(_UNFINISHED) and path.is_dir():
            raise UnreadableData(
                f"{path}: the folder is being written, or its writing broke off", hint="wait, or remove it"
            )
        if name.startswith((".", "_")) and not (key[1] and path.is_dir()):
            continue
        if path.is_dir() and key[0] and key[1]:
            yield from _walk(path, (*partition, _parse_value(path)), root)
        elif path.is_dir():
            raise UnreadableData(
                f"{path}: a folder inside the folder, whose name says no column (as day=2026-01-31 does)",
                hint="hand in that folder, or move it away",
            )
        else:
            yield FolderPart(_check_data_file(path), partition)


def _parse_value(path: Path) -> tuple[str, str | None]:
    name, _, value = path.name.partition("=")
    try:
        column, text = unquote(name, errors="strict"), unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise UnreadableData(f"{path}: the folder's name is not text in UTF-8") from None
    if not text:
        raise UnreadableData(f"{path}: the folder's name has no value for {column}")
    return column, None if text == _NULL else text


def _check_data_file(path: Path) -> Path:
    try:
        require_file(path, path)
    except OSError:
        raise UnreadableData(f"{path}: a link that leads nowhere") from None
    if not path.name.lower().endswith(PARQUET):
        raise UnreadableData(
            f"{path}: not a parquet file by its name, and every file of a folder is read",
            hint="a file's name ends in .parquet; move away what is no data, or begin its name with _",
        )
    return path
