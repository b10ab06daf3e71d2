"""What a consumer asks of Platform: data, where it came from, and what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from data_platform import verbs
from data_platform.errors import AccessDenied, NotFound
from data_platform.platform.transport import Asking
from data_platform.search.freshness import FreshnessState
from data_platform.search.question import SortOrder
from data_platform.spec.product.reference import Reference

if TYPE_CHECKING:
    from data_platform.engine.frame import DataFrame
    from data_platform.engine.query_result import QueryResult
    from data_platform.verbs.catalog.registered_contract import ContractForm
    from data_platform.verbs.lineage.column_results import ColumnGraph, Impact
    from data_platform.verbs.lineage.lineage import Direction
    from data_platform.verbs.results import (
        ContractChange,
        ContractDocuments,
        DataProductMetadata,
        Following,
        LineageGraph,
        ProductConsumers,
        ReceivedLineage,
        SearchResult,
        VersionInfo,
    )


class CatalogMethods(Asking):
    """What a consumer asks: data, where it came from, and what changes."""

    def consume(
        self,
        product: str | Reference,
        output: str | None = None,
        version: int | None = None,
        as_of: datetime | date | str | None = None,
        columns: Sequence[str] | None = None,
        mask: bool = False,
        purpose: str | None = None,
    ) -> DataFrame:
        """A lazy DataFrame over an output's newest version, a pinned one, or the one that was current at a moment.

        `product` is `PRODUCT[.OUTPUT][@MAJOR][#VERSION]`, or the product's name with `output` and `version` beside it.
        """
        name = Reference.parse(product, output, version)
        request = verbs.Consume(name.product, name.output_name or "", name.version, as_of, columns, mask, purpose)
        return self._transport.open_frame(self._transport.call(request))

    def sql(self, query: str, limit: int | None = None, mask: bool = False) -> QueryResult:
        """The rows of a SELECT over tables named `"product".output`, all or the first `limit`."""
        return self._transport.open_rows(self._transport.call(verbs.Sql(query, limit, mask)))

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
        limit: int | None = 10,
        offset: int = 0,
        freshness: FreshnessState | None = None,
        sort: SortOrder = "best",
    ) -> SearchResult:
        """A page of the products that have every word; `.total` is how many there are.

        The order: how well the words match (whole, then as the beginning of a word, then elsewhere, then with a typo),
        then views (most read first), then quality (best first), then the name. `limit=None` is all of them, and
        `facets=True` fills `.facets`. `sort="newest"` puts the last publish first instead. `freshness` is `on_time`,
        `late`, `unknown` (nothing that can be measured is published) or `not_promised`, as of now.
        """
        filters = (domain, min_quality, tag, owner, status, pii, type, column)
        return self._transport.call(verbs.Search(text, *filters, facets, limit, offset, freshness, sort))

    def show(self, product: str | Reference) -> DataProductMetadata:
        """One product, whole; of `PRODUCT.OUTPUT[@MAJOR]` that output alone."""
        name = Reference.parse(product).refuse_version("show")
        return self._transport.call(verbs.Show(name.product, name.output_name))

    def subscribe(self, product: str) -> Following:
        """Follows a product's contract from now on."""
        return self._transport.call(verbs.Subscribe(product))

    def unsubscribe(self, product: str) -> None:
        """Follows it no more."""
        self._transport.call(verbs.Unsubscribe(product))

    def subscriptions(self) -> list[Following]:
        """What you follow."""
        return self._transport.call(verbs.Subscriptions())

    def changes(self, product: str | None = None, *, stay_new: bool = False) -> list[ContractChange]:
        """All that happened to a product's contract, newest first; without one, the news of what you follow, once.

        News are acknowledged, unless they are to `stay_new`. For a caller who may only read, they stay new.
        """
        changes = self._transport.call(verbs.Changes(product))
        newest = {} if product is not None or stay_new else {change.product: change for change in reversed(changes)}
        for change in newest.values():
            with suppress(AccessDenied, NotFound):  # NotFound: the product was unsubscribed in between
                self.acknowledge_changes(change.product, change.at)
        return changes

    def acknowledge_changes(self, product: str, until: datetime) -> Following:
        """Notes that you have seen the changes of a product that you follow, up to the one of that moment."""
        return self._transport.call(verbs.AcknowledgeChanges(product, until))

    def versions(self, product: str | Reference, output: str | None = None) -> list[VersionInfo]:
        """The data versions of a product or of one output, newest first; of `PRODUCT.OUTPUT#VERSION` that one."""
        name = Reference.parse(product, output)
        return self._transport.call(verbs.Versions(name.product, name.output_name, name.version))

    def latest_version(self, product: str | Reference, output: str | None = None) -> VersionInfo:
        """The newest data version of an output, with its schema, statistics and quality; NotFound before the first."""
        name = Reference.parse(product, output).refuse_version("the latest version")
        (newest,) = self._transport.call(verbs.Versions(name.product, name.output_name, newest=True))
        return newest

    def consumers(self, product: str | Reference, output: str | None = None) -> ProductConsumers:
        """Who consumes a product, or one of its outputs: products, readers, and the columns that are really read."""
        name = Reference.parse(product, output).refuse_version("consumers")
        return self._transport.call(verbs.ListConsumers(name.product, name.output_name))

    def contract(self, product: str, form: ContractForm = "product", revision: int | None = None) -> ContractDocuments:
        """The contract of a product, or a revision of it: `form` is product (product.yaml), odcs, odps or dprod."""
        return self._transport.call(verbs.ShowContract(product, form, revision))

    def lineage(
        self, product: str | Reference, depth: int = 1, output: str | None = None, direction: Direction = "both"
    ) -> LineageGraph:
        """Where the data of a product, or of one output, comes from and where it goes, `depth` steps each way."""
        name = Reference.parse(product, output).refuse_version("lineage")
        return self._transport.call(verbs.Lineage(name.product, depth, name.output_name, direction))

    def column_lineage(
        self, product: str | Reference, output: str | None, column: str, depth: int = 1, direction: Direction = "both"
    ) -> ColumnGraph:
        """Which columns a column is made from, which are made of it, and how."""
        name = Reference.parse(product, output).refuse_version("lineage", column)
        request = verbs.LineageOfColumn(name.product, name.output_name or "", column, depth, direction)
        return self._transport.call(request)

    def lineage_events(self, product: str, depth: int = 1, direction: Direction = "both") -> list[dict[str, Any]]:
        """The recorded OpenLineage events of a product and those around it: contracts, and newest publishes."""
        return self._transport.call(verbs.LineageEvents(product, depth, direction))

    def receive_lineage(self, events: Sequence[Mapping[str, Any]]) -> ReceivedLineage:
        """Keeps OpenLineage run events of other tools for the outputs whose datasets they name."""
        return self._transport.call(verbs.ReceiveLineage(tuple(events)))

    def impact(self, product: str | Reference, column: str, output: str | None = None) -> Impact:
        """Everything downstream that a change of a column touches, with owners, and who read it in the last 30 days."""
        name = Reference.parse(product, output).refuse_version("impact")
        return self._transport.call(verbs.ImpactOfColumn(name.product, column, name.output_name))
