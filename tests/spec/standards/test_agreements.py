"""Access agreements as RFC 0056 of Bitol has them: what is written is read back, and what is wrong is named by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.spec.standards.agreements import AccessAgreement, read_agreements, write_agreements

EXAMPLE = """\
apiVersion: v0.9.0
kind: AccessAgreement
id: 8f5d1c2a-4b3e-4a91-9d7c-6e2f0a1b3c4d
name: Orders for a model
version: 1.1.0
status: approved
description:
  purpose: Classify users by their orders.
  limitations: Results must not be resold.
startTimestamp: 2026-07-01T00:00:00Z
endTimestamp: 2027-06-30T23:59:59Z
nextReassessmentTimestamp: 2027-01-01T00:00:00Z
provider:
  teamId: sales
  dataProductId: orders
  outputPortId: orders_fact
consumer:
  teamId: marketing
roles:
  - role: orders.analyst.read
tags: [gdpr-relevant]
"""
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\x85\u2028\u2029"),
    min_size=1,
).filter(str.strip)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@st.composite
def agreements(draw: st.DrawFn) -> AccessAgreement:
    name = draw(TEXT)
    is_team = draw(st.booleans())
    return AccessAgreement(
        id=draw(TEXT),
        status=draw(st.sampled_from(["requested", "approved", "rejected"])),
        purpose=draw(TEXT),
        provider=draw(TEXT),
        product=draw(TEXT),
        output=draw(TEXT),
        team=name if is_team else None,
        user=None if is_team else name,
        starts_at=draw(st.none() | MOMENTS),
        ends_at=draw(st.none() | MOMENTS),
        review_at=draw(st.none() | MOMENTS),
        terms=draw(st.none() | TEXT),
        columns=draw(st.none() | st.lists(TEXT, min_size=1, unique=True).map(tuple)),
        opens_personal_data=draw(st.booleans()),
    )


@given(st.lists(agreements(), min_size=1, max_size=4))
def test_what_is_written_is_read_back(written: list[AccessAgreement]) -> None:
    assert list(read_agreements("agreements.yaml", write_agreements(written))) == written


def test_a_document_of_the_rfc_is_read() -> None:
    (read,) = read_agreements("a.yaml", EXAMPLE)
    assert (read.product, read.output, read.team, read.user) == ("orders", "orders_fact", "marketing", None)
    assert read.ends_at == datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert (read.review_at, read.columns) == (datetime(2027, 1, 1, tzinfo=UTC), None)
    assert read.starts_at is not None
    assert read.starts_at.utcoffset() == timedelta(0)


def test_all_problems_of_all_documents_are_named_by_line() -> None:
    second = EXAMPLE.replace("approved", "granted").replace(
        "  teamId: marketing", "  userId: ana@x\n  teamId: marketing"
    )
    third = EXAMPLE.replace("  purpose: Classify users by their orders.\n", "").replace("2027-06-30T23:59:59Z", "soon")
    with pytest.raises(InvalidSpec) as wrong:
        read_agreements("a.yaml", f"{EXAMPLE}---\n{second}---\n{third}")
    lines = EXAMPLE.count("\n") + 1
    assert [(problem.line, problem.message) for problem in wrong.value.problems] == [
        (lines + 6, "`status` must be one of requested, approved, rejected"),
        (lines + 18, "`consumer` must name a `teamId` or a `userId`"),
        (2 * lines + 9, "`purpose` is missing"),
        (2 * lines + 11, "`endTimestamp` must be a timestamp"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("kind: DataContract", "this is no AccessAgreement"),
        ("[1, 2]", "is a mapping of fields"),
        (EXAMPLE.replace("v0.9.0", "v9"), r"`apiVersion` must be v0\.9\.0"),
        ("a: *b", "b"),
    ],
)
def test_what_is_no_agreement_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidSpec, match=message):
        read_agreements("a.yaml", text)
