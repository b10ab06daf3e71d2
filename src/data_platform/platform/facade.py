"""Platform: every verb as a method, over a transport. It holds no logic, and neither do its callers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from types import NoneType, TracebackType
from typing import cast

from data_platform import verbs
from data_platform.errors import BadInput
from data_platform.platform.access import AccessMethods
from data_platform.platform.discovery import CatalogMethods
from data_platform.platform.governance import GovernanceMethods
from data_platform.platform.identity import IdentityMethods
from data_platform.platform.keyed import Keyed
from data_platform.platform.opening import Beginning
from data_platform.platform.operations import OperationsMethods
from data_platform.platform.policies import PolicyMethods
from data_platform.platform.publishing import Publishing
from data_platform.platform.runs import RunMethods
from data_platform.platform.transport import InProcess, Transport, log_new_mesh
from data_platform.record.catalog.redirects import Redirect
from data_platform.settings import (
    Home,
    NewHome,
    Principal,
    Settings,
    check_new_home,
    expand_path,
    find_home,
    is_home,
    make_home,
    no_home_error,
    not_a_home_error,
    require_home,
    resolve_home_path,
)
from data_platform.settings.server_variables import URL_VARIABLE, find_server_url
from data_platform.spec.text.names import escape_hidden, quote_value
from data_platform.spec.text.paths import to_path
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.results import Rebuilt, Restored


class Platform(
    Publishing,
    RunMethods,
    CatalogMethods,
    GovernanceMethods,
    PolicyMethods,
    OperationsMethods,
    IdentityMethods,
    AccessMethods,
):
    """The mesh, as one object: register, publish, consume, search and show.

    Every method raises NotFound or BadInput for what does not exist or cannot be, Refused (with the reason) for what
    contract, rule or policy forbids, Unavailable for failures of disk, permission or database.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __repr__(self) -> str:
        return f"Platform({escape_hidden(self._transport.place)!r})"

    @classmethod
    def open(
        cls, home: str | Path | None = None, *, make: bool | None = None, products: Iterable[str | Path] = ()
    ) -> Platform:
        """The platform in `home` (the folder itself); else of the server that `DATA_PLATFORM_URL` names; else in the
        home that `DATA_PLATFORM_HOME` names; else in the nearest `.data-platform/` upwards from `products` (files
        product.yaml) and the working directory.

        Where there is none, `make=True` begins a mesh at once and `make=False` raises BadInput. By default BadInput is
        raised for a `home` that was named; otherwise the first register or publish that succeeds begins the mesh.
        """
        if not isinstance(make, bool | NoneType):
            raise BadInput(f"make must be true, false or None, and not {quote_value(make)}")
        if home is not None:
            _refuse_url(home)
            return cls(_open_home(to_path(home, "the home"), make=make))
        if (url := find_server_url()) is not None:
            return cls(_connect(url, None, URL_VARIABLE))
        if isinstance(products, str) or not isinstance(products, Iterable):
            raise BadInput(f"products is a list of paths, and not {quote_value(products)}")
        files = [to_path(product, "product.yaml") for product in products]
        existing = find_home(files)
        if existing is not None and (transport := _join(existing)):
            return cls(transport)
        if make is False:
            raise no_home_error(resolve_home_path(files))
        place = resolve_home_path(files)
        check_new_home(place)
        return cls(_begin(place) if make else Beginning(place))

    @classmethod
    def connect(cls, url: str, token: str | None = None) -> Platform:
        """The platform of a server, such as `https://mesh.example.com`; nothing is sent before the first call.

        Without `token` it is that of `DATA_PLATFORM_TOKEN`, or the one that `data-platform login` stored for the URL.
        Raises BadInput for what is no URL or no token, and for a token that would travel unencrypted.
        """
        return cls(_connect(url, token, "the URL"))

    @staticmethod
    def restore(folder: str | Path, home: str | Path | None = None, *, erasures: Iterable[str | Path] = ()) -> Restored:
        """Makes a home of a backup, at `home` or where one would be looked for, if there is none.

        What was erased after the backup is erased again, as far as homes and backups of the same mesh name it: those
        beside both folders, and `erasures`.
        """
        return verbs.restore_backup(
            to_path(folder, "the backup"),
            resolve_home_path() if home is None else to_path(home, "the home"),
            [to_path(place, "a place of erasures") for place in erasures],
        )

    @staticmethod
    def rebuild(home: str | Path | None = None) -> Rebuilt:
        """Makes a record from the tables' metadata, for a home whose record is lost."""
        if home is None:
            return verbs.rebuild_record(require_home())
        return verbs.rebuild_record(Home(expand_path(to_path(home, "the home")).resolve()))

    @property
    def url(self) -> str | None:
        """The server that answers; None where the mesh is in a home that this process has opened."""
        return self._transport.url

    @property
    def home(self) -> Home:
        """Where this platform lives; BadInput where it is a server's."""
        return self._transport.home

    @property
    def settings(self) -> Settings:
        """The settings that hold; those of the nearest home where a server answers."""
        return self._transport.settings

    @property
    def principal(self) -> Principal:
        """Who is asking."""
        return self._transport.principal

    def enter(
        self,
        door: str,
        on_redirect: Callable[[Redirect], None] | None = None,
        on_begin: Callable[[Home], None] | None = None,
    ) -> None:
        """Names the door that the caller came in by (`python` by default), for the audit log.

        `on_redirect` is called for each name in use that its product had before, `on_begin` when a mesh begins.
        """
        self._transport.enter(door, on_redirect, on_begin)

    def use_idempotency_key(self, key: str) -> None:
        """Sends `key` with the next request that writes, and `key/2`, `key/3` and so on with those after it.

        A script that does the same again, with the same key within 24 hours, writes nothing twice and gets the first
        answers. It raises KeyReused where it does something else.
        """
        self._transport = cast("Transport", Keyed(self._transport, key))

    def close(self) -> None:
        """Lets go of the record and ends the rule worker."""
        self._transport.close()

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _connect(url: str, token: str | None, origin: str) -> Transport:
    client = import_module("data_platform.client.transport")  # only a client needs it
    transport: Transport = client.connect(url, token, origin)
    return transport


def _refuse_url(home: object) -> None:
    if isinstance(home, str) and home.startswith(("http://", "https://")):
        raise BadInput("a home is a folder, and this is a URL", hint="Platform.connect(url, token)")


def _open_home(place: Path, *, make: bool | None) -> Transport:
    place = expand_path(place)
    if not make and (not place.is_dir() or (make is False and not is_home(place))):
        raise not_a_home_error(place)
    check_new_home(place, is_argument=True)
    return _begin(place)


def _begin(place: Path) -> Transport:
    home = make_home(place)
    if home.created:
        log_new_mesh(home)
    return InProcess(Mesh.open(home), NewHome.join(home))


def _join(home: Home) -> Transport | None:
    """The transport to the home; None when a command that began it has failed and removed it meanwhile."""
    share = NewHome.join(home)
    if share is None and not is_home(home.path):
        return None
    return InProcess(Mesh.open(home), share)
