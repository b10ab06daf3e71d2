"""A real SMTP server on this machine, which keeps what it takes, and webhooks whose signatures are checked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

KEY = b"a key of twenty-four bytes and more"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@dataclass
class Mailbox:
    """The letters that came, and how the next one is answered."""

    answer: str = "250 OK"
    letters: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.letters.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        return self.answer

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=mesh@example.org&to=owner@example.org&mode=insecure"

    @property
    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]

    @property
    def texts(self) -> list[str]:
        bodies = (letter.get_body(("plain",)) for letter in self.letters)
        return [body.get_content() for body in bodies if body is not None]

    @contextmanager
    def running(self) -> Iterator[Mailbox]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def is_signed(headers: dict[str, str], payload: bytes, key: bytes = KEY) -> bool:
    """Whether a webhook has the signature of Standard Webhooks, of these last minutes."""
    named: dict[str, Any] = {name.lower(): value for name, value in headers.items()}
    signed = f"{named['webhook-id']}.{named['webhook-timestamp']}.".encode() + payload
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return named["webhook-signature"] == f"v1,{expected}" and abs(int(named["webhook-timestamp"]) - time.time()) < 300
