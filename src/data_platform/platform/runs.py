"""Methods of Platform for the runs of pipelines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from data_platform import verbs
from data_platform.platform.transport import Asking
from data_platform.spec.product.reference import Reference

if TYPE_CHECKING:
    from data_platform.verbs.results import RunDetail, RunInfo


class RunMethods(Asking):
    """The runs of pipelines. `DataProduct.run` runs one, and reports it by these methods."""

    def runs(
        self,
        product: str | Reference | None = None,
        output: str | None = None,
        *,
        state: str | None = None,
        limit: int | None = None,
        before: datetime | None = None,
        behind: str | None = None,
    ) -> list[RunInfo]:
        """The runs of the mesh, of a product or of an output, newest first.

        `state` is running, succeeded, refused, failed or lost. Only runs that started before the moment `before` are
        listed; with `behind`, the id of a run that started then, those that come after it in the list.
        """
        if product is None:
            return self._transport.call(verbs.ListRuns(None, output, state, limit, before, behind))
        name = Reference.parse(product, output).refuse_version("runs")
        return self._transport.call(verbs.ListRuns(name.product, name.output_name, state, limit, before, behind))

    def run(self, id: str) -> RunDetail:
        """One run, with the end of its log."""
        return self._transport.call(verbs.ShowRun(id))

    def start_run(
        self,
        product: str | Reference,
        output: str | None = None,
        *,
        scheduled_for: datetime | None = None,
        attempt: int | None = None,
    ) -> RunInfo:
        """Starts a run, which is lost unless `heartbeat_run` follows every two minutes at least.

        Of a scheduled time each attempt has one run; without `attempt` it is the next.
        """
        name = Reference.parse(product, output).refuse_version("a run")
        return self._transport.call(verbs.StartRun(name.product, name.output_name or "", scheduled_for, attempt))

    def heartbeat_run(self, id: str) -> RunInfo:
        """Reports that a run is alive."""
        return self._transport.call(verbs.HeartbeatRun(id))

    def finish_run(
        self, id: str, state: str, *, error_kind: str | None = None, error: str | None = None, log: str = ""
    ) -> RunInfo:
        """Reports the end of a run: succeeded (it has published a version), refused or failed."""
        return self._transport.call(verbs.FinishRun(id, state, error_kind, error, log))
