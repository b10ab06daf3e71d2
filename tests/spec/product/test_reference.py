"""One way to name data, taken apart and put together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.spec.product.reference import Reference

names = st.from_regex(r"[a-z][a-z0-9_-]{0,62}", fullmatch=True)
numbers = st.none() | st.integers(1, 10**9 - 1)


@given(names, st.none() | names, numbers, numbers)
def test_what_is_written_is_read_back(product: str, output: str | None, major: int | None, version: int | None) -> None:
    reference = Reference(product, output, major, version)
    assert Reference.parse(str(reference)) == reference


@given(names, names, numbers, numbers)
def test_two_words_are_the_same_as_one(product: str, output: str, major: int | None, version: int | None) -> None:
    whole = Reference(product, output, major, version)
    tail = str(whole).removeprefix(f"{product}.")
    assert Reference.parse(product, tail) == whole
    assert Reference.parse(product, whole.output_name, version) == whole


@given(st.text())
def test_any_text_is_a_reference_or_bad_input(text: str) -> None:
    for read in (Reference.parse, Reference.with_column, lambda text: Reference.parse("p", text)):
        try:
            read(text)
        except BadInput as error:
            assert "PRODUCT[.OUTPUT][@MAJOR][#VERSION]" in str(error)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("orders", ("orders", None, None, None, None)),
        ("orders#3", ("orders", None, None, 3, "")),
        ("orders@2", ("orders", None, 2, None, "@2")),
        ("orders-x.t-1@0#12", ("orders-x", "t-1", 0, 12, "t-1@0")),
    ],
)
def test_parts(text: str, parts: tuple[object, ...]) -> None:
    name = Reference.parse(text)
    assert (name.product, name.output, name.major, name.version, name.output_name) == parts


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.", ".b", "a.b.c", "a@", "a#", "a#0", "a#-1", "a#01", "a@01", "a#1@2", "a.b#x", "a\0", "a\udcff", "a\n",
     "a#" + "9" * 19, "a@" + "9" * 10, None, 7, b"a"],
)  # fmt: skip
def test_what_is_no_reference_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(BadInput) as error:
        Reference.parse(text)
    assert "PRODUCT[.OUTPUT][@MAJOR][#VERSION]" in str(error.value)


def test_a_part_that_is_given_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="names the output, and so does"):
        Reference.parse("p.t", "t")
    with pytest.raises(BadInput, match="names a version, and so does 4"):
        Reference.parse("p.t#3", version=4)
    assert Reference.parse("p.t#3", version=3) == Reference.parse("p", "t", 3)


def test_a_column_may_hold_dots() -> None:
    assert Reference.with_column("p.t@1.a.b") == (Reference("p", "t", 1), "a.b")
    assert Reference.with_column("p") == (Reference("p"), None)


def test_a_version_is_refused_where_it_means_nothing() -> None:
    with pytest.raises(BadInput, match=r"write p\.t@2"):
        Reference.parse("p.t@2#3").refuse_version("lineage")
