"""DataCatalog: products to search, their lineage, quality and versions, under the names of the data mesh text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any

from data_platform.engine.traced import TracedRows
from data_platform.errors import BadInput
from data_platform.pipelines.pipeline import list_consumed
from data_platform.platform import Platform
from data_platform.spec.product.reference import Reference
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.results import (
    DataProductMetadata,
    LineageGraph,
    PublishResult,
    QualityMetrics,
    VersionInfo,
)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to search: products that have every word of `text`; an empty text is all of them.

    `domain` is the exact name of a domain, `min_quality` a score from 0 to 100. None, an empty domain and 0 ask for
    nothing.
    """

    text: str = ""
    domain: str | None = None
    min_quality: float | None = None


class DataCatalog:
    """The catalog of a mesh; each method is one verb of `Platform`, which has more options.

    `platform` is the mesh to ask; by default the one that `Platform.open()` opens at the first call. A catalog that
    opened it closes it: use it in a `with` statement, or call `close`.

    Every method raises NotFound (with the nearest name) for a product or an output that does not exist, BadInput for an
    argument that is wrong, Unavailable when the infrastructure fails.

    Example:
        with DataCatalog() as catalog:
            for product in catalog.search(SearchQuery("orders", min_quality=90)):
                print(product.name, product.quality_score)
    """

    def __init__(self, platform: Platform | None = None) -> None:
        self._given = platform

    @cached_property
    def platform(self) -> Platform:
        """The platform that was given, else the one that is found from the working directory."""
        return self._given or Platform.open()

    def close(self) -> None:
        """Closes the platform if the catalog opened it."""
        if self._given is None and "platform" in self.__dict__:
            self.platform.close()
            del self.platform

    def __enter__(self) -> DataCatalog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(self, query: SearchQuery | str, limit: int | None = 10) -> list[DataProductMetadata]:
        """The products that match, best first, at most `limit` of them (None: all).

        The order: how well the text matches, then the number of reads (`usage_stats.views`), then `quality_score`, each
        the greatest first; then the name. A text alone is `SearchQuery(text)`. `Platform.search` has more filters,
        pages, counts and highlights, and answers faster: it does not load the metadata of each product.
        """
        query = SearchQuery(query) if isinstance(query, str) else query
        if not isinstance(query, SearchQuery):
            raise BadInput(f"a {type(query).__name__} is not a search", hint='SearchQuery("orders", domain="commerce")')
        hits = self.platform.search(query.text, query.domain or None, query.min_quality or None, limit=limit)
        return [self.platform.show(hit.name) for hit in hits]

    def get_lineage(self, product_name: str, depth: int = 1) -> LineageGraph:
        """Where the product's data comes from (`upstream`) and where it goes (`downstream`), 1 to 50 steps each way.

        Example: `[step.product for step in catalog.get_lineage("orders").upstream]`
        """
        return self.platform.lineage(product_name, depth)

    def get_quality_metrics(self, product_name: str, days: int = 30) -> QualityMetrics:
        """Score (0–100), SLA compliance (percent), daily trend and incidents of the last `days` days (1 to 366).

        Example: `catalog.get_quality_metrics("orders").current_score`
        """
        return self.platform.quality_metrics(product_name, days=days)

    def get_latest_version(self, product_name: str, output: str | None = None) -> VersionInfo:
        """The newest data version of an output: number, location, schema, statistics and quality.

        `output` may be left out where the product has one. Raises NotFound before the first publish.

        Example: `catalog.get_latest_version("orders", "orders_fact").rows`
        """
        return self.platform.latest_version(product_name, output)

    def register_version(
        self,
        product: str,
        output: str,
        data: Any = None,
        *,
        location: Any = None,
        schema: Any = None,
        stats: Any = None,
        quality: Any = None,
    ) -> PublishResult:
        """Publishes `data` as the next version of an output of a registered product: staged, audited and recorded.

        A version is recorded only together with the audit of its very data. So `data` is what is published: a table, a
        DataFrame, dicts, or the path of a file. BadInput is raised, and nothing written, for `location`, `schema`,
        `stats` or `quality`: data that was written elsewhere and results that the caller brings are not registered.
        Raises what `DataProduct.publish` raises, DataQualityError among it.

        Example: `catalog.register_version("orders", "orders_fact", "orders.parquet").version`
        """
        brought = {"location": location, "schema": schema, "stats": stats, "quality": quality}
        names = [name for name, value in brought.items() if value is not None]
        if names:
            raise BadInput(
                f"register_version does not take {', '.join(names)}: a version is recorded with the audit of its data",
                hint="hand over the data, which is audited: register_version(product, output, data); "
                "or DataProduct.load(path).publish(output, data)",
            )
        if data is None:
            raise BadInput("register_version needs the data", hint="register_version(product, output, data)")
        name = Reference.parse(product, output).refuse_version("a publish")
        made_from: dict[str, Any] = {}
        if isinstance(data, TracedRows):
            made_from = {"lineage": data.provenance, "column_lineage": data.column_lineage, "sql": data.outline}
        request = Publish(name.product, name.output_name or "", consumed=list_consumed(), **made_from)
        return self.platform.publish(request, data)
