"""The progress of a call as server-sent events (HTML, 9.2), which end with its answer or its problem."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from threading import Lock

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from data_platform.errors import DataPlatformError
from data_platform.server.problem_replies import HttpProblem, describe_problem
from data_platform.server.replies import Reply
from data_platform.server.rows.media_types import EVENTS
from data_platform.verbs.core.attachments import Progress
from data_platform.verbs.wire.messages import write_json

OnProgress = Callable[[Progress], None]
_QUIET_SECONDS = 15.0
_ALIVE = b": alive\n\n"


class EventResponse(Response):
    """Runs `call` and sends its events. The body of the request may still be read meanwhile, by the call."""

    media_type = EVENTS

    def __init__(self, call: Callable[[OnProgress], Awaitable[Reply]], request_id: str) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._call, self._request_id = call, request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the events."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in self._iterate():
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _iterate(self) -> AsyncIterator[bytes]:
        steps = _Steps()
        task = asyncio.ensure_future(self._call(steps.add))
        task.add_done_callback(lambda _: steps.wake())
        while not task.done():
            if not await steps.wait(_QUIET_SECONDS):
                yield _ALIVE
            for progress in steps.take():
                values = {"step": progress.step, "done": progress.done, "total": progress.total}
                yield _format_event("progress", write_json(values))
        for progress in steps.take():
            yield _format_event(
                "progress", write_json({"step": progress.step, "done": progress.done, "total": progress.total})
            )
        try:
            yield _format_event("answer", (await task).body)
        except (DataPlatformError, HttpProblem) as error:
            _, _, problem = describe_problem(error, self._request_id)
            yield _format_event("problem", write_json(problem))


class _Steps:
    """Progress from the thread of the call to the event loop; of one step, only the newest count is kept."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._waiting: deque[Progress] = deque()
        self._changed = asyncio.Event()

    def add(self, progress: Progress) -> None:
        """Takes an event; called by the thread."""
        with self._lock:
            if self._waiting and self._waiting[-1].step == progress.step:
                self._waiting.pop()
            self._waiting.append(progress)
        self._loop.call_soon_threadsafe(self._changed.set)

    def wake(self) -> None:
        """Ends the wait."""
        self._changed.set()

    async def wait(self, seconds: float) -> bool:
        """Whether there is something new within that time."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def take(self) -> list[Progress]:
        """The events since the last call."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken


def _format_event(kind: str, data: bytes) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
