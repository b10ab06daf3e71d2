"""Posting events: what the receiver gets, and what each of its answers means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from data_platform.errors import BadInput
from data_platform.integrations.openlineage import Receiver
from data_platform.settings import OpenLineage, Template
from data_platform.verbs.events.outbox import NotAccepted, NotDelivered
from tests.integrations.receiver import TAKEN, Answer, Server

EVENT = {"eventType": "COMPLETE", "job": {"namespace": "sales", "name": "ลูกค้า"}}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def receiver(server: Server, key: str | None = None, **settings: object) -> Receiver:
    template = Template("${LINEAGE_KEY}", "the receiver") if key is not None else None
    return Receiver.of(OpenLineage(server.url, api_key=template, timeout_seconds=1, **settings))  # type: ignore[arg-type]


def answers(server: Server, *answer: object) -> None:
    server.answer = lambda event: answer  # type: ignore[assignment, return-value]


def test_an_event_arrives_as_json_at_the_endpoint(server: Server) -> None:
    receiver(server, endpoint="/v2/lineage/")(EVENT)
    [heard] = server.heard
    assert (heard.path, heard.event) == ("/v2/lineage", EVENT)
    assert heard.headers["Content-Type"] == "application/json"
    assert heard.headers["User-Agent"].startswith("data-platform/")
    assert "Authorization" not in heard.headers


def test_the_key_is_sent_as_a_bearer_token_and_shown_nowhere(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_KEY", "hunter2")
    post = receiver(server, "LINEAGE_KEY")
    answers(server, 401, {}, b"the key hunter2 is unknown")
    with pytest.raises(NotDelivered) as refused:
        post(EVENT)
    assert server.heard[0].headers["Authorization"] == "Bearer hunter2"
    assert "hunter2" not in f"{refused.value} {post!r}"
    assert "the key *** is unknown" in str(refused.value)


@pytest.mark.parametrize("key", ["", "a\r\nEvil: yes", "กุญแจ", " a"])
def test_a_key_that_would_break_the_request_is_refused_without_being_told(
    server: Server, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("LINEAGE_KEY", key)
    with pytest.raises(BadInput, match=r"^\$\{LINEAGE_KEY\} holds no key"):
        receiver(server, "LINEAGE_KEY")


def test_a_key_that_is_not_set_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINEAGE_KEY", raising=False)
    with pytest.raises(BadInput, match="LINEAGE_KEY, which is not set"):
        receiver(server, "LINEAGE_KEY")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_success_is_one(server: Server, status: int) -> None:
    answers(server, status, {}, b"")
    receiver(server)(EVENT)


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_is_wrong_with_the_event_will_be_wrong_again(server: Server, status: int) -> None:
    answers(server, status, {}, b'{"message": "bad\x1b[31m\nevent"}')
    with pytest.raises(NotAccepted, match=rf'{status} .*"bad\[31m event"'):
        receiver(server)(EVENT)


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503, 504, 301, 307])
def test_what_is_wrong_with_the_receiver_may_pass(server: Server, status: int) -> None:
    answers(server, status, {"Location": f"{server.url}/elsewhere"}, b"")
    with pytest.raises(NotDelivered, match=f"{server.url}/api/v1/lineage: {status}"):
        receiver(server)(EVENT)
    assert [heard.path for heard in server.heard] == ["/api/v1/lineage"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_its_setting(server: Server, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("LINEAGE_KEY", "hunter2")
    answers(server, status, {}, b"")
    for key, told in (("hunter2", "refuses the key"), (None, "wants a key")):
        with pytest.raises(NotDelivered, match=rf"{told}: \[openlineage\] api_key") as refused:
            receiver(server, key)(EVENT)
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("status", [404, 405])
def test_a_wrong_address_names_its_settings(server: Server, status: int) -> None:
    answers(server, status, {}, b"")
    with pytest.raises(NotDelivered, match=r"\[openlineage\] url and endpoint"):
        receiver(server)(EVENT)


@pytest.mark.parametrize(("header", "wait"), [("120", 120), ("9" * 30, 10**6), ("soon", None), ("-5", None)])
def test_it_waits_as_long_as_it_is_asked_to(server: Server, header: str, wait: int | None) -> None:
    answers(server, 503, {"Retry-After": header}, b"")
    with pytest.raises(NotDelivered) as refused:
        receiver(server)(EVENT)
    assert refused.value.retry_after == (None if wait is None else timedelta(seconds=wait))


def test_it_waits_until_the_date_it_is_asked_to(server: Server) -> None:
    header = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    answers(server, 429, {"Retry-After": header}, b"")
    with pytest.raises(NotDelivered) as refused:
        receiver(server)(EVENT)
    assert refused.value.retry_after is not None
    assert timedelta(seconds=80) < refused.value.retry_after <= timedelta(seconds=90)


@pytest.mark.long
def test_a_receiver_that_stalls_is_given_up(server: Server) -> None:
    def stalls(event: object) -> Answer:
        time.sleep(1.5)
        return TAKEN

    server.answer = stalls
    with pytest.raises(NotDelivered, match="timed out"):
        receiver(server)(EVENT)


def test_a_receiver_that_hangs_up_is_tried_again(server: Server) -> None:
    def hangs_up(event: object) -> Answer:
        raise ConnectionError

    server.answer = hangs_up
    with pytest.raises(NotDelivered, match="closed connection"):
        receiver(server)(EVENT)


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with Server().running() as gone:
        post = receiver(gone)
    with pytest.raises(NotDelivered, match=r"127.0.0.1:\d+/api/v1/lineage: Connection refused$"):
        post(EVENT)


def test_an_endless_answer_is_not_read_to_its_end(server: Server) -> None:
    answers(server, 400, {}, b"x" * 5_000_000)
    with pytest.raises(NotAccepted) as refused:
        receiver(server)(EVENT)
    assert len(str(refused.value)) < 500
