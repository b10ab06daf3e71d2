"""A sender that dies between a post and its note sends again: nothing is lost, and nothing overtakes."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from data_platform.integrations.senders import build_senders
from data_platform.record.operations import events
from data_platform.settings import load_settings
from tests.crash.child import delivers, start
from tests.integrations.receiver import Server
from tests.meshes import IDS, ROWS, World


def told(event: dict[str, Any]) -> tuple[object, ...]:
    return event["schemaURL"], event.get("eventType"), event.get("run", {}).get("runId")


def recorded(world: World) -> list[tuple[object, ...]]:
    with world.mesh.record.reading() as conn:
        return [told(each) for event in events.list_after(conn) for each in event.body or ()]


@pytest.mark.long
@pytest.mark.parametrize("posts", [1, 2, 4])
def test_a_sender_that_is_killed_after_a_post_sends_again(
    world: World, posts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server().running() as server:
        world.mesh.home.settings_file.write_text(f'[openlineage]\nurl = "{server.url}"\n')
        world.mesh.settings = load_settings(world.mesh.home)
        product = world.product(columns=IDS)
        product.publish("t", ROWS)
        product.publish("t", ROWS)
        process = start(delivers, world.home, world.clock(), posts)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        assert len(server.heard) == posts
        post = build_senders(world.mesh.settings)
        assert world.platform.deliver(post).sent == 0, "what the dead one claimed is held until its claim ends"
        world.clock.later(minutes=11)
        assert world.platform.deliver(post).waiting == 0
    heard = [told(event) for event in server.events]
    assert len(heard) > len(set(heard)), "the last post was repeated"
    assert list(dict.fromkeys(heard)) == recorded(world)
