"""A process that writes an index until somebody ends it: state after state, each whole, each another way."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from data_platform.search.corruption import Damaged
from data_platform.search.document import SearchDocument
from data_platform.search.index import SearchIndex, Writing
from tests.search.given import document


def size(state: int) -> int:
    """How many documents a state has."""
    return 1 + state % 7


def _updated(writing: Writing, documents: list[SearchDocument], mark: str) -> bool:
    """False where a file of a writer that was killed stands in the way."""
    try:
        writing.update([f"p{number}" for number in range(7)], documents, mark)
    except Damaged:
        return False
    return True


def main(folder: Path) -> None:
    index = SearchIndex(folder)
    for state in count(int(index.look() or 0) + 1):
        documents = [document(f"p{number}", f"state{state}") for number in range(size(state))]
        with index.lock_for_writing(10) as writing:
            assert writing is not None
            if not (state % 3 and writing.mark is not None and _updated(writing, documents, str(state))):
                writing.rebuild(documents, str(state))
        print(state, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
