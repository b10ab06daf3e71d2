"""Messages arrive: by a real SMTP server, and at a webhook that checks their signatures; dead channels lose none."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from data_platform.integrations.addresses import refuse_private_connections, resolve_host
from data_platform.integrations.alert_texts import write_body, write_title
from data_platform.integrations.senders import ChannelSender, build_channel_senders
from data_platform.settings import ChannelSettings, Template, load_settings
from data_platform.verbs.events.outbox import NotAccepted, NotDelivered
from tests.integrations.mailbox import SECRET, Mailbox, is_signed
from tests.integrations.receiver import Server
from tests.meshes import IDS, ROWS, World

CHANGE = {
    "event": "opened",
    "severity": "high",
    "place": "orders.t",
    "cause": "freshness broken",
    "incident": 3,
    "upstream": False,
    "outputs": [],
}
MESSAGE: dict[str, Any] = {
    "id": 7,
    "at": "2026-11-23T12:00:00.000000Z",
    "by": "ana@x",
    "product": "orders",
    "details": {
        "channel": "mail",
        "changes": [CHANGE],
        "on_call": "bob@x",
        "url": "https://mesh.example.org/products/orders",
    },
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox().running() as mailbox:
        yield mailbox


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with Server().running() as server:
        yield server


def make_sender(url: str, *, secret: str | None = None, allow_private: bool = True) -> ChannelSender:
    template = None if secret is None else Template(secret, "channel 'mail' ([channels.mail] secret)")
    owner = "channel 'mail' ([channels.mail] url)"
    return ChannelSender(ChannelSettings("mail", Template(url, owner), template, allow_private, timeout_seconds=2))


def test_a_letter_says_what_happened_who_is_on_call_and_where_to_look(mailbox: Mailbox) -> None:
    make_sender(mailbox.url)(MESSAGE)
    (letter,) = mailbox.letters
    assert letter["Subject"] == "[data-platform] orders: opened: freshness broken on orders.t (high)"
    (text,) = mailbox.texts
    for line in ("data-platform incidents show 3", "on call: bob@x", "message 7@2026-11-23T12:00:00.000000Z"):
        assert line in text


def test_an_upstream_that_breaks_is_said_with_what_is_lost(mailbox: Mailbox) -> None:
    lost = {**CHANGE, "upstream": True, "outputs": ["churn.t"]}
    make_sender(mailbox.url)({**MESSAGE, "product": "churn", "details": {"channel": "mail", "changes": [lost]}})
    (letter,) = mailbox.letters
    assert letter["Subject"] == "[data-platform] churn: upstream orders.t broken"
    assert "churn.t may be old or wrong" in mailbox.texts[0]


def test_a_webhook_is_signed_with_a_timestamp_and_has_an_id_that_stays(webhook: Server) -> None:
    send = make_sender(f"{webhook.url}/hook", secret="${HOOK_SECRET}")
    send(MESSAGE)
    send(MESSAGE)
    first, second = webhook.heard
    assert first.path == "/hook"
    assert first.event["details"] == MESSAGE["details"]
    assert "ana@x" not in str(first.event), "who caused the message stays in the record"
    assert first.event["id"] == second.event["id"] == first.headers["webhook-id"]
    assert is_signed(first.headers, json.dumps(first.event).encode())
    assert not is_signed(first.headers, json.dumps(first.event).encode(), key=b"another")


@pytest.mark.parametrize(
    ("status", "error"), [(500, NotDelivered), (429, NotDelivered), (404, NotDelivered), (400, NotAccepted)]
)
def test_a_webhook_that_refuses_is_an_error_without_its_address(
    webhook: Server, status: int, error: type[Exception]
) -> None:
    webhook.answer = lambda event: (status, {}, b"")
    with pytest.raises(error) as raised:
        make_sender(f"{webhook.url}/token-in-path", secret="${HOOK_SECRET}")(MESSAGE)
    assert str(status) in str(raised.value)
    assert "token-in-path" not in str(raised.value)


def test_a_redirect_is_not_followed(webhook: Server) -> None:
    webhook.answer = lambda event: (302, {"Location": f"{webhook.url}/elsewhere"}, b"")
    with pytest.raises(NotDelivered, match="302"):
        make_sender(webhook.url, secret="${HOOK_SECRET}")(MESSAGE)
    assert len(webhook.heard) == 1


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "::127.0.0.1", "fec0::1", "224.0.0.1"),
    ],
)
def test_private_addresses_are_refused_unless_they_are_allowed(host: str) -> None:
    with pytest.raises(NotDelivered, match="private address"):
        resolve_host(host, 443, allow_private=False)
    assert resolve_host("127.0.0.1", 443, allow_private=True) == "127.0.0.1"
    assert resolve_host("9.9.9.9", 443, allow_private=False) == "9.9.9.9"


def test_a_public_address_behind_a_translator_is_public() -> None:
    assert resolve_host("64:ff9b::909:909", 443, allow_private=False) == "64:ff9b::909:909"


def test_a_name_that_means_another_address_a_moment_later_is_refused(
    monkeypatch: pytest.MonkeyPatch, webhook: Server
) -> None:
    """DNS rebinding, and a redirect of a public host: neither leads Apprise to a private address."""
    real = socket.getaddrinfo
    answers = iter(["9.9.9.9"])

    def rebind(host: str, port: int, *more: Any, **options: Any) -> Any:
        return real(next(answers, "127.0.0.1") if host == "rebound.example.org" else host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    url = f"json://rebound.example.org:{webhook.port}/"
    with pytest.raises(NotDelivered, match="private address"):
        make_sender(url, allow_private=False)(MESSAGE)
    assert not webhook.heard
    make_sender(url)(MESSAGE)
    assert webhook.heard


def test_no_thread_beside_is_kept_from_connecting(webhook: Server) -> None:
    with refuse_private_connections(), ThreadPoolExecutor(1) as pool:
        pool.submit(make_sender(f"json://127.0.0.1:{webhook.port}/"), MESSAGE).result()
    assert webhook.heard
    with pytest.raises(NotDelivered, match="private address"), refuse_private_connections(), suppress(OSError):
        socket.create_connection(("127.0.0.1", webhook.port))


MARKS = "<!channel> @everyone x@here <https://e.example|bank> [bank](https://e.example) <b>*b*</b> `c`\u202e\r\nBcc: d"


def test_what_people_wrote_is_no_markup_to_any_service(mailbox: Mailbox) -> None:
    cause = f"rule in error: {MARKS}"
    details = {"channel": "mail", "changes": [{**CHANGE, "cause": cause}], "on_call": f"ann@x.example {MARKS}"}
    make_sender(mailbox.url)({**MESSAGE, "details": details})
    (letter,), (text,) = mailbox.letters, mailbox.texts
    assert not set("<>[]()|*`\u202e\r") & set(write_body({**MESSAGE, "details": details}).replace("(high)", ""))
    assert letter["Bcc"] is None and "\n" not in write_title({**MESSAGE, "details": details})
    assert "on call: ann@x.example" in text
    for mention in ("@everyone", "@here", "!channel"):
        assert mention not in text and mention not in letter["Subject"]


def test_names_in_any_script_are_whole() -> None:
    thai = {**CHANGE, "cause": "rule in error: ยอดขายต้องเป็นบวก"}
    assert "ยอดขายต้องเป็นบวก" in write_body({**MESSAGE, "details": {"channel": "mail", "changes": [thai]}})


def test_neither_channel_reaches_a_private_address_that_is_not_allowed(mailbox: Mailbox, webhook: Server) -> None:
    for send in (
        make_sender(mailbox.url, allow_private=False),
        make_sender(webhook.url.replace("http", "https"), secret="${HOOK_SECRET}", allow_private=False),
    ):
        with pytest.raises(NotDelivered, match="private address"):
            send(MESSAGE)
    assert not mailbox.letters
    assert not webhook.heard


@pytest.mark.parametrize(
    ("url", "secret", "message"),
    [
        ("${MISSING_URL}", None, "MISSING_URL, which is not set"),
        ("nosuch://service", None, "is no URL of a service that Apprise knows"),
        ("http://127.0.0.1:9/", "${HOOK_SECRET}", "does not answer"),
        ("mailto://127.0.0.1:9?from=a@b.example&to=c@d.example&mode=insecure", None, "did not take the message"),
        ("https://127.0.0.1:9/", "${WEAK_SECRET}", "at least 24 bytes"),
    ],
)
def test_what_is_not_set_up_right_is_said_without_secrets(
    monkeypatch: pytest.MonkeyPatch, url: str, secret: str | None, message: str
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("WEAK_SECRET", "whsec_c2hvcnQ=")
    with pytest.raises(NotDelivered) as raised:
        make_sender(url, secret=secret)(MESSAGE)
    assert message in str(raised.value)
    assert SECRET not in str(raised.value)


def test_without_the_extra_the_message_waits_and_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "data_platform.integrations.apprise_urls", raising=False)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(NotDelivered, match=r"apprise is not installed.*alerts"):
        make_sender("json://127.0.0.1")(MESSAGE)


def test_a_dead_channel_loses_nothing_and_keeps_no_other_back(world: World, mailbox: Mailbox, webhook: Server) -> None:
    world.mesh.home.settings_file.write_text(
        f'[channels.mail]\nurl = "{mailbox.url}"\nallow_private = true\n'
        f'[channels.hook]\nurl = "{webhook.url}"\nsecret = "${{HOOK_SECRET}}"\nallow_private = true\n'
    )
    world.mesh.settings = load_settings(world.mesh.home)
    senders = build_channel_senders(world.mesh.settings)
    mailbox.answer = "451 try later"
    world.product(columns=IDS, output="sla: {freshness: 1 minute}", more="alerts: [mail, hook]").publish("t", ROWS)
    world.clock.later(minutes=2)
    assert world.platform.tick(senders).delivered.waiting == 1
    assert len(webhook.heard) == 1
    mailbox.answer = "250 OK"
    world.clock.later(minutes=16)
    assert world.platform.tick(senders).delivered.waiting == 0
    assert mailbox.subjects == ["[data-platform] orders: opened: freshness broken on orders.t (low)"]
    assert len(webhook.heard) == 1
