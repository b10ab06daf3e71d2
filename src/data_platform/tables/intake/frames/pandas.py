"""Frames of pandas, read column by column, so that errors name the column and the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.spec.casting.conversion.extras import has_protected
from data_platform.spec.schema.types import SchemaColumn, TableSchema
from data_platform.spec.text.names import quote_text as escape
from data_platform.tables.intake.frames.arrow import open_table
from data_platform.tables.intake.library_errors import guard_reading
from data_platform.tables.intake.rows import is_shown, to_mismatch
from data_platform.tables.intake.stream import Intake
from data_platform.tables.intake.values import HALF, OddValue, build_array, is_unicode

if TYPE_CHECKING:
    from pandas import DataFrame

_FOREIGN = "is pandas' "
_HINT = "convert the column to one type first, as with pd.to_numeric(column) or astype(str)"
_ADVICE = {
    "period": "convert it to text (astype(str)) or to timestamps (dt.to_timestamp())",
    "interval": "take its left and right ends as two columns",
    "complex": "take its real and imaginary parts as two columns",
}


def open_pandas(frame: DataFrame, contract: TableSchema | None, protected: Collection[str] = ()) -> Intake:
    """A frame; a named index becomes a column, an unnamed one does not. NaN, NaT, NA and None are null, as in pandas.

    Raises SchemaMismatch with the name, and for a wrong value the row, of every column that cannot be read.
    """
    named = [name for name in frame.index.names if name is not None]
    if misnamed := _find_misnamed([*named, *frame.columns], contract):
        raise UnreadableData(f"the frame cannot be read: {'; '.join(misnamed)}", hint="rename its columns")
    if named:
        _refuse_half_characters(frame, named)
        with guard_reading("the frame"):
            frame = frame.reset_index(level=named)
    arrays: dict[str, Any] = {}
    wrong: list[Mismatch] = []
    for place, name in enumerate(frame.columns):
        column = contract.get(name) if contract is not None else None
        result = _convert_column(name, frame.iloc[:, place], column, showing=is_shown(name, contract, protected))
        if isinstance(result, Mismatch):
            wrong.append(result)
        else:
            arrays[name] = result
    if any(mismatch.message.startswith(_FOREIGN) for mismatch in wrong):
        raise SchemaMismatch("the frame", wrong)
    if wrong:
        raise UnreadableData(f"the frame cannot be read: {'; '.join(map(str, wrong))}", hint=_HINT)
    return open_table(pa.table(arrays))


def _find_misnamed(names: Sequence[Any], contract: TableSchema | None) -> list[str]:
    """What is wrong with the names; a name that is not in a contract with protected columns may itself be a value."""
    counts: Counter[Any] = Counter(names)
    labels = {
        name: escape(name) if isinstance(name, str) and not is_unicode(name) else repr(name)
        for name in counts
        if contract is None or not has_protected(contract.columns) or name in contract.names
    }
    label = {name: labels.get(name, f"number {names.index(name) + 1}") for name in counts}
    twice = [f"two columns are named {label[name]}" for name, count in counts.items() if count > 1 and name in labels]
    twice += [
        f"column {label[name]} is there twice" for name, count in counts.items() if count > 1 and name not in labels
    ]
    no_text = [f"the column {label[name]} is not named by text" for name in counts if not isinstance(name, str)]
    halves = [name for name in counts if isinstance(name, str) and not is_unicode(name)]
    return twice + no_text + [f"the name of the column {label[name]} {HALF}" for name in halves]


def _refuse_half_characters(frame: DataFrame, levels: Sequence[Any]) -> None:
    """Refuses invalid text in an index, because pandas' own column of it would not name the row."""
    for name in levels:
        for row, value in enumerate(frame.index.get_level_values(name).tolist()):
            if isinstance(value, str) and not is_unicode(value):
                wrong = Mismatch(name, "value", f"the value in row {row + 1:,} {HALF}")
                raise UnreadableData(f"the frame cannot be read: {wrong}", hint=_HINT)


def _convert_column(
    name: str, series: Any, column: SchemaColumn | None, *, showing: bool
) -> pa.Array | pa.ChunkedArray | Mismatch:
    kind = type(series.dtype).__name__.removesuffix("Dtype").lower()
    if kind == "sparse":
        return _convert_column(name, series.sparse.to_dense(), column, showing=showing)
    if series.dtype.kind == "c":
        kind = "complex"
    if kind in _ADVICE:
        return Mismatch(name, "type", f"{_FOREIGN}{series.dtype}, which no column type supports: {_ADVICE[kind]}")
    if kind == "categorical" and series.cat.categories.dtype == object:
        series = series.astype(object)
    if series.dtype == object:
        return _convert_objects(name, series, column, showing=showing)
    try:
        return pa.array(series, from_pandas=True)
    except UnicodeEncodeError:
        return _convert_objects(name, series.astype(object), column, showing=showing)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return Mismatch(name, "type", f"{_FOREIGN}{series.dtype}, which Arrow cannot read")


def _convert_objects(name: str, series: Any, column: SchemaColumn | None, *, showing: bool) -> pa.Array | Mismatch:
    values = [None if isinstance(value, float) and value != value else value for value in series.tolist()]
    try:
        return build_array(values, column.type if column else None)
    except OddValue as error:
        return to_mismatch(error, name, 0, showing=showing)
    except RecursionError:
        return Mismatch(name, "value", "its values are nested too deeply")
