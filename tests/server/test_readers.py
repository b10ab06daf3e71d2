"""A grant that has ended closes what it opened over HTTP too: also with an ETag of before, or an idempotency key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import httpx
import pytest

from data_platform.record.access import grants
from data_platform.server.app import ServerApp
from data_platform.server.limits.guards import make_guards
from data_platform.server.limits.shared import SharedCounters
from data_platform.server.parts import ServerParts
from data_platform.settings.server_variables import PURPOSE_HEADER
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import IDS, NOON, ROWS, World
from tests.server.serving import make_client, serve
from tests.verbs.core.test_readers import add_grant

DATA = "/products/orders/outputs/t/versions/1/data"
HIDING = "access: {visibility: restricted, discoverable: false}"


@contextmanager
def serve_reader(world: World, access: str) -> Iterator[httpx.Client]:
    """A client of eve, who has a grant of `orders.t` for a day."""
    world.product(columns=IDS, more=access, owner="shop").publish("t", ROWS)
    token = world.platform.create_token("eve", "consumer").token
    add_grant(world)
    counters = SharedCounters(world.root / "limits.db", lambda: 1000.0)
    guards = make_guards(counters, replace(world.mesh.settings.server, requests_per_second=100_000))
    app = ServerApp(ServerParts(world.mesh, partial(authenticate_token, world.mesh), guards=guards))
    with serve(app) as url, make_client(url, token) as client:
        yield client


def end_grant(world: World, how: str) -> None:
    if how == "revoked":
        with world.mesh.record.transaction() as tx:
            assert grants.revoke(tx, "g1", world.clock(), "shop", "over")
    else:
        world.clock.now = NOON + timedelta(days=1)


@pytest.mark.parametrize("how", ["revoked", "ended"])
def test_a_tag_of_before_is_no_answer_after_the_end(world: World, how: str) -> None:
    with serve_reader(world, HIDING) as client:
        first = client.get("/products/orders")
        assert first.status_code == 200
        known = {"If-None-Match": first.headers["etag"]}
        assert client.get("/products/orders", headers=known).status_code == 304
        assert client.get(DATA).status_code == 200
        end_grant(world, how)
        again = client.get("/products/orders", headers=known)
        assert again.status_code == 404
        assert client.get(DATA).status_code == 404
        unknown = client.get("/products/unknown", headers=known)
        assert again.json()["detail"].replace("orders", "unknown") == unknown.json()["detail"]


@pytest.mark.parametrize("how", ["revoked", "ended"])
@pytest.mark.parametrize("path", ["/products/orders/subscription"])
def test_an_answer_under_a_key_is_not_given_again_after_the_end(world: World, how: str, path: str) -> None:
    with serve_reader(world, HIDING) as client:
        key = {"Idempotency-Key": "once"}
        first = client.put(path, headers=key, json={})
        assert first.status_code == 200, first.text
        assert client.put(path, headers=key, json={}).status_code == 200
        end_grant(world, how)
        assert client.put(path, headers=key, json={}).status_code == 404


@pytest.mark.parametrize("how", ["revoked", "ended"])
def test_a_restricted_output_is_closed_with_its_grant(world: World, how: str) -> None:
    with serve_reader(world, "access: {visibility: restricted}") as client:
        query = {"query": "SELECT count(*) AS n FROM orders.t"}
        assert client.get(DATA).status_code == client.post("/sql", json=query).status_code == 200
        end_grant(world, how)
        for answer in (client.get(DATA), client.post("/sql", json=query)):
            assert answer.status_code == 403
            assert "visibility restricted (product.yaml:" in answer.json()["detail"]
        assert client.get("/products/orders").status_code == 200


def test_the_purpose_that_a_client_names_counts_for_the_readers_of_product_yaml(world: World) -> None:
    access = "access: {visibility: restricted, readers: [{roles: [consumer], purposes: [fraud détection]}]}"
    with serve_reader(world, access) as client:
        end_grant(world, "revoked")
        for purpose, status in ((None, 403), ("ads", 403), ("fraud détection", 200)):
            headers = {} if purpose is None else {PURPOSE_HEADER: quote(purpose)}
            assert client.get(DATA, headers=headers).status_code == status
