"""The context of a verb: the mesh that all callers share, and the caller of this request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from data_platform.access.actions import Action, Resource
from data_platform.access.decision import Decision
from data_platform.errors import AccessDenied
from data_platform.keys.ring import Keyring
from data_platform.record.catalog import redirects
from data_platform.record.catalog.redirects import Redirect
from data_platform.record.store import Record
from data_platform.settings import Environment, Environments, Home, Principal, Settings
from data_platform.tables.place import TablePlace
from data_platform.tables.storage.port import Storage
from data_platform.verbs.core.attachments import NOTHING, Attachments, Progress
from data_platform.verbs.core.claim import Claim
from data_platform.verbs.core.mesh import Mesh

if TYPE_CHECKING:
    from data_platform.engine.worker import SqlWorker
    from data_platform.engine.worker.queries import QueryWorkers
    from data_platform.engine.worker.stream import RowStream
    from data_platform.search.index import SearchIndex


SERVER_DOOR = "http"
"""The door of the callers of a server."""


def ignore_redirect(redirect: Redirect) -> None:
    """Does nothing with a former name that a caller used."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal, and the interface of the call (`door`): `python`, `cli`.

    `on_redirect` is called for each name in use that its product had before. `purpose` is what the caller says that it
    reads for.
    """

    principal: Principal
    door: str = "python"
    on_redirect: Callable[[Redirect], None] = field(default=ignore_redirect, repr=False, compare=False)
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class DeniedAct:
    """What a caller was denied. `concealed` is the reason where the resource is answered as an unknown one.

    The caller is told nothing of that reason; the audit log has it.
    """

    action: Action
    resource: Resource
    concealed: str | None = None


@dataclass(slots=True)
class Context:
    """One request of one caller to a mesh. Threads share the mesh; a context belongs to one request.

    `streams` takes the rows that go beside an answer, by the id that the answer names. `decision` is what allowed the
    request; its masks hold whatever the request asks for. `authorized` is the action and the resource that it is about,
    None for a verb that authorises its rows itself; `denied` is what the caller was denied last. `claim` is there for a
    request with an idempotency key.
    """

    mesh: Mesh
    caller: Caller
    request_id: str = field(default_factory=lambda: uuid4().hex)
    attachments: Attachments = NOTHING
    streams: dict[str, RowStream] = field(default_factory=dict, repr=False)
    decision: Decision | None = field(default=None, repr=False)
    authorized: tuple[Action, Resource] | None = field(default=None, repr=False)
    denied: DeniedAct | None = field(default=None, repr=False)
    claim: Claim | None = field(default=None, repr=False)
    _folders: dict[str, str] | None = field(default=None, init=False, repr=False)
    _redirects: dict[str, Redirect] = field(default_factory=dict, init=False, repr=False)

    @property
    def principal(self) -> Principal:
        """The principal of the request."""
        return self.caller.principal

    @property
    def door(self) -> str:
        """The interface of the caller: `python`, `cli`."""
        return self.caller.door

    @property
    def clock(self) -> Callable[[], datetime]:
        """The only source of time."""
        return self.mesh.clock

    @property
    def home(self) -> Home:
        """The home of the mesh."""
        return self.mesh.home

    @property
    def settings(self) -> Settings:
        """The settings of the home."""
        return self.mesh.settings

    @property
    def record(self) -> Record:
        """The record of the mesh."""
        return self.mesh.record

    @property
    def keyring(self) -> Keyring:
        """The keys of encrypted columns."""
        return self.mesh.keyring

    @property
    def storage(self) -> Storage:
        """The storage of all tables."""
        return self.mesh.storage

    @property
    def worker(self) -> SqlWorker:
        """The process that runs rules."""
        return self.mesh.worker

    @property
    def query_workers(self) -> QueryWorkers:
        """The processes that run the queries of people."""
        return self.mesh.query_workers

    @property
    def search_index(self) -> SearchIndex:
        """The search index of the catalog."""
        return self.mesh.search_index

    @property
    def environments(self) -> Environments:
        """Which environment this is, and where the others are; raises BadInput when the settings do not say."""
        return self.mesh.environments

    @property
    def opens_environments(self) -> bool:
        """Whether the caller reaches other environments from here: a server opens no other home, for whomever it is."""
        return self.principal.local and self.door != SERVER_DOOR

    def environment(self, environment: Environment) -> Context:
        """The same caller in the mesh of another environment; BadInput when the settings name none.

        Raises AccessDenied for everybody but who opened this home: another environment decides about its callers.
        """
        if not self.opens_environments:
            what = f"{self.principal.name} may not reach {environment} from here"
            raise AccessDenied(what, hint=f"ask the server of {environment}")
        return Context(self.mesh.environment(environment), self.caller, self.request_id)

    def place(self, product: str, output: str) -> TablePlace:
        """The place of an output's table."""
        return TablePlace(self.storage, self.folder(product), output)

    def folder(self, product: str) -> str:
        """The name of the product's files and keys: the name that it was first registered by."""
        if self._folders is None:
            with self.record.reading() as conn:
                self.remember_redirects(redirects.list_all(conn))
        return (self._folders or {}).get(product, product)

    def remember_redirects(self, renamed: Iterable[Redirect] | None) -> None:
        """Takes the redirects of this request; None: they are looked up when they are next needed."""
        self._folders = None if renamed is None else {redirect.product: redirect.folder for redirect in renamed}

    def report_progress(self, step: str, done: int, total: int | None = None) -> None:
        """Sends an event of the call to its caller."""
        self.attachments.on_progress(Progress(step, done, total))

    def close_data(self) -> None:
        """Notes that all data beside the request has been read."""
        if self.claim is not None:
            self.claim.close_data()

    def expect_outcome(self, outcome: object) -> None:
        """Notes what the request will answer, or raise, once the transaction that is open commits."""
        if self.claim is not None:
            self.claim.outcome = outcome

    def note_redirect(self, redirect: Redirect) -> None:
        """Notes a former name that the caller used; it is announced once the caller may know of the product."""
        self._redirects[redirect.product] = redirect

    def announce_redirect(self, product: str) -> None:
        """Notifies the caller that it used a former name of the product, if it did."""
        redirect = self._redirects.pop(product, None)
        if redirect is not None:
            self.caller.on_redirect(redirect)

    def find_used_name(self, product: str) -> str:
        """The name of the product that the caller used."""
        redirect = self._redirects.get(product)
        return product if redirect is None else redirect.name

    def warn_unrecorded(self) -> tuple[str, ...]:
        """A warning that reads are not recorded where the record cannot be written, once for each mesh."""
        return self.mesh.warn_unrecorded()
