"""The index as a whole: its content, its updates, and its answers.

A `mark` is a text of the caller: here, the place in the record's change sequence up to which the index is complete.
It is committed together with the documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tantivy import Index, IndexWriter, Searcher

from data_platform.search.corruption import Damaged, detect_damage
from data_platform.search.document import SearchDocument
from data_platform.search.index_generations import Shelf
from data_platform.search.matching import search_page
from data_platform.search.query import match_marks
from data_platform.search.question import Found, Question
from data_platform.search.schema import MARK, SCHEMA, VERSION, Filed, mark_document, to_fields, to_tantivy

_HEAP = 15_000_000
_BIG_HEAP = 100_000_000
_MEMORY = "memory"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _View:
    """One state of the index, not affected by later writes."""

    generation: str
    index: Index
    searcher: Searcher
    mark: str


class SearchIndex:
    """The index in a folder; threads and processes may share it.

    Where the folder cannot be written, the index is kept in this process's memory.
    """

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder, VERSION)
        self._view: _View | None = None
        self._distrusted: str | None = None

    @property
    def mark(self) -> str | None:
        """The mark of the state that `search` answers from; None while there is none."""
        return self._view.mark if self._view else None

    def is_at(self, mark: str) -> bool:
        """Whether the index is at that mark, as this or any other process last left it."""
        return self.mark == mark or self.look() == mark

    def look(self) -> str | None:
        """Reloads what other processes wrote, and returns the mark."""
        view = self._view
        in_memory = view is not None and view.generation == _MEMORY
        self._view = _open_view(_MEMORY, view.index) if view and in_memory else self._open_current()
        return self.mark

    def search(self, question: Question) -> Found:
        """The answer; raises Damaged where the index cannot give it."""
        view = self._view
        if view is None:
            raise Damaged("there is no index")
        with detect_damage():
            return search_page(view.searcher, question)

    def mark_damaged(self) -> None:
        """Marks the current generation as damaged: the next writer rebuilds it."""
        self._distrusted = self._view.generation if self._view else None
        self._view = None

    @contextmanager
    def lock_for_writing(self, patience: float) -> Iterator[Writing | None]:
        """The exclusive right to write; None when others kept it for `patience` seconds.

        Raises Damaged where the folder cannot be written to: `move_to_memory` continues without it.
        """
        if self._view is not None and self._view.generation == _MEMORY:
            yield Writing(self, None)
            return
        with self._shelf.lock_for_writing(patience) as locked:
            if locked:
                self.look()
            yield Writing(self, self._shelf) if locked else None

    def move_to_memory(self) -> None:
        """Continues with an empty index in memory, marked "", which must be rebuilt next."""
        self.keep_in_memory((), "")

    def keep_in_memory(self, documents: Iterable[Filed], mark: str) -> None:
        """Makes an index of these documents that no other process sees."""
        index = _without_reloads(Index(SCHEMA))
        _write(index, _BIG_HEAP, lambda writer: _add(writer, documents, mark))
        self._view = _open_view(_MEMORY, index)

    def _open_current(self) -> _View | None:
        for _ in range(_TRIES):  # a generation may be swept away between reading the pointer and following it
            name = self._shelf.read_current()
            if name is None or name == self._distrusted:
                return None
            try:
                with detect_damage():
                    view = self._view
                    same = view is not None and view.generation == name
                    return _open_view(name, view.index if view and same else self._open_index(name))
            except Damaged:
                if name == self._shelf.read_current():
                    self._distrusted = name
        return None

    def _open_index(self, generation: str) -> Index:
        return _without_reloads(Index.open(str(self._shelf.path(generation))))


class Writing:
    """The one writer of the index, until its `with` block ends."""

    def __init__(self, index: SearchIndex, shelf: Shelf | None) -> None:
        self._index = index
        self._shelf = shelf

    @property
    def mark(self) -> str | None:
        """The mark of the index; None when it must be rebuilt."""
        return self._index.mark

    def rebuild(self, documents: Iterable[SearchDocument], mark: str) -> None:
        """Replaces all that the index holds, once the last document is in; raises Damaged where it cannot be kept."""
        self.refill(map(to_fields, documents), mark)

    def refill(self, documents: Iterable[Filed], mark: str) -> None:
        """As `rebuild`, of documents that are filed already."""
        if self._shelf is None:
            self._index.keep_in_memory(documents, mark)
            return
        with detect_damage():
            name = self._shelf.begin()
            index = Index(SCHEMA, str(self._shelf.path(name)))
            _write(index, _BIG_HEAP, lambda writer: _add(writer, documents, mark))
            self._shelf.set_current(name)
        self._index.look()

    def update(self, names: Collection[str], documents: Iterable[SearchDocument], mark: str) -> None:
        """Replaces the documents of `names` by `documents`, in one commit; raises Damaged."""
        view = self._index._view
        if view is None:
            raise Damaged("there is no index to update")

        def apply_change(writer: IndexWriter) -> None:
            for name in ("", *names):
                writer.delete_documents_by_term("id", name)
            _add(writer, map(to_fields, documents), mark)

        with detect_damage():
            _write(view.index, _HEAP, apply_change)
        self._index.look()


def _write(index: Index, heap: int, change: Callable[[IndexWriter], None]) -> None:
    """One commit, or none; tantivy's own `with` would commit what was written before an exception."""
    writer = index.writer(heap, num_threads=1)
    try:
        change(writer)
        writer.commit()
    finally:
        writer.wait_merging_threads()  # and releases tantivy's lock


def _add(writer: IndexWriter, documents: Iterable[Filed], mark: str) -> None:
    for document in documents:
        writer.add_document(to_tantivy(document))
    writer.add_document(mark_document(mark))


def _without_reloads(index: Index) -> Index:
    """The index, which shows what others wrote when it is told to. Only before threads share it can this be set."""
    index.config_reader("manual")
    return index


def _open_view(generation: str, index: Index) -> _View:
    index.reload()
    searcher = index.searcher()
    hits = searcher.search(match_marks(), limit=1).hits
    if not hits:
        raise Damaged("the index does not say what it holds")
    mark: str = searcher.doc(hits[0][1])[MARK][0]
    return _View(generation, index, searcher, mark)
