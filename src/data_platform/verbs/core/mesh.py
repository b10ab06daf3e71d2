"""The rooms of one opened home, and who is asking: what every verb is handed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from data_platform.errors import BadInput
from data_platform.keys.ring import Keyring, LocalKeyring
from data_platform.record.catalog import redirects
from data_platform.record.catalog.redirects import Redirect
from data_platform.record.store import Record
from data_platform.scratch import remove_leftovers
from data_platform.settings import Environment, Environments, Home, Principal, Settings, identity, load_settings
from data_platform.tables.place import TablePlace
from data_platform.verbs.core.record_opening import open_record

if TYPE_CHECKING:
    from data_platform.engine.worker import SqlWorker
    from data_platform.engine.worker.queries import QueryWorkers
    from data_platform.governance.policies import ActivePolicies
    from data_platform.search.index import SearchIndex


def _now() -> datetime:
    return datetime.now(UTC)


def _silent(redirect: Redirect) -> None:
    """Nobody asked to hear it."""


@dataclass
class Mesh:
    """One home, opened: its record, keys, tables and worker. `clock` is the only source of time.

    `door` is the way that whoever asks came in by: python, cli; `on_redirect` hears of names in use
    that products had before. `active_policies` keeps the active policies, compiled, as `verbs/policies/evaluate` last
    saw them.
    """

    home: Home
    settings: Settings
    record: Record
    keyring: Keyring
    principal: Principal
    clock: Callable[[], datetime] = field(default=_now)
    door: str = "python"
    on_redirect: Callable[[Redirect], None] = field(default=_silent, repr=False)
    active_policies: ActivePolicies | None = field(default=None, init=False, repr=False)
    _others: dict[Environment, Mesh] = field(default_factory=dict, init=False, repr=False)
    _is_warned: bool = field(default=False, init=False, repr=False)
    _folders: Mapping[str, str] | None = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, home: Home) -> Mesh:
        """Opens the home's record, made or migrated where needed; raises RecordFailed, RecordTooNew, InvalidSpec."""
        settings = load_settings(home)
        remove_leftovers()
        return cls(home, settings, open_record(home, settings), LocalKeyring(home.path / "keys"), identity())

    @cached_property
    def worker(self) -> SqlWorker:
        """The process that runs rules; started at its first query."""
        kind: type[SqlWorker] = import_module("data_platform.engine.worker").SqlWorker
        return kind(memory_limit_mb=self.settings.limits.rule_memory_mb)

    @cached_property
    def query_workers(self) -> QueryWorkers:
        """The processes that run people's queries; the first is started at the first query."""
        kind: type[QueryWorkers] = import_module("data_platform.engine.worker.queries").QueryWorkers
        return kind(memory_limit_mb=self.settings.limits.query_memory_mb)

    @cached_property
    def search_index(self) -> SearchIndex:
        """The catalog's search index; tantivy is loaded by the first search, and nothing else waits for it."""
        kind: type[SearchIndex] = import_module("data_platform.search.index").SearchIndex
        return kind(self.home.path / "search")

    @property
    def tables(self) -> Path:
        """The folder of all tables."""
        return self.home.path / "tables"

    def place(self, product: str, output: str) -> TablePlace:
        """Where an output's table lies."""
        return TablePlace(self.tables, self.folder(product), output)

    def folder(self, product: str) -> str:
        """What the product's files and keys are named after: the name that it was first registered by."""
        if self._folders is None:
            with self.record.reading() as conn:
                self.know_names(redirects.all(conn))
        return (self._folders or {}).get(product, product)

    def warn_unrecorded(self) -> tuple[str, ...]:
        """Once: that reads leave no trace, where the record cannot be written."""
        if not self.record.read_only or self._is_warned:
            return ()
        self._is_warned = True
        return (f"{self.home.path} can only be read: this read is not recorded",)

    def know_names(self, known: Iterable[Redirect] | None) -> None:
        """These are the redirects from now on; None: they are looked up when next asked for, elsewhere too."""
        self._folders = None if known is None else {each.product: each.folder for each in known}
        for other in self._others.values() if known is None else ():
            other.know_names(None)

    @property
    def environments(self) -> Environments:
        """Which environment this is, and where the others are; raises BadInput when the settings do not say."""
        if self.settings.environments is None:
            file = self.home.settings_file
            raise BadInput(f"{file} names no environments", hint='write [environments] this = "dev", prod = "…"')
        return self.settings.environments

    def environment(self, environment: Environment) -> Mesh:
        """The mesh of another environment, opened once, for the same principal; BadInput when settings name none."""
        if environment not in self._others:
            other = Mesh.open(self.environments.home(environment))
            other.principal, other.clock, other.door = self.principal, self.clock, self.door
            self._others[environment] = other
        return self._others[environment]

    def close(self) -> None:
        """Ends the workers and closes the record, here and in the environments that were opened."""
        for other in self._others.values():
            other.close()
        if "worker" in self.__dict__:
            self.worker.close()
        if "query_workers" in self.__dict__:
            self.query_workers.close()
        self.record.close()
