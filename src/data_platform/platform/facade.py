"""Platform: every verb as a method, over a transport. It holds no logic, and neither does what stands above it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from data_platform.errors import BadInput
from data_platform.platform.finding import Finding
from data_platform.platform.governing import Governing
from data_platform.platform.operating import Operating
from data_platform.platform.policing import Policing
from data_platform.platform.publishing import Publishing
from data_platform.platform.transport import InProcess, Transport
from data_platform.record.redirects import Redirect
from data_platform.settings import Home, Principal, Settings, find_home
from data_platform.verbs.mesh import Mesh


class Platform(Publishing, Finding, Governing, Policing, Operating):
    """The mesh, as one object: register, publish, consume, search and show.

    Every method raises NotFound or BadInput for what does not exist or cannot be, Refused (with the reason) for what
    contract, rule or policy forbids, Unavailable for what the machine cannot do.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    def open(cls, home: str | Path | None = None, *, make: bool = True) -> Platform:
        """The platform in `home` (the folder itself), else where `DATA_PLATFORM_HOME` or the working directory says.

        Where those have no home yet, one is made; with `make=False`, for whoever only reads, BadInput is raised.
        """
        if home is None:
            return cls(InProcess(Mesh.open(find_home(make=make))))
        path = Path(home).expanduser().absolute()
        if not path.is_dir():
            raise BadInput(f"{path} is no platform home", hint=f"data-platform init {path.parent}")
        return cls(InProcess(Mesh.open(Home(path))))

    @property
    def home(self) -> Home:
        """Where this platform lives."""
        return self._transport.home

    @property
    def settings(self) -> Settings:
        """The settings that hold."""
        return self._transport.settings

    @property
    def principal(self) -> Principal:
        """Who is asking."""
        return self._transport.principal

    def enter(self, door: str, on_redirect: Callable[[Redirect], None] | None = None) -> None:
        """Says by which door whoever asks came in (`python` unless told), for the audit log.

        `on_redirect` is called for each name in use that its product had before.
        """
        self._transport.enter(door, on_redirect)

    def close(self) -> None:
        """Lets go of the record and ends the rule worker."""
        self._transport.close()

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
