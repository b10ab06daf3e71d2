"""Posting OpenLineage events to Marquez, DataHub, OpenMetadata and whatever else speaks the OpenLineage HTTP API.

A redirect is never followed: it would carry the key to another server. Proxies are those of the environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from data_platform.errors import BadInput
from data_platform.installing import VERSION
from data_platform.settings import OpenLineage
from data_platform.verbs.events.outbox import NotAccepted, NotDelivered

ABOUT_THE_RECEIVER = frozenset([401, 402, 403, 404, 405, 407, 408, 421, 423, 425, 426, 429, 451])
"""Refusals that any event would meet: a missing key, a wrong path, too much at once. All other 4xx are of the event."""

_LONGEST_ANSWER = 2_000
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Receiver:
    """Calling it posts one event; raises NotDelivered when another try may help, NotAccepted when none will."""

    settings: OpenLineage
    key: str | None = field(default=None, repr=False)
    opener: OpenerDirector = field(default_factory=lambda: _build_opener(), repr=False)

    @classmethod
    def of(cls, settings: OpenLineage) -> Receiver:
        """The receiver with its key; raises BadInput when the key's variable is not set or holds no key."""
        key = settings.api_key.resolve() if settings.api_key else None
        if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key != ""):
            raise BadInput(f"{settings.api_key and settings.api_key.text} holds no key: a key is printable ASCII")
        return cls(settings, key)

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Posts the event."""
        content = json.dumps(event).encode()
        request = Request(self.settings.address, content, self._build_headers(), method="POST")
        try:
            with self.opener.open(request, timeout=self.settings.timeout_seconds) as response:
                response.read(_LONGEST_ANSWER)
        except HTTPError as refusal:
            with refusal:
                raise self._convert_refusal(refusal) from None
        except (URLError, HTTPException, OSError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            words = self._format_line(getattr(reason, "strerror", None) or reason) or type(reason).__name__
            raise NotDelivered(f"{self.settings.address}: {words}") from None

    def _build_headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"data-platform/{VERSION}"}
        return {**headers, "Authorization": f"Bearer {self.key}"} if self.key else headers

    def _convert_refusal(self, refusal: HTTPError) -> NotAccepted | NotDelivered:
        said = b""
        with suppress(HTTPException, OSError):
            said = refusal.read(_LONGEST_ANSWER)
        words = self._format_line(f"{refusal.reason} {said.decode(errors='replace')}")
        message = f"{self.settings.address}: {refusal.code} {words}".rstrip() + self._describe_setting(refusal.code)
        if 400 <= refusal.code < 500 and refusal.code not in ABOUT_THE_RECEIVER:
            return NotAccepted(message)
        return NotDelivered(message, retry_after=_parse_retry_after(refusal.headers.get("Retry-After")))

    def _describe_setting(self, code: int) -> str:
        """Which setting to look at, for the answers that speak of one."""
        if code in (401, 403):
            return f" (the receiver {'refuses the' if self.key else 'wants a'} key: [openlineage] api_key)"
        return " (nothing is there: [openlineage] url and endpoint)" if code in (404, 405) else ""

    def _format_line(self, what: object) -> str:
        """What the other side said, in one short line without the key."""
        words = " ".join(str(what).split())
        line = "".join(word for word in words if word.isprintable())
        return (line.replace(self.key, "***") if self.key else line)[:_LONGEST_REASON]


def _build_opener() -> OpenerDirector:
    """HTTP and HTTPS alone, and no redirects; an answer that is no success is an HTTPError."""
    opener = OpenerDirector()
    for handler in (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler):
        opener.add_handler(handler())
    return opener


def _parse_retry_after(header: str | None) -> timedelta | None:
    """Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), 10**6))
    with suppress(ValueError):
        moment = parsedate_to_datetime(header)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
    return None
