"""The senders that settings.toml declares."""

from __future__ import annotations

from collections.abc import Mapping

from data_platform.integrations.openlineage import Receiver
from data_platform.settings import Settings
from data_platform.verbs.core.attachments import Sender
from data_platform.verbs.events.destinations import OPENLINEAGE


def build_senders(settings: Settings) -> Mapping[str, Sender]:
    """A sender for each destination of the outbox that is set up; raises BadInput when its key is not there."""
    return {OPENLINEAGE: Receiver.of(settings.openlineage)} if settings.openlineage else {}
