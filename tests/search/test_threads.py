"""Threads share one index: each may search, and see what others wrote, at any moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data_platform.search.index import SearchIndex


def test_threads_reload_one_index_at_the_same_time(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "search")
    with index.lock_for_writing(5) as writing:
        assert writing is not None
        writing.rebuild((), "1")

    def look(_: int) -> str | None:
        return index.look()

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(look, range(800))) == {"1"}
