"""How a request comes to where the mesh is, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from logging import getLogger
from typing import Protocol, TypeVar, cast

from data_platform.errors import out_of_memory
from data_platform.record.catalog.redirects import Redirect
from data_platform.settings import Home, NewHome, Principal, Settings
from data_platform.spec.text.names import printable
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.renamed_products import addressed
from data_platform.verbs.core.request import Request, check_request
from data_platform.verbs.registry import resolve_verb

T = TypeVar("T")
BEGINS = frozenset(["ApplyPolicies", "DefineDomain", "Publish", "Register"])
"""The requests that may begin a mesh."""


class Transport(Protocol):
    """Takes a request to where the mesh is, and brings the answer back."""

    @property
    def home(self) -> Home:
        """The home that answers."""

    @property
    def settings(self) -> Settings:
        """The settings that hold there."""

    @property
    def principal(self) -> Principal:
        """Who is asking."""

    def call(self, request: Request[T]) -> T:
        """The answer; raises what the verb raises."""

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Names the door that the caller came in by, for the audit log.

        `on_redirect` is called for each former name in use, `on_begin` when this call begins the mesh.
        """

    def close(self) -> None:
        """Lets go of everything held."""


def log_new_mesh(home: Home) -> None:
    """Writes to the log, by default to stderr, that a mesh began: nobody gets one without a word."""
    getLogger("data_platform").warning("started a new mesh in %s", printable(str(home.path)))


class InProcess:
    """The transport of one process: the mesh is opened here. `share` stands for a home that is not a mesh for good."""

    def __init__(self, mesh: Mesh, share: NewHome | None = None) -> None:
        self._mesh, self._share = mesh, share
        self._on_begin: Callable[[Home], None] = log_new_mesh
        self.home, self.settings, self.principal = mesh.home, mesh.settings, mesh.principal

    def call(self, request: Request[T]) -> T:
        """Runs the verb's story; raises BadInput for a request whose fields are not what they declare."""
        check_request(request)
        try:
            answer = cast("T", resolve_verb(type(request))(self._mesh, addressed(self._mesh, request)))
        except MemoryError as error:
            raise out_of_memory() from error
        if self._share is not None and type(request).__name__ in BEGINS:
            share, self._share = self._share, None
            if share.establish():
                self._on_begin(self.home)
        return answer

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Tells the mesh."""
        self._mesh.door = door
        if on_redirect is not None:
            self._mesh.on_redirect = on_redirect
        if on_begin is not None:
            self._on_begin = on_begin

    def close(self) -> None:
        """Closes the mesh."""
        self._mesh.close()
        if self._share is not None:
            self._share.release()


class Asking:
    """What the parts of Platform have in common: the transport that takes their requests."""

    _transport: Transport
