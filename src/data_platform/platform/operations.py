"""Methods of Platform for operations: SLAs, incidents, maintenance and the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from data_platform import verbs
from data_platform.errors import BadInput
from data_platform.platform.transport import Asking
from data_platform.spec.product.reference import Reference
from data_platform.verbs.core.attachments import Attachments, check_function

if TYPE_CHECKING:
    from data_platform.verbs.core.attachments import Sender
    from data_platform.verbs.results import (
        BackedUp,
        ChannelInfo,
        Collected,
        Delivered,
        ErasedKeys,
        Examined,
        IncidentDetail,
        IncidentInfo,
        KeyInfo,
        OutboxInfo,
        QualityMetrics,
        RefusedPublish,
        Repaired,
        RotatedColumn,
        RotatedKeys,
        Ticked,
    )


class OperationsMethods(Asking):
    """SLAs, incidents, maintenance and the outbox."""

    def quality_metrics(self, product: str | Reference, output: str | None = None, days: int = 30) -> QualityMetrics:
        """Score, SLAs, trend and incidents of a product, or of one of its outputs, over the last `days` days."""
        name = Reference.parse(product, output).refuse_version("quality")
        return self._transport.call(verbs.Quality(name.product, name.output_name, days))

    def refusals(self, product: str | Reference, output: str | None = None, limit: int = 20) -> list[RefusedPublish]:
        """The last refused publishes to a product, or to one of its outputs, with the rules that failed."""
        name = Reference.parse(product, output).refuse_version("refusals")
        return self._transport.call(verbs.ListRefusals(name.product, name.output_name, limit))

    def incidents(
        self,
        product: str | None = None,
        *,
        open_only: bool = False,
        severity: str | None = None,
        limit: int | None = None,
    ) -> list[IncidentInfo]:
        """The incidents of a product, or of the mesh, newest first; with `severity` those at least as grave."""
        return self._transport.call(verbs.ListIncidents(product, open_only, severity, limit))

    def incident(self, id: int) -> IncidentDetail:
        """One incident, with its timeline and its blast radius."""
        return self._transport.call(verbs.ShowIncident(id))

    def acknowledge_incident(self, id: int, comment: str | None = None) -> IncidentInfo:
        """Records that the caller is working on it."""
        return self._transport.call(verbs.AcknowledgeIncident(id, comment))

    def comment_incident(self, id: int, text: str) -> IncidentInfo:
        """Adds words to its timeline."""
        return self._transport.call(verbs.CommentIncident(id, text))

    def resolve_incident(self, id: int, comment: str | None = None) -> IncidentInfo:
        """Closes it by hand."""
        return self._transport.call(verbs.ResolveIncident(id, comment))

    def tick(self, senders: Mapping[str, Sender] | None = None) -> Ticked:
        """Runs periodic maintenance: evaluates SLAs, opens and resolves incidents, sends the outbox."""
        return self._transport.call(verbs.Tick(), Attachments(senders={} if senders is None else senders))

    def collect(self, *, dry_run: bool = False) -> Collected:
        """Removes files that no version names and no lease protects."""
        return self._transport.call(verbs.Collect(dry_run))

    def backup(self, folder: str | Path, *, keys: bool = False) -> BackedUp:
        """Copies the mesh into a new folder, as it is at one moment, while others read and publish.

        Without `keys`, encrypted columns of the copy can be read only with the keys of this home. With them, whoever
        has the copy reads all personal data, also what is erased later.
        """
        return self._transport.call(verbs.Backup(folder, keys))

    def list_keys(
        self, product: str | Reference | None = None, output: str | None = None, column: str | None = None
    ) -> list[KeyInfo]:
        """The keys of encrypted columns, of the mesh, a product, an output or a column, without their material."""
        if product is None:
            return self._transport.call(verbs.ListKeys())
        name = Reference.parse(product, output).refuse_version("a key", column)
        return self._transport.call(verbs.ListKeys(name.product, name.output_name, column))

    def erase_key(
        self, product: str | Reference, output: str | None = None, column: str | None = None, *, confirm: str
    ) -> ErasedKeys:
        """Erases the keys of a product, an output or a column: what they encrypted can never be read again.

        `confirm` repeats the name as `PRODUCT[.OUTPUT[@MAJOR][.COLUMN]]`; raises BadInput if it differs.
        """
        name = Reference.parse(product, output).refuse_version("an erasure", column)
        return self._transport.call(verbs.EraseKey(name.product, name.output_name, column, confirm))

    def rotate_keys(self) -> RotatedKeys:
        """Replaces the master key: a new version wraps every key. No data is rewritten."""
        return self._transport.call(verbs.RotateKeys())

    def rotate_column_key(
        self,
        product: str | Reference,
        output: str | None = None,
        column: str | None = None,
        watch: Callable[[str, int], None] = lambda step, rows: None,
    ) -> RotatedColumn:
        """Makes a new key for a column, and the newest version's rows a new version that it encrypts.

        Earlier versions stay readable with the earlier key. `watch` is called with each step and the rows so far.
        """
        check_function("watch", watch)
        name = Reference.parse(product, output).refuse_version("a rotation", column)
        if name.output_name is None or column is None:
            raise BadInput("a rotation needs a column", hint="name all three: PRODUCT.OUTPUT.COLUMN")
        attachments = Attachments(on_progress=lambda progress: watch(progress.step, progress.done))
        return self._transport.call(verbs.RotateColumnKey(name.product, name.output_name, column), attachments)

    def examine(self, seconds: float = 60.0) -> Examined:
        """Whether the newest version of each output is whole on disk, looked at for so many seconds at most."""
        return self._transport.call(verbs.Examine(seconds))

    def repair(self, product: str | None = None, output: str | None = None) -> Repaired:
        """Rewrites damaged metadata from the record and the data files, of the mesh, a product or an output."""
        return self._transport.call(verbs.Repair(product, output))

    def channels(self) -> list[ChannelInfo]:
        """The channels of alerts, the products that name each, and when it last took a test message."""
        return self._transport.call(verbs.ListChannels())

    def send_test_alert(self, channel: str, senders: Mapping[str, Sender] | None = None) -> ChannelInfo:
        """Sends a test message to a channel, and records that it was delivered."""
        return self._transport.call(
            verbs.SendTestAlert(channel), Attachments(senders={} if senders is None else senders)
        )

    def outbox(self) -> list[OutboxInfo]:
        """What waits for delivery: by destination, since when, and the last error."""
        return self._transport.call(verbs.Outbox())

    def deliver(self, senders: Mapping[str, Sender]) -> Delivered:
        """Sends what is due; `integrations.senders` builds the senders that settings.toml declares."""
        return self._transport.call(verbs.Deliver(), Attachments(senders=senders))

    def try_again(self) -> int:
        """Makes everything in the outbox due now, what was refused too; answers how many of those there were."""
        return self._transport.call(verbs.TryAgain())
