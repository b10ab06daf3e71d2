from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data_platform.server.limits.pages import Page
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.registry.page_orders import PAGE_ORDERS, WHOLE_LISTS
from data_platform.verbs.runs.history import ListRuns
from data_platform.verbs.wire.messages import answer_type
from data_platform.verbs.wire.paging import read_next_link

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """What pages know of a run: it begins at one of a few moments."""

    id: str

    @property
    def started_at(self) -> datetime:
        return NOON + timedelta(seconds=int(self.id) % 5 / 3)


def sort(ids: set[int]) -> list[Run]:
    """Runs as the verb lists them."""
    return sorted((Run(f"{id:04}") for id in ids), key=lambda run: (-run.started_at.timestamp(), run.id))


_CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=8)


@given(st.sets(st.integers(0, 60)), st.integers(1, 7), st.lists(_CHANGES, max_size=60))
def test_a_walk_shows_each_item_that_stays_once(
    start: set[int], size: int, changes: list[list[tuple[bool, int]]]
) -> None:
    present, stayed = set(start), set(start)
    shown: list[str] = []
    query: tuple[tuple[str, str], ...] | None = (("state", "failed"), ("limit", str(size)))
    steps = iter(changes)
    while query is not None:
        page = Page.open(VERBS["ListRuns"], query)
        assert page is not None
        items, headers = page.cut(sort(present))
        assert len(items) <= size
        shown += [run.id for run in items]
        query = read_next_link(headers.get("Link"))
        for is_added, id in next(steps, ()):
            (present.add if is_added else present.discard)(id)
            if not is_added:
                stayed.discard(id)
    assert len(shown) == len(set(shown)) or stayed != start
    assert {f"{id:04}" for id in stayed} <= set(shown)
    assert all(shown.count(f"{id:04}") == 1 for id in stayed)


def test_the_next_page_of_runs_asks_the_verb_for_what_is_behind_the_last() -> None:
    query = (("state", "failed"), ("limit", "2"))
    first = Page.open(VERBS["ListRuns"], query)
    assert first is not None
    items, headers = first.cut(sort([1, 2, 3]))
    second = Page.open(VERBS["ListRuns"], read_next_link(headers["Link"]) or ())
    assert second is not None
    request = ListRuns(state="failed")
    assert first.narrow(request) == replace(request, limit=3)
    assert second.narrow(request) == replace(request, limit=3, before=items[-1].started_at, behind=items[-1].id)


def test_every_served_list_has_pages_or_a_reason() -> None:
    lists = {
        name
        for name, verb in VERBS.items()
        if verb.served
        and verb.method == "GET"
        and getattr(answer_type(load_request(name)), "__origin__", None) in (list, tuple)
    }
    assert lists == PAGE_ORDERS.keys() | WHOLE_LISTS.keys()


def test_the_key_of_each_list_has_a_json_form() -> None:
    for name in PAGE_ORDERS:
        page = Page.open(VERBS[name], ())
        assert page is not None
        assert len(page._forms()) == len(PAGE_ORDERS[name])
