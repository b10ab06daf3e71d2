"""The guards that every call passes: the rate of its principal, its heavy calls, and conditional requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from math import ceil
from typing import Self

from data_platform.errors import LimitExceeded
from data_platform.server.limits.conditions import REVISED
from data_platform.server.limits.heavy import HEAVY, QUERIES, too_many_calls, too_many_queries
from data_platform.server.limits.shared import SharedCounters
from data_platform.server.parts import Arrival, Guard, ServedCall
from data_platform.server.replies import Reply
from data_platform.settings.server import ServerSettings

_HINT = "ask less often, or raise requests_per_second under [server] in settings.toml"


def make_guards(counters: SharedCounters, settings: ServerSettings) -> Sequence[Guard]:
    """The guards of a server, the outermost first."""
    return [
        RateLimit(counters, settings.requests_per_second),
        HeavyCalls(counters, settings.heavy_calls),
        RunningQueries(counters, settings.queries),
        EntityTags(),
    ]


class RateLimit:
    """A token bucket for each principal, over all processes of the server; it holds the requests of two seconds."""

    def __init__(self, counters: SharedCounters, rate: int) -> None:
        self._counters, self._rate = counters, rate

    def admit(self, arrival: Arrival) -> None:
        """Raises LimitExceeded for a principal who asks too often."""
        wait = self._counters.take(f"principal {arrival.principal.name}", self._rate, self._rate * 2)
        if wait:
            raise LimitExceeded(
                f"{arrival.principal.name} sends more than {self._rate} requests a second",
                retry_after=max(1, ceil(wait)),
                hint=_HINT,
            )

    def answer(self, call: ServedCall, proceed: Callable[[], Reply]) -> Reply:
        """The reply."""
        return proceed()


class StrangerLimit:
    """A token bucket for each address from which requests without a valid token come."""

    def __init__(self, counters: SharedCounters, per_minute: int) -> None:
        self._counters, self._per_minute = counters, per_minute

    def __call__(self, address: str) -> None:
        """Counts a request whose caller is not known; raises LimitExceeded where there are too many."""
        wait = self._counters.take(f"address {address}", self._per_minute / 60, self._per_minute)
        if wait:
            raise LimitExceeded(
                f"more than {self._per_minute} requests a minute without a valid token came from {address}",
                retry_after=max(1, ceil(wait)),
                hint="see which token the caller sends",
            )


class SignInLimit:
    """A token bucket for each address from which people sign in."""

    def __init__(self, counters: SharedCounters, per_minute: int) -> None:
        self._counters, self._per_minute = counters, per_minute

    def __call__(self, address: str) -> None:
        """Counts a request to a page of sign-in; raises LimitExceeded where there are too many."""
        wait = self._counters.take(f"sign-in {address}", self._per_minute / 60, self._per_minute)
        if wait:
            raise LimitExceeded(
                f"more than {self._per_minute} requests to sign in came from {address} in a minute",
                retry_after=max(1, ceil(wait)),
                hint="wait, or raise sign_in_requests_per_minute under [server] in settings.toml",
            )


class HeavyCalls:
    """The calls of one principal that read or write data at one time; rows count until they are sent."""

    def __init__(self, counters: SharedCounters, most: int) -> None:
        self._counters, self._most = counters, most

    def admit(self, arrival: Arrival) -> None:
        """Nothing: a call counts once its request is read."""

    def answer(self, call: ServedCall, proceed: Callable[[], Reply]) -> Reply:
        """The reply; raises LimitExceeded where too many calls run."""
        if call.arrival.verb.request not in HEAVY:
            return proceed()
        name = call.arrival.principal.name
        id = self._counters.enter(f"heavy {name}", self._most)
        if id is None:
            raise too_many_calls(name, self._most)
        return _count_until_sent(proceed, lambda: self._counters.leave(id))


class RunningQueries:
    """The queries of all principals at one time: each has a process, which may need much memory."""

    def __init__(self, counters: SharedCounters, most: int) -> None:
        self._counters, self._most = counters, most

    def admit(self, arrival: Arrival) -> None:
        """Nothing: a query counts once its request is read."""

    def answer(self, call: ServedCall, proceed: Callable[[], Reply]) -> Reply:
        """The reply; raises TooManyQueries where all places are taken."""
        if call.arrival.verb.request not in QUERIES:
            return proceed()
        id = self._counters.enter("queries", self._most)
        if id is None:
            raise too_many_queries(self._most)
        return _count_until_sent(proceed, lambda: self._counters.leave(id))


def _count_until_sent(proceed: Callable[[], Reply], leave: Callable[[], None]) -> Reply:
    """The reply; calls `leave` once all of it is sent, or fails."""
    try:
        reply = proceed()
    except BaseException:
        leave()
        raise
    if reply.chunks is None:
        leave()
    else:
        reply.chunks = _Counted(reply.chunks, leave)
    return reply


class _Counted:
    """Chunks that call `leave` when they are closed, also if nobody took one."""

    def __init__(self, chunks: Iterator[bytes], leave: Callable[[], None]) -> None:
        self._chunks, self._leave = chunks, leave

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Ends the call."""
        try:
            self._chunks.close()  # type: ignore[attr-defined]  # it is a generator
        finally:
            self._leave()


class EntityTags:
    """A strong ETag for each answer that is read, of its bytes and of who asked (RFC 9110, section 8.8.3).

    An answer differs by principal, by what access control shows them, and by media type: all of it is in the bytes or
    in the name. So a cache keeps it for its caller alone, and asks each time.
    """

    def admit(self, arrival: Arrival) -> None:
        """Nothing."""

    def answer(self, call: ServedCall, proceed: Callable[[], Reply]) -> Reply:
        """The reply, or 304 without a body where the caller has it."""
        reply = proceed()
        if call.arrival.verb.request in REVISED:
            reply.headers["ETag"] = f'"{json.loads(reply.body)["revision"]}"'
        if call.arrival.verb.method != "GET" or reply.chunks is not None or reply.status != 200:
            return reply
        tag = _make_tag(call, reply)
        headers = {"ETag": tag, "Vary": "Authorization, Accept, Cookie", "Cache-Control": "private, no-cache"}
        if _is_among(tag, call.arrival.headers.get("if-none-match")):
            return Reply(status=304, media_type=reply.media_type, headers={**reply.headers, **headers})
        reply.headers.update(headers)
        return reply


def _make_tag(call: ServedCall, reply: Reply) -> str:
    if call.arrival.verb.request == "ShowPolicies":
        return f'"{json.loads(reply.body)["revision"]["revision"]}"'
    digest = sha256()
    for part in (call.arrival.principal.name, reply.media_type, reply.headers.get("Link", "")):
        digest.update(sha256(part.encode()).digest())
    digest.update(reply.body)
    return f'"{digest.hexdigest()[:32]}"'


def _is_among(tag: str, header: str | None) -> bool:
    """Whether If-None-Match names the tag, by weak comparison (RFC 9110, section 13.1.2)."""
    if header is None:
        return False
    listed = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in listed or tag in listed
