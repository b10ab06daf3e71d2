"""A survey counts all that does not fit, wherever it stands, and tells rows and values, protected ones apart."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.casting import survey as surveys
from data_platform.spec.casting.cast import CastArguments
from data_platform.spec.casting.conversion.text_formats import STANDARD_FORMATS
from data_platform.spec.casting.survey import MOST_MISFITS, Misfit, count_misfits
from data_platform.spec.schema.types import ListOf, SchemaColumn, TableSchema
from tests.casting import LONG, TEXT

TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["1", "22", "x", "1.5", ""])), max_size=60)


def surveyed(column: SchemaColumn, *parts: pa.Array) -> tuple[int, tuple[Misfit, ...]]:
    batches = [pa.record_batch([part], names=[column.name]) for part in parts]
    arguments = CastArguments(untyped=True, formats=STANDARD_FORMATS, file=None)
    return count_misfits(TableSchema((column,)), batches[0].schema, batches, arguments)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
def test_it_counts_what_a_look_at_every_single_value_counts(parts: list[list[str | None]], required: bool) -> None:
    total, misfits = surveyed(SchemaColumn("n", LONG, required), *(pa.array(part, pa.string()) for part in parts))
    values = [value for part in parts for value in part]
    wrong = [row for row, value in enumerate(values, 1) if value in ("x", "1.5")]
    empty = [row for row, value in enumerate(values, 1) if required and value in (None, "")]
    assert total == len(values)
    assert {m.kind: m.rows for m in misfits} == {
        kind: len(rows) for kind, rows in (("null", empty), ("value", wrong)) if rows
    }
    for misfit in misfits:
        rows = [row for row, _ in misfit.examples]
        assert rows == sorted(rows)
        assert set(rows) <= set(wrong if misfit.kind == "value" else empty)
        assert rows[0] == (wrong if misfit.kind == "value" else empty)[0]
        assert misfit.more is False


def test_a_misfit_says_how_many_where_and_what() -> None:
    _, (nulls, values) = surveyed(SchemaColumn("n", LONG, True), pa.array(["1", "x", None]), pa.array(["y", "2"]))
    assert nulls.message == "is null in 1 of 5 rows (row 3), and the contract requires it"
    assert values.message == "2 of 5 rows do not fit long, which looks like 42: 'x' in row 2, 'y' in row 4"
    assert values.examples == ((2, "'x'"), (4, "'y'"))


@pytest.mark.parametrize("protected", [{"tags": ("pii",)}, {"encryption": "aes-256-gcm"}])
def test_a_protected_value_is_not_told(protected: dict[str, object]) -> None:
    _, (misfit,) = surveyed(SchemaColumn("n", LONG, **protected), pa.array(["1", "079 555 01 02"]))  # type: ignore[arg-type]
    assert "079" not in repr(misfit)
    assert misfit.examples == ((2, None),)


def test_a_null_inside_a_list_is_told_by_its_path() -> None:
    lists = pa.array([["a"], ["b", None], [None]], pa.list_(pa.string()))
    _, (misfit,) = surveyed(SchemaColumn("tags", ListOf(TEXT, element_required=True)), lists)
    assert (misfit.column, misfit.kind, misfit.rows, misfit.examples) == (
        "tags.element",
        "null",
        2,
        ((2, None), (3, None)),
    )


def test_it_stops_to_count_where_it_is_no_exception_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys, "MOST_MISFITS", 10)
    assert MOST_MISFITS == 1_000
    _, (misfit,) = surveyed(SchemaColumn("n", LONG), pa.array(["x"] * 50), pa.array(["y"] * 50))
    assert (misfit.rows, misfit.more) == (10, True)
    assert misfit.message.startswith("10 or more of 100 rows do not fit long")
    assert misfit.message.endswith("'x' in row 5, …")


def test_what_fits_is_not_named() -> None:
    assert surveyed(SchemaColumn("n", LONG, True), pa.array(["1", "2"])) == (2, ())
