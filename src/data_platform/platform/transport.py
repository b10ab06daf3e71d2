"""How a request comes to where the mesh is, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from logging import getLogger
from typing import TYPE_CHECKING, Protocol, TypeVar

from data_platform import verbs
from data_platform.record.catalog.redirects import Redirect
from data_platform.settings import Home, NewHome, Principal, Settings, resolve_identity
from data_platform.settings.server_variables import find_purpose
from data_platform.spec.text.names import escape_hidden
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.request import Request
from data_platform.verbs.dispatch import dispatch

if TYPE_CHECKING:
    from data_platform.engine.frame import DataFrame
    from data_platform.engine.query_result import QueryResult
    from data_platform.engine.worker.stream import RowStream
    from data_platform.verbs.results.reading import QueryTicket, ReadTicket

T = TypeVar("T")
BEGINS = frozenset(["ApplyPolicies", "DefineDomain", "Publish", "Register"])
"""The requests that may begin a mesh."""


class Transport(Protocol):
    """Takes a request to where the mesh is, and brings the answer back."""

    @property
    def url(self) -> str | None:
        """The server that answers; None where this process has the mesh."""

    @property
    def place(self) -> str:
        """Where the mesh is, for messages: its home, or the URL of its server."""

    @property
    def home(self) -> Home:
        """The home that answers; BadInput where a server does."""

    @property
    def settings(self) -> Settings:
        """The settings of the home; of a client its own, which say where the sources of its pipelines are."""

    @property
    def principal(self) -> Principal:
        """Who is asking."""

    def call(self, request: Request[T], attachments: Attachments = NOTHING) -> T:
        """The answer; raises what the verb raises. `attachments` go beside the request."""

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Sets the interface of the caller (`door`), for the audit log.

        `on_redirect` is called for each former name in use, `on_begin` when this call begins the mesh.
        """

    def open_frame(self, ticket: ReadTicket) -> DataFrame:
        """The frame that the ticket of a consume describes."""

    def open_rows(self, ticket: QueryTicket) -> QueryResult:
        """The rows that the ticket of a query names, once."""

    def close(self) -> None:
        """Lets go of everything held."""


def log_new_mesh(home: Home) -> None:
    """Writes to the log, by default to stderr, that a mesh began, so that none begins unnoticed."""
    getLogger("data_platform").warning("started a new mesh in %s", escape_hidden(str(home.path)))


class InProcess:
    """The transport of one process and one caller: other transports may share the mesh.

    `share` is the claim on a home that is not finally a mesh.
    """

    url = None

    def __init__(self, mesh: Mesh, share: NewHome | None = None, caller: Caller | None = None) -> None:
        self._mesh, self._share = mesh, share
        self._on_begin: Callable[[Home], None] = log_new_mesh
        self.caller = caller or Caller(resolve_identity(), purpose=find_purpose())
        self.home, self.settings = mesh.home, mesh.settings
        self._streams: dict[str, RowStream] = {}

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return self.caller.principal

    @property
    def place(self) -> str:
        """The home."""
        return str(self.home.path)

    @property
    def established(self) -> bool:
        """Whether the home is finally a mesh, and not removed if its first command fails."""
        return self._share is None

    def call(self, request: Request[T], attachments: Attachments = NOTHING) -> T:
        """The answer of the request's verb; raises what `dispatch` raises."""
        answer = dispatch(self.context(attachments), request)
        if self._share is not None and type(request).__name__ in BEGINS:
            share, self._share = self._share, None
            if share.establish():
                self._on_begin(self.home)
        return answer

    def open_frame(self, ticket: ReadTicket) -> DataFrame:
        """The frame, made here: keys come from the mesh's keyring."""
        return verbs.open_frame(self.context(), ticket)

    def open_rows(self, ticket: QueryTicket) -> QueryResult:
        """The rows of the query."""
        return verbs.open_rows(self.context(), ticket)

    def context(self, attachments: Attachments = NOTHING) -> Context:
        """A request of this caller."""
        return Context(self._mesh, self.caller, attachments=attachments, streams=self._streams)

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Sets the interface of the requests that follow."""
        self.caller = replace(self.caller, door=door, on_redirect=on_redirect or self.caller.on_redirect)
        if on_begin is not None:
            self._on_begin = on_begin

    def close(self) -> None:
        """Closes the mesh; a home that this process began in vain is removed."""
        self._mesh.close()
        if self._share is not None:
            self._share.discard()


class Asking:
    """What the parts of Platform have in common: the transport that takes their requests."""

    _transport: Transport
