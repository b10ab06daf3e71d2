"""What the app is made of: the mesh, who may ask, and the guards that every call passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from data_platform.server.replies import Reply
from data_platform.settings import Principal
from data_platform.verbs.core.attachments import Sender
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.request import Request
from data_platform.verbs.verb import Verb

Resolver = Callable[[HTTPConnection, str | None], Principal | None]
"""Who is asking, by something else than a token: a session's cookie. None where the request has no such thing.

The text is the proof of a form that a page of this server sent it; requests of programs have it in a header.
"""
Authenticate = Callable[[str], Principal | None]
"""The principal of a token; None for one that is not valid."""


def ignore_stranger(address: str) -> None:
    """Does nothing with a request whose caller is not known."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request whose caller is established, before its body is read. `headers` go by lower-case names."""

    verb: Verb
    principal: Principal
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ServedCall:
    """A decoded request of one caller."""

    arrival: Arrival
    request: Request[object]
    context: Context


class Guard(Protocol):
    """Something that every call passes: a rate limit, a quota, an ETag. Both methods run in a thread of the call."""

    def admit(self, arrival: Arrival) -> None:
        """Raises an error of ours, such as LimitExceeded, to refuse a call before its body is read."""

    def answer(self, call: ServedCall, proceed: Callable[[], Reply]) -> Reply:
        """The reply of `proceed`, or another one; called after `admit`. Rows of a reply are not computed yet."""


@dataclass(frozen=True, slots=True)
class ServerParts:
    """The parts of one server process.

    `allowed_hosts` are the values that the header Host may have, without a port. `resolvers` are asked in order where a
    request has no token. `guards` wrap each other, the first one outermost.
    """

    mesh: Mesh
    authenticate: Authenticate
    allowed_hosts: frozenset[str] = frozenset(["127.0.0.1", "[::1]", "localhost"])
    resolvers: Sequence[Resolver] = ()
    guards: Sequence[Guard] = ()
    on_stranger: Callable[[str], None] = ignore_stranger
    """Called with the address of a request whose caller is not known; may raise LimitExceeded."""
    find_form_token: Callable[[HTTPConnection], str | None] = lambda http: None
    """The proof that forms of the session of a request have to send; None without a session."""
    senders: Mapping[str, Sender] = field(default_factory=dict)
    has_open_metrics: bool = False
    """Whether the figures of the server need no token."""
    routes: Sequence[BaseRoute] = ()
    """Routes beside those of the verbs: sign-in."""
    threads: int = 16
    """Short calls that run at once; further ones wait. Calls that read data have as many threads, and uploads too."""
    is_ending: Callable[[], bool] = lambda: False
    """Whether the process finishes what it has begun, and takes nothing new."""
