"""However often a caller repeats an act, its entries are few, and a later one counts the rest."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from data_platform.verbs.core.entry_limit import MOST_IN_WINDOW, WINDOW, Admission, EntryLimit
from tests.meshes import NOON


def test_a_kind_has_one_entry_a_minute_and_the_next_one_counts() -> None:
    limit = EntryLimit()
    assert limit.admit("ana", "read", NOON) == Admission(1, 0)
    assert limit.admit("ana", "read", NOON + timedelta(seconds=59)) is None
    assert limit.admit("bea", "read", NOON) == Admission(1, 0)
    assert limit.admit("ana", "read", NOON + WINDOW) == Admission(2, 0)


def test_a_principal_has_ten_entries_a_minute_whatever_they_are_about() -> None:
    limit = EntryLimit()
    admitted = [limit.admit("ana", number, NOON) for number in range(100)]
    assert sum(admission is not None for admission in admitted) == MOST_IN_WINDOW
    assert limit.admit("ana", "new", NOON + WINDOW) == Admission(1, 90)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 30)), max_size=200))
def test_every_act_is_counted_once(acts: list[tuple[int, int]]) -> None:
    limit, now, counted = EntryLimit(), NOON, 0
    entries = []
    for kind, seconds in acts:
        now += timedelta(seconds=seconds)
        if admission := limit.admit("ana", kind, now):
            entries.append(now)
            counted += admission.count + admission.others
    assert counted <= len(acts)
    for at in entries:
        assert sum(at <= other < at + WINDOW for other in entries) <= MOST_IN_WINDOW
    final = sum(a.count for k in range(13) if (a := limit.admit(str(k), k, now + WINDOW)))
    assert final == 13


def test_the_memory_is_bounded() -> None:
    limit = EntryLimit()
    for number in range(30_000):
        limit.admit(f"p{number}", "read", NOON)
    assert len(limit._kinds) <= 10_000
