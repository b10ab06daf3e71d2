"""The number and the text tell one order, and the number leaves open only what the text then says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.search.document import SearchDocument
from data_platform.search.matching import AROUND
from data_platform.search.question import Question
from data_platform.search.ranking import BY_DATE, BY_USE, Ordering
from tests.search.given import document, filled

RANKED = st.builds(
    document,
    name=st.text(st.sampled_from("ab-._/Z09,{é注"), min_size=1, max_size=7),
    views=st.sampled_from([0, 1, 2**26, 10**15]),
    quality=st.none() | st.sampled_from([0.0, 0.04, 49.9, 99.9, 100.0]),
    published_at=st.none() | st.sampled_from([datetime(year, 1, 1, tzinfo=UTC) for year in (1969, 1970, 2026, 2300)]),
)


@pytest.mark.parametrize("ordering", [BY_USE, BY_DATE])
@given(one=RANKED, other=RANKED)
def test_number_and_text_never_disagree(ordering: Ordering, one: SearchDocument, other: SearchDocument) -> None:
    order, rank = ordering.order, ordering.rank
    assert 0 <= order(one) < 2**64
    if order(one) > order(other):
        assert rank(one) < rank(other)
    if rank(one) == rank(other):
        assert order(one) == order(other)


@pytest.mark.parametrize("many", [AROUND, 5 * AROUND])
def test_pages_of_unpublished_products_are_in_order(tmp_path: Path, many: int) -> None:
    names = [f"product-{number:03d}" for number in range(many)]
    index = filled(tmp_path, map(document, reversed(names)))
    pages = [index.search(Question(limit=7, offset=at, sort="newest")) for at in range(0, many + 7, 7)]
    assert [hit.document.name for page in pages for hit in page.hits] == names


@pytest.mark.parametrize("many", [AROUND, 5 * AROUND])
def test_pages_of_names_that_begin_alike_are_in_order(tmp_path: Path, many: int) -> None:
    names = [f"product-{number:03d}" for number in range(many)]
    index = filled(tmp_path, [document(name, views=number % 2) for number, name in enumerate(reversed(names))])
    pages = [index.search(Question("product", limit=7, offset=at)) for at in range(0, many + 7, 7)]
    assert [hit.document.name for page in pages for hit in page.hits] == names[::2] + names[1::2]
