"""What a domain team asks of Platform: contracts, versions of data, and their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_platform import verbs
from data_platform.errors import BadInput
from data_platform.platform.transport import Asking
from data_platform.settings import Environment
from data_platform.spec.product.reference import Reference
from data_platform.spec.text.names import quote_value
from data_platform.verbs.core.attachments import Attachments, Progress, check_function, ignore_progress

if TYPE_CHECKING:
    from data_platform.spec.product.loading import ProductFile
    from data_platform.verbs.publishing.publish import Publish
    from data_platform.verbs.results import (
        Difference,
        MajorInfo,
        ProductState,
        PublishResult,
        Registration,
        Released,
    )


Watch = Callable[[str, int], None]
"""Takes each step of a publish and a count."""


class Publishing(Asking):
    """What a domain team asks: contracts, versions of data, and their end."""

    def register(self, product: str | Path | ProductFile) -> Registration:
        """Registers the product of a product.yaml (or its folder); idempotent."""
        return self._transport.call(verbs.Register.of(product))

    def check_columns(self, product: ProductFile) -> None:
        """Holds the columns that a product.yaml names against those that published data has shown; InvalidSpec."""
        self._transport.call(verbs.CheckColumns(product))

    def diff(self, product: str | Path | ProductFile) -> Difference:
        """What registering a product.yaml (or its folder) would change and break, and for whom; nothing is written."""
        return self._transport.call(verbs.Diff.of(product))

    def release(self, product: str, to: str) -> Released:
        """Registers in the environment `to` (dev, staging, prod) exactly what this one has; idempotent."""
        if to not in list(Environment):
            raise BadInput(f"there is no environment {to!r}", hint=f"it is one of {', '.join(Environment)}")
        return self._transport.call(verbs.Release(product, Environment(to)))

    def publish(self, request: Publish, data: Any = None, watch: Watch | None = None) -> PublishResult:
        """Publishes the data; `DataProduct.publish` is the way there for a domain team.

        `watch` is called with each step (registered, leased, staging, staged, audited, prepared, swapped, recorded,
        promoted) and a count.
        """
        if not isinstance(request, verbs.Publish):
            raise BadInput(f"a publish is a request, and not {quote_value(request)}", hint="DataProduct.publish")
        return self._transport.call(request, Attachments(data, _listen(watch)))

    def deprecate(
        self, product: str | Reference, output: str | None = None, until: datetime | date | str | None = None
    ) -> MajorInfo:
        """Announces the end of a major of an output, `orders.orders_fact@1`; it stays readable."""
        name = Reference.parse(product, output).refuse_version("deprecate")
        if until is None:
            raise BadInput("deprecate needs the end", hint="until=date(2027, 3, 1)")
        return self._transport.call(verbs.Deprecate(name.product, name.output_name or "", until))

    def retire(self, product: str | Reference, output: str | None = None, days: int = 30) -> MajorInfo:
        """Closes a deprecated major that had no reader in the last `days` days; the name that is given confirms it."""
        name = Reference.parse(product, output).refuse_version("retire")
        confirm = f"{name.product}.{name.output_name}" if name.output_name else None
        return self._transport.call(verbs.Retire(name.product, name.output_name or "", days, confirm))

    def archive(self, product: str, *, undo: bool = False) -> ProductState:
        """Closes a product, which is read on and takes no more publishes; `undo` opens it again."""
        return self._transport.call(verbs.Archive(product, undo))

    def deprecate_product(self, product: str, until: datetime | date | str) -> tuple[MajorInfo, ...]:
        """Announces the end of every output of a product; it stays readable."""
        return self._transport.call(verbs.DeprecateProduct(product, until))

    def retire_product(self, product: str, days: int = 30) -> ProductState:
        """Closes every output of a product that had no reader in the last `days` days; the name confirms it."""
        return self._transport.call(verbs.RetireProduct(product, days, product))


def _listen(watch: Watch | None) -> Callable[[Progress], None]:
    if watch is None:
        return ignore_progress
    check_function("watch", watch)
    return lambda progress: watch(progress.step, progress.done)
