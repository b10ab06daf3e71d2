"""Platform: every verb as a method, over a transport. It holds no logic, and neither does what stands above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from data_platform import verbs
from data_platform.errors import BadInput
from data_platform.settings import Environment, Home, Principal, Settings, find_home
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.policy_calls import PolicyCalls
from data_platform.verbs.registry import story_of
from data_platform.verbs.request import Request

if TYPE_CHECKING:
    from data_platform.engine.frame import DataFrame
    from data_platform.engine.query_result import QueryResult
    from data_platform.spec.loading import ProductFile
    from data_platform.verbs.column_results import ColumnGraph, Impact
    from data_platform.verbs.lineage import Direction
    from data_platform.verbs.outbox import Sender
    from data_platform.verbs.publish import Publish
    from data_platform.verbs.results import (
        AuditAnchor,
        AuditEntry,
        AuditVerdict,
        Collected,
        ContractChange,
        DataProductMetadata,
        Delivered,
        Difference,
        DomainInfo,
        DomainReadiness,
        Following,
        IncidentDetail,
        IncidentInfo,
        LineageGraph,
        MajorInfo,
        OutboxInfo,
        ProductState,
        PublishResult,
        QualityMetrics,
        Readiness,
        Registration,
        Released,
        SearchResult,
        Ticked,
        VersionInfo,
    )

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

    def enter(self, door: str) -> None:
        """Says by which door whoever asks came in, for the audit log."""

    def close(self) -> None:
        """Lets go of everything held."""


class InProcess:
    """The transport of one process: the mesh is opened here."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self.home, self.settings, self.principal = mesh.home, mesh.settings, mesh.principal

    def call(self, request: Request[T]) -> T:
        """Runs the verb's story."""
        return cast("T", story_of(type(request))(self._mesh, request))

    def enter(self, door: str) -> None:
        """Tells the mesh."""
        self._mesh.door = door

    def close(self) -> None:
        """Closes the mesh."""
        self._mesh.close()


class Platform(PolicyCalls):
    """The mesh, as one object: register, publish, consume, search and show.

    Every method raises NotFound or BadInput for what does not exist or cannot be, Refused (with the reason) for what
    contract, rule or policy forbids, Unavailable for what the machine cannot do.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
    _transport: Transport


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

    def register(self, product: str | Path | ProductFile) -> Registration:
        """Registers the product of a product.yaml (or its folder); idempotent."""
        return self._transport.call(verbs.register.Register.of(product))

    def diff(self, product: str | Path | ProductFile) -> Difference:
        """What registering a product.yaml (or its folder) would change and break, and for whom; nothing is written."""
        return self._transport.call(verbs.diff.Diff.of(product))

    def release(self, product: str, to: str) -> Released:
        """Registers in the environment `to` (dev, staging, prod) exactly what this one has; idempotent."""
        if to not in list(Environment):
            raise BadInput(f"there is no environment {to!r}", hint=f"it is one of {', '.join(Environment)}")
        return self._transport.call(verbs.release.Release(product, Environment(to)))

    def publish(self, request: Publish) -> PublishResult:
        """Publishes; `DataProduct.publish` is the way there for a domain team."""
        return self._transport.call(request)

    def consume(
        self,
        product: str,
        output: str,
        version: int | None = None,
        as_of: datetime | date | str | None = None,
        columns: Sequence[str] | None = None,
        mask: bool = False,
        purpose: str | None = None,
    ) -> DataFrame:
        """A lazy DataFrame over an output's newest version, a pinned one, or the one that stood at a moment."""
        return self._transport.call(verbs.consume.Consume(product, output, version, as_of, columns, mask, purpose))

    def sql(self, query: str, limit: int | None = None, mask: bool = False) -> QueryResult:
        """The rows of a SELECT over tables named `"product".output`, all or the first `limit`."""
        return self._transport.call(verbs.sql.Sql(query, limit, mask))

    def search(
        self,
        text: str = "",
        domain: str | None = None,
        min_quality: float | None = None,
        tag: str | None = None,
        *,
        owner: str | None = None,
        status: str | None = None,
        pii: bool | None = None,
        type: str | None = None,
        column: str | None = None,
        facets: bool = False,
        limit: int | None = 20,
        offset: int = 0,
    ) -> SearchResult:
        """A page of the products that have every word: most read first, then best quality; `.total` is how many.

        Words match whole, as the beginning of a word, or with a typo, in that order. `limit=None` is all of them, and
        `facets=True` fills `.facets`.
        """
        filters = (domain, min_quality, tag, owner, status, pii, type, column)
        return self._transport.call(verbs.search.Search(text, *filters, facets, limit, offset))

    def show(self, product: str) -> DataProductMetadata:
        """One product, whole."""
        return self._transport.call(verbs.show.Show(product))

    def subscribe(self, product: str) -> Following:
        """Follows a product's contract from now on."""
        return self._transport.call(verbs.subscriptions.Subscribe(product))

    def unsubscribe(self, product: str) -> None:
        """Follows it no more."""
        self._transport.call(verbs.subscriptions.Unsubscribe(product))

    def subscriptions(self) -> list[Following]:
        """What you follow."""
        return self._transport.call(verbs.subscriptions.Subscriptions())

    def changes(self, product: str | None = None, *, stay_new: bool = False) -> list[ContractChange]:
        """All that happened to a product's contract, newest first; without one, the news of what you follow, once."""
        return self._transport.call(verbs.subscriptions.Changes(product, stay_new))

    def deprecate(self, product: str, output: str, until: datetime | date | str) -> MajorInfo:
        """Announces the end of a major of an output, `orders_fact@1`; it stays readable."""
        return self._transport.call(verbs.majors.Deprecate(product, output, until))

    def retire(self, product: str, output: str, days: int = 30) -> MajorInfo:
        """Closes a deprecated major that nobody read in the last `days` days."""
        return self._transport.call(verbs.majors.Retire(product, output, days))

    def versions(self, product: str, output: str | None = None) -> list[VersionInfo]:
        """The data versions of a product or of one output, newest first."""
        return self._transport.call(verbs.versions.Versions(product, output))

    def lineage(
        self, product: str, depth: int = 1, output: str | None = None, direction: Direction = "both"
    ) -> LineageGraph:
        """Where the data of a product, or of one output, comes from and where it goes, `depth` steps each way."""
        return self._transport.call(verbs.lineage.Lineage(product, depth, output, direction))

    def column_lineage(
        self, product: str, output: str, column: str, depth: int = 1, direction: Direction = "both"
    ) -> ColumnGraph:
        """Which columns a column is made from, which are made of it, and how."""
        return self._transport.call(verbs.column_lineage.LineageOfColumn(product, output, column, depth, direction))

    def lineage_events(self, product: str, depth: int = 1, direction: Direction = "both") -> list[dict[str, Any]]:
        """The recorded OpenLineage events of a product and those around it: contracts, and newest publishes."""
        return self._transport.call(verbs.openlineage.LineageEvents(product, depth, direction))

    def impact(self, product: str, column: str, output: str | None = None) -> Impact:
        """Everything downstream that a change of a column touches, with owners, and who read it in the last 30 days."""
        return self._transport.call(verbs.impact.ImpactOfColumn(product, column, output))

    def quality_metrics(self, product: str, output: str | None = None, days: int = 30) -> QualityMetrics:
        """Score, SLAs, trend and incidents of a product, or of one of its outputs, over the last `days` days."""
        return self._transport.call(verbs.quality.Quality(product, output, days))

    def checklist(self, product: str) -> Readiness:
        """The nine points of the production checklist and the four anti-patterns, each measured."""
        return self._transport.call(verbs.checklist.Checklist(product))

    def readiness(self) -> list[DomainReadiness]:
        """How ready the products of each domain are."""
        return self._transport.call(verbs.checklist.ListReadiness())

    def incidents(
        self,
    def transfer(self, product: str, to: str) -> TransferInfo:
        """Offers a product to another owner."""
        return self._transport.call(verbs.transfers.OfferTransfer(product, to))

    def accept_transfer(self, product: str) -> TransferInfo:
        """Takes the product that was offered; product.yaml must name the new owner from then on."""
        return self._transport.call(verbs.transfers.AcceptTransfer(product))

    def withdraw_transfer(self, product: str) -> TransferInfo:
        """Takes an offer back, or declines it."""
        return self._transport.call(verbs.transfers.WithdrawTransfer(product))

    def transfers(self) -> list[TransferInfo]:
        """The products that are offered and not accepted yet."""
        return self._transport.call(verbs.transfers.ListTransfers())

    def archive(self, product: str, *, undo: bool = False) -> ProductState:
        """Closes a product, which is read on and takes no more publishes; `undo` opens it again."""
        return self._transport.call(verbs.lifecycle.Archive(product, undo))

    def retire_product(self, product: str, days: int = 30) -> ProductState:
        """Closes every output of a product that nobody read in the last `days` days."""
        return self._transport.call(verbs.lifecycle.RetireProduct(product, days))

    def offboard(self, principal: str, *, back: bool = False) -> DepartureInfo:
        """Notes that somebody is gone: each of their products has an incident until it has another owner."""
        return self._transport.call(verbs.offboarding.Offboard(principal, back))

    def departures(self) -> list[DepartureInfo]:
        """Everybody who is gone, with what they still own."""
        return self._transport.call(verbs.offboarding.ListDepartures())

        product: str | None = None,
        *,
        open_only: bool = False,
        severity: str | None = None,
        limit: int | None = None,
    ) -> list[IncidentInfo]:
        """The incidents of a product, or of the mesh, newest first; with `severity` those at least as grave."""
        return self._transport.call(verbs.incidents.ListIncidents(product, open_only, severity, limit))

    def incident(self, id: int) -> IncidentDetail:
        """One incident, with its timeline and its blast radius."""
        return self._transport.call(verbs.incidents.ShowIncident(id))

    def acknowledge_incident(self, id: int, comment: str | None = None) -> IncidentInfo:
        """Says that somebody cares for it."""
        return self._transport.call(verbs.incidents.AcknowledgeIncident(id, comment))

    def comment_incident(self, id: int, text: str) -> IncidentInfo:
        """Adds words to its timeline."""
        return self._transport.call(verbs.incidents.CommentIncident(id, text))

    def resolve_incident(self, id: int, comment: str | None = None) -> IncidentInfo:
        """Closes it by hand."""
        return self._transport.call(verbs.incidents.ResolveIncident(id, comment))

    def tick(self, senders: Mapping[str, Sender] | None = None) -> Ticked:
        """Does now what the time asks for: promises are judged, incidents open and resolve, the outbox is sent."""
        return self._transport.call(verbs.tick.Tick(senders or {}))

    def domains(self, name: str | None = None) -> list[DomainInfo]:
        """All domains, or that one."""
        return self._transport.call(verbs.domains.ListDomains(name))

    def define_domain(
        self,
        name: str,
        responsibility: str | None = None,
        owner: str | None = None,
        members: Sequence[str] | None = None,
    ) -> DomainInfo:
        """Creates a domain, or changes what is given of it."""
        return self._transport.call(
            verbs.domains.DefineDomain(name, responsibility, owner, tuple(members) if members is not None else None)
        )

    def collect(self, *, dry_run: bool = False) -> Collected:
        """Removes files that no version names and no lease protects."""
        return self._transport.call(verbs.collect.Collect(dry_run))

    def audit_log(
        self,
        product: str | None = None,
        *,
        by: str | None = None,
        act: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 100,
        after: int | None = None,
    ) -> list[AuditEntry]:
        """Who did what when from where, newest first; with `after`, what is behind that number, oldest first."""
        return self._transport.call(verbs.audit_log.AuditLog(product, by, act, since, until, limit, after))

    def verify_audit(
        self, anchor: AuditAnchor | None = None, watch: Callable[[int, int], None] = lambda done, of: None
    ) -> AuditVerdict:
        """Whether the audit log is as it was written, and as it was when the anchor was taken."""
        return self._transport.call(verbs.audit_log.VerifyAudit(anchor, watch))

    def anchor_audit(self) -> AuditAnchor:
        """What to keep of the audit log elsewhere; reads so far are sealed first."""
        return self._transport.call(verbs.audit_log.AnchorAudit())

    def enter(self, door: str) -> None:
        """Says by which door whoever asks came in (`python` unless told), for the audit log."""
        self._transport.enter(door)

    def outbox(self) -> list[OutboxInfo]:
        """What waits to leave the house: by destination, since when, and what its last failed try said."""
        return self._transport.call(verbs.outbox.Outbox())

    def deliver(self, senders: Mapping[str, Sender]) -> Delivered:
        """Sends what is due; `integrations.senders` makes the senders that settings.toml asks for."""
        return self._transport.call(verbs.outbox.Deliver(senders))

    def try_again(self) -> int:
        """Makes everything in the outbox due now, what was refused too; answers how many of those there were."""
        return self._transport.call(verbs.outbox.TryAgain())

    def close(self) -> None:
        """Lets go of the record and ends the rule worker."""
        self._transport.close()

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
