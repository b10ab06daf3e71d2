"""What masks show, kind by kind and type by type."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from decimal import Decimal
from fractions import Fraction
from math import floor
from unicodedata import category

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.engine.views.characters import split_characters
from data_platform.engine.views.masks import mask_values, show_end
from data_platform.spec.access.masks import Mask, MaskKind
from tests.strategies import texts

KEY = b"k" * 32
TYPES = [
    *(pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.date32(), pa.time64("us")),
    *(pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.string(), pa.binary(), pa.binary(4), pa.decimal128(38, 9)),
    *(pa.list_(pa.string()), pa.map_(pa.string(), pa.int64()), pa.struct([("ssn", pa.string())])),
]


def mask(kind: str, values: list, type: pa.DataType, size: str | None = None) -> list:
    return mask_values(Mask(MaskKind(kind), size and Decimal(size)), pa.array(values, type), KEY).to_pylist()


@pytest.mark.parametrize("kind", list(MaskKind))
@pytest.mark.parametrize("type", TYPES, ids=str)
def test_every_mask_keeps_every_type(kind: MaskKind, type: pa.DataType) -> None:
    values = pa.nulls(3, type)
    masked = mask_values(Mask(kind, Decimal(10)), values, KEY)
    assert (masked.type, len(masked)) == (type, 3)


def test_redact_does_not_tell_nulls_from_values() -> None:
    assert mask("redact", ["ann", None], pa.string()) == ["***", "***"]
    assert mask("redact", [1, None], pa.int64()) == [None, None]
    assert mask("null", ["ann", None], pa.string()) == [None, None]


def test_partial_shows_the_end_of_long_values_only() -> None:
    values = ["", "a", "1234567", "12345678", "123456789", "4929 1234 5678 9012", None]
    assert mask("partial", values, pa.string()) == ["***", "***", "***", "***78", "***789", "***9012", "***"]


def test_partial_does_not_cut_what_a_reader_sees_as_one_character() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert show_end(f"Jose\u0301 Nun\u0303ez{family}") == f"***ez{family}"
    assert split_characters("e\u0301\r\n\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f44d\U0001f3fd") == [
        *("e\u0301", "\r\n", "\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7", "\U0001f44d\U0001f3fd"),
    ]


@pytest.mark.parametrize("blank", [*" \t\0\u00a0\u00ad\u2003\u200b\u2060\u2800\u3164\ufeff", "\U000e0041"])
def test_partial_does_not_count_what_nobody_sees(blank: str) -> None:
    assert show_end(blank * 8 + "1234") == "***"
    assert show_end("1234" + blank * 20) == "***"
    assert show_end(blank.join("12345678")) == f"***{blank}8"


@given(texts | st.text("ae\u0301\u200d\U0001f1e9\U0001f3fd\n\r각", max_size=30))
def test_partial_shows_at_most_a_third_and_four_characters(text: str) -> None:
    characters, shown = split_characters(text), show_end(text).removeprefix("***")
    assert "".join(characters) == text
    assert text.endswith(shown)
    visible = [character for character in characters if any(category(char)[0] not in "CZM" for char in character)]
    assert len(split_characters(shown)) <= min(4, len(visible) // 3)
    assert not shown or len(visible) >= 8


def test_a_hash_is_keyed_and_the_same_wherever_the_value_stands() -> None:
    (first, again, other, none) = mask("hash", ["ann", "ann", "bob", None], pa.string())
    assert first == again != other
    assert none is None
    assert first == hmac.new(KEY, b"text\0ann", hashlib.sha256).hexdigest()
    assert first != hashlib.sha256(b"ann").hexdigest()
    assert mask_values(Mask(MaskKind.HASH), pa.array(["ann"]), b"o" * 32).to_pylist() != [first]
    numbers = mask("hash", [7, 7, 8, None], pa.int64())
    assert numbers[0] == numbers[1] != numbers[2]
    assert all(0 <= number < 2**63 for number in numbers[:3])


def test_a_year_is_its_first_moment() -> None:
    dates = [dt.date(1969, 12, 31), dt.date(2000, 2, 29), dt.date(1, 1, 1), None]
    assert mask("year", dates, pa.date32()) == [dt.date(1969, 1, 1), dt.date(2000, 1, 1), dt.date(1, 1, 1), None]
    moment = dt.datetime(1969, 5, 6, 7, 8, 9, 10, tzinfo=dt.UTC)
    assert mask("year", [moment], pa.timestamp("us", "UTC")) == [dt.datetime(1969, 1, 1, tzinfo=dt.UTC)]
    assert mask("year", ["1969"], pa.string()) == [None]


def test_buckets_are_exact() -> None:
    money = [Decimal("-0.01"), Decimal("10.00"), Decimal("9.99"), None]
    assert mask("bucket", money, pa.decimal128(9, 2), "10") == [Decimal("-10.00"), Decimal("10.00"), Decimal(0), None]
    assert mask("bucket", [0.3, 0.7, -0.05, 0.1 + 0.2], pa.float64(), "0.1") == [0.3, 0.7, -0.1, 0.3]
    assert mask("bucket", [0.7], pa.float32(), "0.1") == [pytest.approx(0.7)]
    assert mask("bucket", [float("nan"), float("inf"), float("-inf"), None], pa.float64(), "10") == [None] * 4
    assert mask("bucket", [-1, 17, -(2**63), 2**63 - 1], pa.int64(), "10") == [-10, 10, None, 2**63 - 8]
    assert mask("bucket", [5], pa.int32(), "2.5") == [5]
    assert mask("bucket", [3], pa.int32(), "2.5") == [None]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 2**40))
def test_a_bucket_is_a_multiple_not_above_the_value(value: int, size: int) -> None:
    (bucket,) = mask("bucket", [value], pa.int64(), str(size))
    expected = floor(Fraction(value, size)) * size
    assert bucket == (expected if expected >= -(2**63) else None)


@given(st.floats(width=64))
def test_no_float_is_refused(value: float) -> None:
    assert len(mask("bucket", [value], pa.float64(), "0.000001")) == 1


def test_a_bucket_beyond_the_type_is_null() -> None:
    assert mask("bucket", [-1.797e308, -1.7976931348623157e308], pa.float64(), "1e300") == [-1.797e308, None]
    assert mask("bucket", [-3.4e38, 3.4e38], pa.float32(), "1e38") == [None, pytest.approx(3e38)]


WIDTHS = {pa.bool_(): 1, pa.binary(4): 4, pa.decimal128(38, 9): 16}
sizes = st.sampled_from(["1e-400", "1e-5", "3", "1e300", "1e5000"]) | st.decimals(min_value=0, allow_nan=False).map(str)


@given(
    st.sampled_from([one for one in TYPES if not pa.types.is_nested(one)]),
    st.sampled_from(MaskKind),
    sizes,
    st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=4),
)
def test_no_mask_of_any_bits_raises(type: pa.DataType, kind: MaskKind, size: str, words: list[bytes]) -> None:
    """An error would tell of a value that the reader may not see."""
    if type in (pa.string(), pa.binary()):
        values = pa.array(words, pa.binary()).view(type)
    else:
        width = WIDTHS.get(type) or type.bit_width // 8
        bits = pa.py_buffer(b"".join(word[:width] for word in words))
        values = pa.Array.from_buffers(type, len(words), [None, bits])
    masked = mask_values(Mask(kind, Decimal(size)), values, KEY)
    assert (masked.type, len(masked)) == (type, len(words))


@pytest.mark.parametrize("size", [None, "0", "-1", "NaN"])
def test_a_bucket_without_a_width_shows_nothing(size: str | None) -> None:
    assert mask("bucket", [1], pa.int64(), size) == [None]
