"""The senders that settings.toml declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from data_platform.errors import BadInput, MissingExtra
from data_platform.integrations.alert_texts import write_body, write_title
from data_platform.integrations.openlineage import Receiver
from data_platform.settings import ChannelSettings, Settings
from data_platform.verbs.core.attachments import Sender
from data_platform.verbs.events.destinations import OPENLINEAGE, name_channel
from data_platform.verbs.events.outbox import NotAccepted, NotDelivered


@dataclass(frozen=True, slots=True)
class ChannelSender:
    """Calling it sends one message to a channel.

    Its library is loaded, and its variables are read, when it sends: a channel that is not set up right keeps no other
    from being sent to. Raises NotDelivered with what is missing.
    """

    channel: ChannelSettings

    def __call__(self, message: Mapping[str, Any]) -> None:
        """Sends the message; raises NotDelivered or NotAccepted."""
        adapter = "webhook" if self.channel.secret else "apprise_urls"
        try:
            module = import_module(f"data_platform.integrations.{adapter}")
            content = {name: value for name, value in message.items() if name != "by"}  # people stay in the record
            content["id"] = f"{message['id']}@{message['at']}"  # ids are those of one record
            module.send(self.channel, content, write_title(content), write_body(content))
        except ModuleNotFoundError as error:
            missing = MissingExtra(error.name or adapter, "alerts")
            raise NotDelivered(f"{missing.message}: {missing.hint}") from None
        except NotAccepted:
            raise
        except BadInput as error:
            raise NotDelivered(error.message, hint=error.hint) from None


def build_channel_senders(settings: Settings) -> dict[str, Sender]:
    """A sender for each channel of alerts."""
    return {name_channel(name): ChannelSender(channel) for name, channel in settings.channels.items()}


def build_senders(settings: Settings) -> Mapping[str, Sender]:
    """A sender for each destination of the outbox that is set up; raises BadInput when OpenLineage's key is missing."""
    senders = build_channel_senders(settings)
    if settings.openlineage:
        senders[OPENLINEAGE] = Receiver.of(settings.openlineage)
    return senders
