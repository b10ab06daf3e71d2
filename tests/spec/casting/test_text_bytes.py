"""What the bytes of a column prove is what a look at each value finds."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.spec.casting.conversion.text import find_untyped_converter
from data_platform.spec.casting.conversion.text_bytes import Octets, read_octets
from data_platform.spec.schema.arrow import to_arrow_type
from data_platform.spec.schema.types import DataType, Decimal, Kind, Primitive
from tests.hypothesis_lanes import examples

PESSIMISTIC = {
    "contains_letters": lambda self: True,
    "is_whole_numbers": lambda self: False,
    "may_lead_with_zero": lambda self: True,
    "measure_longest": lambda self: 1 << 30,
    "is_without_empty_text": lambda self: False,
}
KINDS = [*(Primitive(kind) for kind in (Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE)), Decimal(9, 2), Decimal(38, 5)]
NUMBERS = st.one_of(
    st.text("0123456789", min_size=1, max_size=5),
    st.text("01259.-+eExX nN/", max_size=6),
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.text(max_size=3),
)


def outcome(kind: DataType, texts: pa.Array) -> object:
    way = find_untyped_converter(kind, pa.string(), to_arrow_type(kind))
    assert way is not None
    try:
        return repr(way(texts).to_pylist())
    except ValueError:
        return "refused"


@pytest.mark.long
@given(
    texts=st.lists(st.none() | NUMBERS, max_size=5) | st.lists(st.integers(-99, 9999).map(str), max_size=5),
    kind=st.sampled_from(KINDS),
    skipped=st.integers(0, 2),
)
@settings(deadline=None, max_examples=examples(1000), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_glance_and_a_look_at_each_value_give_the_same(texts: list[str | None], kind: DataType, skipped: int) -> None:
    array = pa.array(texts, pa.string()).slice(skipped)
    quick = outcome(kind, array)
    with pytest.MonkeyPatch.context() as patch:
        for name, answer in PESSIMISTIC.items():
            patch.setattr(Octets, name, answer)
        assert outcome(kind, array) == quick


def test_what_nulls_hide_is_no_proof() -> None:
    hidden = pa.Array.from_buffers(
        pa.string(), 2, [pa.py_buffer(b"\x01"), pa.array([0, 1, 3], pa.int32()).buffers()[1], pa.py_buffer(b"1xy")]
    )
    assert hidden.to_pylist() == ["1", None]
    assert read_octets(hidden).contains_letters()
    assert outcome(Primitive(Kind.LONG), hidden) == "[1, None]"


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        (["0", "-1", "10"], False),
        (["00"], True),
        (["-01"], True),
        (["+07"], True),
        (["0.5"], False),
        (["1", "05"], True),
    ],
)
def test_zeros_before_a_number(texts: list[str], answer: bool) -> None:
    assert read_octets(pa.array(texts)).may_lead_with_zero() is answer
