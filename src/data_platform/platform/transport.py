"""How a request comes to where the mesh is, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from data_platform.record.redirects import Redirect
from data_platform.settings import Home, Principal, Settings
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.redirecting import addressed
from data_platform.verbs.registry import story_of
from data_platform.verbs.request import Request

T = TypeVar("T")


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

    def enter(self, door: str, on_redirect: Callable[[Redirect], None] | None = None) -> None:
        """Says by which door whoever asks came in, for the audit log, and who hears of names that are out of use."""

    def close(self) -> None:
        """Lets go of everything held."""


class InProcess:
    """The transport of one process: the mesh is opened here."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self.home, self.settings, self.principal = mesh.home, mesh.settings, mesh.principal

    def call(self, request: Request[T]) -> T:
        """Runs the verb's story."""
        return cast("T", story_of(type(request))(self._mesh, addressed(self._mesh, request)))

    def enter(self, door: str, on_redirect: Callable[[Redirect], None] | None = None) -> None:
        """Tells the mesh."""
        self._mesh.door = door
        if on_redirect is not None:
            self._mesh.on_redirect = on_redirect

    def close(self) -> None:
        """Closes the mesh."""
        self._mesh.close()


class Asking:
    """What the parts of Platform have in common: the transport that takes their requests."""

    _transport: Transport
