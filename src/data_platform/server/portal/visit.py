"""One request of a page: who visits, what was asked for, and the verbs that answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

from data_platform.errors import AccessDenied, NotFound
from data_platform.server.page_views import PageViews
from data_platform.server.portal.catalogue import Catalogue
from data_platform.server.portal.preferences import Preferences
from data_platform.settings import Principal
from data_platform.verbs.core.authorization.authorize import authorize, authorize_role
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.request import Request
from data_platform.verbs.dispatch import dispatch, resolve_resource
from data_platform.verbs.registry import VERBS
from data_platform.verbs.verb import Scope

T = TypeVar("T")


class Parameters(dict[str, str]):
    """The fields of a query or a form; one that was not sent is empty."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a page by a principal.

    `names` are those of the path, `query` and `form` the first value of each field. `read_sample` reads the first rows
    of an output as they are at this moment, through the same guards as `POST /sql`.
    """

    mesh: Mesh
    caller: Caller
    request_id: str
    path: str
    names: Mapping[str, str]
    query: Parameters
    form: Parameters
    csrf_token: str | None
    preferences: Preferences
    texts: Catalogue
    read_sample: Callable[[Visit, str, str], SampleRows]
    page_views: PageViews

    @property
    def principal(self) -> Principal:
        """Who visits."""
        return self.caller.principal

    @property
    def now(self) -> datetime:
        """The moment of the mesh's clock."""
        return self.mesh.clock()

    def ask(self, request: Request[T]) -> T:
        """The answer of a verb, decided for this principal as through every other door."""
        return dispatch(self.make_context(), request)

    def ask_if_allowed(self, request: Request[T]) -> T | None:
        """The answer of a verb; None where this principal may not ask for it, which is then no denial in the log."""
        return self.ask(request) if self.may_ask(request) else None

    def may_ask(self, request: Request[T]) -> bool:
        """Whether this principal may ask it of what the request names; a verb may decide about its rows after that."""
        context, verb = self.make_context(), VERBS[type(request).__name__]
        decide = authorize_role if verb.scope is Scope.ROW else authorize
        try:
            decide(context, verb.action, resolve_resource(verb, request))
        except (AccessDenied, NotFound):
            return False
        return True

    def note_view(self, product: str) -> None:
        """Notes that the page of a product is looked at; the page does not wait for it."""
        self.page_views.note(self.make_context(), product)

    def make_context(self) -> Context:
        """The context of one request of a verb."""
        return Context(self.mesh, self.caller, self.request_id)

    def link(self, **changes: object) -> str:
        """The address of this page with some parameters changed; None removes one. What was done is said once."""
        query = {**self.query, "done": None, **changes}
        kept = {name: str(value) for name, value in query.items() if value is not None and value != ""}
        return self.path + (f"?{urlencode(kept)}" if kept else "")


@dataclass(frozen=True, slots=True)
class SampleRows:
    """Some rows of a query as text, by column in order; `numbers` are the columns that hold numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page shows: a template with its values."""

    template: str
    values: Mapping[str, object]
    status: int = 200


@dataclass(frozen=True, slots=True)
class SeeOther:
    """Where the browser goes after a form was accepted; `done` is the key of the text that says what was done."""

    path: str
    done: str | None = None

    @property
    def url(self) -> str:
        """The address, with what was done."""
        if self.done is None:
            return self.path
        return f"{self.path}{'&' if '?' in self.path else '?'}{urlencode({'done': self.done})}"


def make_path(*segments: str) -> str:
    """The path of a page, each name percent-encoded."""
    return "/" + "/".join(quote(segment, safe="") for segment in segments)
