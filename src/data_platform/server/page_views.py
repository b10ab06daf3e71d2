"""Notes views of product pages beside the pages: a thread writes them, and no page waits for the record."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Lock, Thread

from data_platform.errors import DataPlatformError
from data_platform.record.operations.page_views import number_hour
from data_platform.verbs.catalog.page_views import ViewPage
from data_platform.verbs.core.context import Context
from data_platform.verbs.dispatch import dispatch

_WAITING = 1_000
_REMEMBERED = 100_000
_IDLE_SECONDS = 1.0


class PageViews:
    """The views of one process. Those of an hour that were noted are remembered, so that few reach the record.

    When more views wait than the record takes, further ones are not counted.
    """

    def __init__(self) -> None:
        self._queue: Queue[tuple[Context, str]] = Queue(_WAITING)
        self._noted: set[tuple[str, str, int]] = set()
        self._lock = Lock()
        self._thread: Thread | None = None

    def note(self, context: Context, product: str) -> None:
        """Notes that the caller looks at the page of a product."""
        view = (context.principal.name, product, number_hour(context.clock()))
        with self._lock, suppress(Full):
            if view in self._noted:
                return
            self._queue.put_nowait((context, product))
            if len(self._noted) >= _REMEMBERED:
                self._noted.clear()
            self._noted.add(view)
            if self._thread is None:
                self._thread = Thread(target=self._write, name="page views", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Waits until what was noted is written."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _write(self) -> None:
        while True:
            try:
                context, product = self._queue.get(timeout=_IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if self._queue.empty():
                        self._thread = None
                        return
                continue
            with suppress(DataPlatformError):
                dispatch(context, ViewPage(product))
