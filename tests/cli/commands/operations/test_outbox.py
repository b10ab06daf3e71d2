"""outbox, tick and doctor: what waits to leave the house, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_platform.cli.doctor import mesh as health
from tests.cli.conftest import Run
from tests.integrations.receiver import Server

PRODUCT = "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n"


@pytest.fixture
def server(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A receiver that the folder's mesh knows, and two messages for it."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    run("init")
    with Server().running() as server:
        (folder / ".data-platform/settings.toml").write_text(f'[openlineage]\nurl = "{server.url}"\n')
        (folder / "product.yaml").write_text(PRODUCT)
        (folder / "rows.csv").write_text("id\n1\n")
        assert run("publish", ".", "t", "rows.csv").exit_code == 0
        yield server


def test_without_a_receiver_nothing_waits(run: Run, folder: Path) -> None:
    run("init")
    done = run("outbox")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "no messages waiting: settings.toml names no receiver" in done.stderr
    assert json.loads(run("outbox", "--json").stdout) == []


def test_a_mesh_with_channels_alone_is_not_said_to_lack_a_receiver(run: Run, folder: Path) -> None:
    run("init")
    (folder / ".data-platform/settings.toml").write_text('[channels.mail]\nurl = "mailto://m.example.org"\n')
    (folder / "product.yaml").write_text(f"{PRODUCT}    sla: {{freshness: 1 minute}}\nalerts: [mail]\n")
    assert run("outbox").stderr == "no messages waiting\n"
    assert run("alerts").stdout == "mail  –, not tested\n"


def test_what_waits_is_sent(run: Run, server: Server) -> None:
    assert run("outbox").stdout.startswith("openlineage  2 messages waiting since 20")
    done = run("outbox", "send")
    assert (done.exit_code, done.stdout) == (0, "sent 2 messages\n")
    assert len(server.heard) == 4
    assert "no messages waiting" in run("outbox").stderr


def test_tick_sends_it_too(run: Run, server: Server) -> None:
    found = json.loads(run("tick", "--json").stdout)
    assert found["delivered"] == {"sent": 2, "failed": 0, "refused": 0, "waiting": 0, "cause": None, "next_try": None}
    assert run("tick").stdout.endswith("sent 0 messages\n")


def test_a_receiver_that_cannot_is_told_with_its_reason(run: Run, server: Server) -> None:
    server.answer = lambda event: (503, {}, b"busy")
    done = run("outbox", "send")
    assert done.exit_code == 2
    told, cause = done.stdout.splitlines()
    assert told.startswith("sent 0 messages; 1 could not be sent and will be retried; 2 waiting, next try 20")
    assert cause == f"  openlineage: {server.url}/api/v1/lineage: 503 Service Unavailable busy"
    told = run("outbox").stdout
    assert f"{server.url}/api/v1/lineage: 503 Service Unavailable busy" in told
    assert ", next try 20" in told
    assert run("outbox", "send").exit_code == 2  # it waits for its next try
    assert run("tick").exit_code == 0
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json").stdout)}
    assert checks["outbox"]["state"] == "warning"
    assert checks["outbox"]["found"].endswith("503 Service Unavailable busy")


def test_what_was_refused_is_kept_until_it_is_sent_again(run: Run, server: Server) -> None:
    server.answer = lambda event: (422, {}, b"") if "dataset" in event else (201, {}, b"")
    told, cause = run("outbox", "send").stdout.splitlines()
    assert told == "sent 1 message; 1 refused and kept"
    assert cause.startswith("  openlineage: 1 of 2 events: ")
    told = run("outbox").stdout
    assert "openlineage  nothing waiting, 1 refused and kept" in told
    assert "1 of 2 events: " in told
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json").stdout)}
    assert checks["outbox"]["state"] == "warning"
    assert checks["outbox"]["found"].startswith("1 message refused by openlineage: 1 of 2 events")
    server.answer = lambda event: (201, {}, b"")
    assert run("outbox", "retry", "--json").exit_code == 0
    assert "no messages waiting" in run("outbox").stderr


def test_doctor_says_what_waits_for_long(run: Run, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "outbox" not in run("doctor").stdout
    monkeypatch.setattr(health, "LONG", health.timedelta(0))
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json").stdout)}
    assert checks["outbox"]["found"].startswith("2 messages for openlineage since 20")
    assert "data-platform tick" in checks["outbox"]["mend"]


def test_a_key_that_is_not_set_is_told_before_anything_is_sent(
    run: Run, folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINEAGE_KEY", raising=False)
    with (folder / ".data-platform/settings.toml").open("a") as file:
        file.write('api_key = "${LINEAGE_KEY}"\n')
    done = run("outbox", "send")
    assert done.exit_code == 2
    assert "needs the environment variable LINEAGE_KEY, which is not set" in done.stderr
    assert server.heard == []
    checks = {check["name"]: check for check in json.loads(run("doctor", "--json").stdout)}
    assert checks["openlineage"]["found"] == "not set: LINEAGE_KEY"


def test_a_command_that_there_is_not_is_told_with_the_nearest(run: Run) -> None:
    done = run("outbox", "sned")
    assert done.exit_code == 2
    assert "Did you mean 'send'?" in done.stderr
