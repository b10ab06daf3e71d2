"""How people name outputs and their majors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.spec.product.output_names import OutputName

names = st.text(st.characters(exclude_characters="@#"), min_size=1)
majors = st.none() | st.integers(0, 999_999_999)
likely = st.text("t@#012 -", max_size=8)


@given(st.text() | likely)
def test_whatever_people_write_is_a_name_or_refused_and_none_is_read_as_another(text: str) -> None:
    try:
        found = OutputName.parse(text)
    except BadInput as refused:
        assert refused.hint is not None and "orders_fact@2" in refused.hint
    else:
        assert str(found) == text


@given(names, majors)
def test_a_name_with_or_without_major_is_read_as_it_was_written(name: str, major: int | None) -> None:
    assert OutputName.parse(str(OutputName(name, major))) == OutputName(name, major)


@pytest.mark.parametrize(
    "text",
    ["#1", "t@", "t@01", "t@-1", "t@+1", "t@1.0", "t@\u0661", "t@1 ", "t@1\n", "t@1@2", "t#1", "t@9999999999"],
)
def test_what_is_neither_is_refused_with_what_was_written(text: str) -> None:
    with pytest.raises(BadInput, match="is not OUTPUT or OUTPUT@MAJOR"):
        OutputName.parse(text)
