"""The parts of one opened home, which all its callers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from data_platform.errors import BadInput
from data_platform.keys.opening import open_keyring
from data_platform.keys.ring import Keyring
from data_platform.record.store import Record
from data_platform.settings import Environment, Environments, Home, Settings, load_settings
from data_platform.tables.storage.opening import open_storage
from data_platform.tables.storage.port import Storage
from data_platform.temporary_folders import remove_leftovers
from data_platform.verbs.core.entry_limit import EntryLimit
from data_platform.verbs.core.identity_cache import IdentityCache
from data_platform.verbs.core.record_opening import open_record

if TYPE_CHECKING:
    from data_platform.engine.worker import SqlWorker
    from data_platform.engine.worker.queries import QueryWorkers
    from data_platform.governance.policies import ActivePolicies
    from data_platform.search.index import SearchIndex

T = TypeVar("T")


def _read_clock() -> datetime:
    return datetime.now(UTC)


@dataclass
class Mesh:
    """One opened home, which all callers share: its record, keys, tables and workers. Threads may use it at once.

    `clock` is the only source of time. `active_policies` caches the policies of the newest revision, compiled;
    `identities` the principals of tokens, for two seconds. `entry_limit` says which denials and sign-ins get an entry.
    """

    home: Home
    settings: Settings
    record: Record
    keyring: Keyring
    clock: Callable[[], datetime] = field(default=_read_clock)
    active_policies: ActivePolicies | None = field(default=None, init=False, repr=False)
    identities: IdentityCache = field(default_factory=IdentityCache, init=False, repr=False)
    entry_limit: EntryLimit = field(default_factory=EntryLimit, init=False, repr=False)
    _others: dict[Environment, Mesh] = field(default_factory=dict, init=False, repr=False)
    _is_warned: bool = field(default=False, init=False, repr=False)
    _lock: RLock = field(default_factory=RLock, init=False, repr=False)

    @classmethod
    def open(cls, home: Home) -> Mesh:
        """Opens the home's record, made or migrated where needed; raises RecordFailed, RecordTooNew, InvalidSpec."""
        settings = load_settings(home)
        remove_leftovers()
        return cls(home, settings, open_record(home, settings), open_keyring(home, settings))

    @cached_property
    def worker(self) -> SqlWorker:
        """The process that runs rules; started at its first query."""
        kind: type[SqlWorker] = import_module("data_platform.engine.worker").SqlWorker
        return self._open_once("worker", lambda: kind(memory_limit_mb=self.settings.limits.rule_memory_mb))

    @cached_property
    def query_workers(self) -> QueryWorkers:
        """The processes that run people's queries; the first is started at the first query."""
        kind: type[QueryWorkers] = import_module("data_platform.engine.worker.queries").QueryWorkers
        return self._open_once("query_workers", lambda: kind(memory_limit_mb=self.settings.limits.query_memory_mb))

    @cached_property
    def search_index(self) -> SearchIndex:
        """The catalog's search index; tantivy is loaded by the first search, and nothing else waits for it."""
        kind: type[SearchIndex] = import_module("data_platform.search.index").SearchIndex
        return self._open_once("search_index", lambda: kind(self.home.path / "search"))

    @cached_property
    def storage(self) -> Storage:
        """The storage of all tables."""
        return open_storage(self.home)

    def warn_unrecorded(self) -> tuple[str, ...]:
        """Once: that reads leave no trace, where the record cannot be written."""
        if not self.record.read_only or self._is_warned:
            return ()
        self._is_warned = True
        return (f"{self.home.path} can only be read: this read is not recorded",)

    @property
    def environments(self) -> Environments:
        """Which environment this is, and where the others are; raises BadInput when the settings do not say."""
        if self.settings.environments is None:
            file = self.home.settings_file
            raise BadInput(f"{file} names no environments", hint='write [environments] this = "dev", prod = "…"')
        return self.settings.environments

    def environment(self, environment: Environment) -> Mesh:
        """The mesh of another environment, opened once; BadInput when the settings name none."""
        with self._lock:
            if environment not in self._others:
                other = Mesh.open(self.environments.home(environment))
                other.clock = self.clock
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

    def _open_once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returns, made by the first of all threads that need it."""
        with self._lock:
            if name not in self.__dict__:
                self.__dict__[name] = make()
            opened: T = self.__dict__[name]
            return opened
