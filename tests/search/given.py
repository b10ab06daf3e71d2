"""Documents to find, and an index that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data_platform.search.document import OutputEntry, SearchDocument
from data_platform.search.index import SearchIndex
from data_platform.search.question import Filters, Question


def document(name: str, description: str | None = None, *columns: str, **more: Any) -> SearchDocument:
    """A product of one table with those columns."""
    facts = {"domain": "sales", "owner": "ana@x", "outputs": (OutputEntry("t", "table", columns),)}
    return SearchDocument(name=name, description=description, **facts | more)


def filled(folder: Path, documents: Iterable[SearchDocument], mark: str = "1") -> SearchIndex:
    """A new index of the documents."""
    index = SearchIndex(folder)
    with index.lock_for_writing(1) as writing:
        assert writing is not None
        writing.rebuild(documents, mark)
    return index


def names(index: SearchIndex, text: str = "", **filters: Any) -> list[str]:
    """All that is found, in order."""
    return [hit.document.name for hit in index.search(Question(text, Filters(**filters), limit=None)).hits]
