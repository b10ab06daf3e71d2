"""A transport to a mesh that is not there yet: the first request that succeeds begins it, and none that fails does.

A run opens a home for its publish, which begins the mesh; the home is removed if the run ends without one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from data_platform.platform.transport import BEGINS, InProcess, log_new_mesh
from data_platform.record.catalog.redirects import Redirect
from data_platform.settings import Home, NewHome, load_settings, no_home_error, resolve_identity
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.request import Request, check_request

if TYPE_CHECKING:
    from data_platform.engine.frame import DataFrame
    from data_platform.engine.query_result import QueryResult
    from data_platform.verbs.results.reading import QueryTicket, ReadTicket

T = TypeVar("T")
TRIES = frozenset(["WhatIfPolicies"])
"""What is asked right before a mesh begins, and leaves none."""
OPENS, ENDS = "StartRun", "FinishRun"
"""The requests before and after a publish that may begin a mesh."""


class Beginning:
    """The transport to `place`, where a home may begin; it is made by the first request that writes."""

    url = None

    def __init__(self, place: Path) -> None:
        self._place = place
        self._begun: InProcess | None = None
        self._door = "python"
        self._on_redirect: Callable[[Redirect], None] | None = None
        self._on_begin: Callable[[Home], None] = log_new_mesh
        self.home = Home(place)
        self.settings, self.principal = load_settings(self.home), resolve_identity()

    @property
    def place(self) -> str:
        """The home, which may not be there yet."""
        return str(self.home.path)

    def call(self, request: Request[T], attachments: Attachments = NOTHING) -> T:
        """Runs the request in the mesh; raises BadInput for one that only reads while there is none."""
        kind = type(request).__name__
        if self._begun is not None:
            return self._call_begun(self._begun, request, attachments, ends=kind == ENDS)
        check_request(request)
        if kind not in BEGINS | TRIES | {OPENS}:
            raise no_home_error(self._place)
        share = NewHome.begin(self._place)
        mesh: Mesh | None = None
        is_kept = False
        try:
            mesh = Mesh.open(share.home if share else Home(self._place.resolve()))
            inner = InProcess(mesh, share)
            inner.enter(self._door, self._on_redirect, self._on_begin)
            answer = inner.call(request, attachments)
            is_kept = kind in BEGINS | {OPENS}
        finally:
            if not is_kept:
                _discard_home(mesh, share)
        if is_kept:
            self._begun = inner
            self.home, self.settings = inner.home, inner.settings
        return answer

    def _call_begun(self, inner: InProcess, request: Request[T], attachments: Attachments, *, ends: bool) -> T:
        try:
            return inner.call(request, attachments)
        finally:
            if ends and not inner.established:
                inner.close()
                self._begun, self.home = None, Home(self._place)

    def open_frame(self, ticket: ReadTicket) -> DataFrame:
        """The frame, where the mesh has begun."""
        return self._demand_mesh().open_frame(ticket)

    def open_rows(self, ticket: QueryTicket) -> QueryResult:
        """The rows, where the mesh has begun."""
        return self._demand_mesh().open_rows(ticket)

    def _demand_mesh(self) -> InProcess:
        if self._begun is None:
            raise no_home_error(self._place)
        return self._begun

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Remembers it for the mesh."""
        self._door, self._on_redirect = door, on_redirect or self._on_redirect
        self._on_begin = on_begin or self._on_begin
        if self._begun is not None:
            self._begun.enter(door, on_redirect, on_begin)

    def close(self) -> None:
        """Closes the mesh, if one began."""
        if self._begun is not None:
            self._begun.close()


def _discard_home(mesh: Mesh | None, share: NewHome | None) -> None:
    if mesh is not None:
        mesh.close()
    if share is not None:
        share.discard()
