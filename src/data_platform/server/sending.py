"""Replies as responses. Chunks are computed while the caller takes them: one at a time, in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from data_platform.server.bodies.incoming import CallerGone
from data_platform.server.bodies.leaving import interrupt_when_gone
from data_platform.server.replies import Reply

if TYPE_CHECKING:
    from data_platform.server.calling import Calling

_END = b""


def send_reply(reply: Reply, calling: Calling) -> Response:
    """The response that sends the reply."""
    if reply.chunks is None:
        return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)
    return ChunkedResponse(reply, reply.chunks, calling)


class ChunkedResponse(Response):
    """Sends the chunks; for a caller who is gone, what computes them is ended at once."""

    def __init__(self, reply: Reply, chunks: Iterator[bytes], calling: Calling) -> None:
        super().__init__(None, reply.status, dict(reply.headers), reply.media_type)
        del self.headers["content-length"]
        self._reply, self._chunks, self._calling = reply, chunks, calling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response; raises CallerGone."""
        interruption = self._reply.interruption
        try:
            async with interrupt_when_gone(receive, interruption):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                while chunk := await self._calling.compute(partial(next, self._chunks, _END)):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    if interruption.is_set:
                        raise CallerGone
        finally:
            await self._calling.discard(self._reply)
        await send({"type": "http.response.body", "body": b""})
