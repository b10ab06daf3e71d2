"""The verdict about a product's data, and its gravest reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.quality.trust import Trust, TrustFacts, TrustReason, judge_trust

GOOD = TrustFacts((), breaks_promise=False, score=95.0, is_published=True)
FACTS = st.builds(
    TrustFacts,
    st.lists(st.none() | st.sampled_from(["low", "medium", "high", "critical"]), max_size=3),
    st.booleans(),
    st.none() | st.floats(0, 100),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (GOOD, (Trust.GOOD, None)),
        (replace(GOOD, severities=["low", None]), (Trust.CAUTION, TrustReason.INCIDENT)),
        (replace(GOOD, severities=["low", "high"]), (Trust.BAD, TrustReason.INCIDENT)),
        (replace(GOOD, severities=["low"], breaks_promise=True), (Trust.BAD, TrustReason.BROKEN_PROMISE)),
        (replace(GOOD, score=94.9), (Trust.CAUTION, TrustReason.LOW_SCORE)),
        (replace(GOOD, score=79.9, is_archived=True), (Trust.BAD, TrustReason.LOW_SCORE)),
        (replace(GOOD, is_archived=True), (Trust.CAUTION, TrustReason.ARCHIVED)),
        (replace(GOOD, is_deprecated=True), (Trust.CAUTION, TrustReason.DEPRECATED)),
        (replace(GOOD, score=None), (Trust.UNKNOWN, TrustReason.UNJUDGED)),
        (replace(GOOD, score=None, is_published=False), (Trust.UNKNOWN, TrustReason.UNPUBLISHED)),
    ],
)
def test_the_gravest_reason_decides(facts: TrustFacts, verdict: tuple[Trust, TrustReason | None]) -> None:
    assert judge_trust(facts) == verdict


@given(FACTS)
def test_a_verdict_has_a_reason_but_for_good_data(facts: TrustFacts) -> None:
    level, reason = judge_trust(facts)
    assert (level is Trust.GOOD) == (reason is None)
    if level is Trust.GOOD:
        assert facts.is_published and facts.score is not None and not facts.severities and not facts.breaks_promise


@given(FACTS)
def test_one_more_incident_never_makes_the_verdict_better(facts: TrustFacts) -> None:
    order = [Trust.GOOD, Trust.UNKNOWN, Trust.CAUTION, Trust.BAD]
    worse = replace(facts, severities=[*facts.severities, "critical"])
    assert judge_trust(worse)[0] is Trust.BAD
    assert order.index(judge_trust(worse)[0]) >= order.index(judge_trust(facts)[0])
