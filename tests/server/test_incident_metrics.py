"""Open incidents and the clock as Prometheus figures, of what the scraper finds."""

from __future__ import annotations

import re

import pytest
from starlette.requests import HTTPConnection

from data_platform.errors import NotAuthenticated
from data_platform.server.limits import incident_metrics
from data_platform.server.limits.incident_metrics import render_incidents
from data_platform.server.parts import ServerParts
from data_platform.settings import Principal
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import IDS, ROWS, World

FRESH = "sla: {freshness: 1 minute}"
HIDDEN = "access: {visibility: restricted, discoverable: false}"


@pytest.fixture
def stale(world: World) -> World:
    world.product(columns=IDS, output=FRESH).publish("t", ROWS)
    world.product("secret", IDS, output=FRESH, more=HIDDEN, owner="bea@x").publish("t", ROWS)
    world.clock.later(minutes=2)
    world.platform.tick()
    return world


def scrape(world: World, monkeypatch: pytest.MonkeyPatch, principal: Principal | None) -> str:
    def identify(parts: ServerParts, http: HTTPConnection) -> Principal:
        if principal is None:
            raise NotAuthenticated("no token")
        return principal

    monkeypatch.setattr(incident_metrics, "identify_caller", identify)
    parts = ServerParts(world.mesh, lambda token: None)
    return render_incidents(parts, HTTPConnection({"type": "http", "headers": []})).decode()


def test_open_incidents_are_counted_by_product_and_severity(stale: World, monkeypatch: pytest.MonkeyPatch) -> None:
    text = scrape(stale, monkeypatch, stale.context.principal)
    assert 'data_platform_open_incidents{product="orders",severity="low"} 1.0' in text
    assert "secret" not in text
    (ran_at,) = re.findall(r"^data_platform_clock_last_run_timestamp_seconds (\S+)$", text, re.MULTILINE)
    assert float(ran_at) == stale.clock().timestamp()


def test_a_scraper_sees_the_products_that_it_finds(stale: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = stale.platform.create_token("cat@x", "consumer").token
    text = scrape(stale, monkeypatch, authenticate_token(stale.mesh, token))
    assert "orders" in text
    assert "secret" not in text
    assert scrape(stale, monkeypatch, None) == ""
