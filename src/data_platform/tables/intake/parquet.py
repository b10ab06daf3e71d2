"""Parquet, a file or a folder of files, as a stream of batches.

INT96 is the timestamp of old writers (Impala, Spark before 3), which counts nanoseconds over a very large range. Arrow
reads it in a chosen unit: in microseconds it cuts finer values, in nanoseconds years outside 1677 to 2262 wrap around.
So each value is read in both units: it is the same in both, or it was cut.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.spec.casting.conversion.basics import make_nulls
from data_platform.spec.casting.conversion.leaves import iterate_leaves
from data_platform.spec.casting.conversion.plan import Planner
from data_platform.spec.schema.arrow import to_arrow_type
from data_platform.spec.schema.types import Kind, Primitive, TableSchema
from data_platform.tables.intake.folders import FolderPart, list_parts, refuse_table_of_others
from data_platform.tables.intake.format_detection import WRITE_AGAIN, judge_parquet
from data_platform.tables.intake.frames.arrow import refuse_foreign_types
from data_platform.tables.intake.library_errors import guard_batches, guard_reading
from data_platform.tables.intake.stream import BATCH_ROWS, Intake

_READ_BYTES = 1024 * 1024
"""Bytes read at once from a column chunk, which otherwise is read as a whole."""
_RELEASED_BATCHES = 2
"""After so many batches the memory of earlier ones is returned to the system: pyarrow keeps up to 40 MB of it."""


def open_folder(folder: Path, contract: TableSchema | None) -> Intake:
    """The Parquet files of a folder as one table, with the columns from the names of its folders."""
    parts = list_parts(folder)
    values = _parse_partitions(parts, contract)
    schema = _read_schema(parts[0].path)
    for name, kind in values[0].items():
        if name in schema.names:
            raise UnreadableData(f"{parts[0].path}: the column {name} is in the file and in its folder's name")
        schema = schema.append(pa.field(name, kind.type))
    return _make_intake(parts, values, schema)


def open_parquet_file(path: Path, contract: TableSchema | None) -> Intake:
    """One Parquet file."""
    refuse_table_of_others(path)
    return _make_intake([FolderPart(path)], [{}], _read_schema(path))


def _read_schema(path: Path) -> pa.Schema:
    with guard_reading(path), _open_checked(path) as file:
        schema = file.schema_arrow
        foreign = _find_foreign_types(file)
    if foreign:
        raise SchemaMismatch("the file", foreign, file=str(path))
    refuse_foreign_types(schema)
    return schema


def _find_foreign_types(file: pq.ParquetFile) -> list[Mismatch]:
    """The columns whose Parquet types Arrow reads as their storage, which is not their value."""
    leaves = (file.schema.column(number) for number in range(len(file.schema)))
    foreign = {leaf.path.split(".")[0]: "INTERVAL" for leaf in leaves if leaf.converted_type == "INTERVAL"}
    foreign |= dict.fromkeys(_VARIANT.findall(str(file.schema)), "VARIANT")
    what = "is Parquet's {}, which no column type supports: write it as text or as numbers"
    return [Mismatch(name, "type", what.format(kind)) for name, kind in foreign.items()]


_VARIANT = re.compile(r"group field_id=\S+ (\S+) \(Variant\b")


def _open_checked(path: Path, unit: str = "us") -> pq.ParquetFile:
    """The file; its checksums, if any, are verified, and INT96 timestamps are read in `unit`."""
    judge_parquet(path)
    try:
        return _open(path, unit)
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UnreadableData(
            f"{path} is a damaged parquet file: its footer cannot be read", hint=WRITE_AGAIN
        ) from error


def _open(path: Path, unit: str) -> pq.ParquetFile:
    return pq.ParquetFile(
        path,
        pre_buffer=False,
        buffer_size=_READ_BYTES,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit=unit,
    )


def _make_intake(parts: Sequence[FolderPart], values: Sequence[dict[str, pa.Scalar]], schema: pa.Schema) -> Intake:
    def read_batches() -> Generator[pa.RecordBatch]:
        for part, constants in zip(parts, values, strict=True):
            for batch in _read_batches(part.path, schema, list(constants), parts[0].path):
                columns = [*batch.columns, *(pa.repeat(value, batch.num_rows) for value in constants.values())]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

    stream = read_batches()
    with guard_reading(parts[0].path), _open_checked(parts[0].path) as file:
        as_it_lies = len(parts) == 1 and not values[0] and not _find_int96_columns(file)
    return Intake(schema, stream, parquet=parts[0].path if as_it_lies else None, close=stream.close)


def _read_batches(path: Path, schema: pa.Schema, constants: list[str], first: Path) -> Iterator[pa.RecordBatch]:
    with guard_reading(path):
        file = _open_checked(path)
    with file:
        expected = [field for field in schema if field.name not in constants]
        if list(file.schema_arrow) != expected:
            raise UnreadableData(_describe_difference(path, first, list(file.schema_arrow), expected))
        # one thread: two lanes write beside it, and pyarrow's pool keeps 30 MB more for its threads
        batches = guard_batches(file.iter_batches(BATCH_ROWS, use_threads=False), path)
        old = _find_int96_columns(file)
        if not old:
            for number, batch in enumerate(batches):
                yield batch
                if number % _RELEASED_BATCHES == 0:
                    pa.default_memory_pool().release_unused()
            return
        with guard_reading(path):
            finer = _open_checked(path, "ns")
        with finer:
            rows = 0
            for batch, other in zip(
                batches, guard_batches(finer.iter_batches(BATCH_ROWS, use_threads=False), path), strict=True
            ):
                _check_int96(path, batch, other, old, rows)
                rows += batch.num_rows
                yield batch


def _find_int96_columns(file: pq.ParquetFile) -> frozenset[str]:
    """The names of the columns that contain INT96, at any depth."""
    leaves = (file.schema.column(number) for number in range(len(file.schema)))
    return frozenset(leaf.path.split(".")[0] for leaf in leaves if leaf.physical_type == "INT96")


def _check_int96(
    path: Path, micros: pa.RecordBatch, nanos: pa.RecordBatch, columns: Collection[str], before: int
) -> None:
    """Raises SchemaMismatch for a column whose values were cut; `before` is the number of rows read before."""
    wrong = []
    for name in columns:
        coarse, fine = micros.column(name), nanos.column(name)
        if not _is_same(coarse, fine):
            row = next(at for at in range(len(coarse)) if not _is_same(coarse.slice(at, 1), fine.slice(at, 1)))
            what = f"a timestamp in row {before + row + 1:,} has nanoseconds, and a column holds microseconds"
            wrong.append(Mismatch(name, "value", what))
    if wrong:
        raise SchemaMismatch("the file", wrong, file=str(path))


def _is_same(coarse: pa.Array, fine: pa.Array) -> bool:
    return all(map(_is_same_leaf, iterate_leaves(coarse), iterate_leaves(fine)))


def _is_same_leaf(coarse: pa.Array, fine: pa.Array) -> bool:
    if coarse.type == fine.type:
        return True
    scaled = pc.multiply(coarse.view(pa.int64()), 1000)  # unchecked: it wraps around in the same way
    return pc.all(pc.equal(scaled, fine.view(pa.int64()))).as_py() is not False


def _describe_difference(path: Path, first: Path, fields: list[pa.Field], expected: list[pa.Field]) -> str:
    old = {field.name: field.type for field in expected}
    new = {field.name: field.type for field in fields}
    changes = [f"{name} is {kind}, not {old[name]}" for name, kind in new.items() if old.get(name, kind) != kind]
    changes += [f"{name} is only here" for name in new if name not in old]
    changes += [f"{name} is missing" for name in old if name not in new]
    what = "; ".join(changes[:5]) or "their order, or which of them may be null"
    return f"{path}: its columns differ from those of {first.name}: {what}"


def _parse_partitions(parts: Sequence[FolderPart], contract: TableSchema | None) -> list[dict[str, pa.Scalar]]:
    """For each part the values from its folders' names, in the contract's types."""
    names = [name for name, _ in parts[0].partition]
    if names and contract is None:
        raise UnreadableData(
            f"{parts[0].path}: the names of its folders say {', '.join(names)}, and no schema says of which type",
            hint="give the output a schema, or hand in a table that has the column",
        )
    return [
        {name: _parse_partition_value(part, name, text, contract) for name, text in part.partition} for part in parts
    ]


_PADDING = re.compile(r"^0+(?=[0-9])")
_WHOLE = (Primitive(Kind.INT), Primitive(Kind.LONG))


def _parse_partition_value(part: FolderPart, name: str, text: str | None, contract: TableSchema | None) -> pa.Scalar:
    column = contract.get(name) if contract is not None else None
    if column is None:
        wrong = Mismatch(name, "extra", f"is not in the contract, and {part.path.parent} names it")
        raise SchemaMismatch("the folder", [wrong])
    target = to_arrow_type(column.type)
    if text is None:
        return make_nulls(1, target)[0]
    planner = Planner(untyped=True)
    convert = planner.convert(column.type, pa.string(), name)
    # Leading zeros are not part of the value: they make the folders' names sort like the numbers.
    plain = _PADDING.sub("", text) if column.type in _WHOLE else text
    try:
        value = convert(pa.array([plain], pa.string()))[0] if not planner.mismatches else None
    except ValueError:
        value = None
    if value is None or not value.is_valid:
        label = "its value" if column.pii or column.encrypted else repr(text)
        wrong = Mismatch(name, "value", f"{label} in the name of {part.path.parent} does not fit {column.type}")
        raise SchemaMismatch("the folder", [wrong])
    return value
