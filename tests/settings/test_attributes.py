"""Attributes as they are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.settings.attributes import (
    AttributeValue,
    format_value,
    name_type,
    parse_attribute,
    parse_typed,
    parse_value,
    write_attribute_value,
)

values = (
    st.integers(-(10**17), 10**17)
    | st.booleans()
    | st.dates()
    | st.decimals(-1000, 1000, places=2)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)
    | st.sampled_from(["3", "true", "2026-01-31", "'x'", "1.5", "-0"])
)


@given(values)
def test_a_value_is_stored_and_written_without_loss(value: AttributeValue) -> None:
    for again in (parse_typed(name_type(value), format_value(value)), parse_value(write_attribute_value(value))):
        assert (type(again), again) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("region=EU", "EU"),
        ("level=3", 3),
        ("share=1.5", Decimal("1.5")),
        ("open=true", True),
        ("since=2026-01-31", date(2026, 1, 31)),
        ("zip='3011'", "3011"),
        ("zip=03011", "03011"),
        ("day=2026-13-41", "2026-13-41"),
        ("sum=a=b", "a=b"),
    ],
)
def test_the_form_says_the_type(text: str, value: AttributeValue) -> None:
    name, read = parse_attribute(text)
    assert name == text.partition("=")[0]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize("text", ["region", "=x", "a b=x", "region=", "1a=x", "x=" + "y" * 2000, "x=\n", "n=a\u0000"])
def test_what_is_no_attribute_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_attribute(text)
