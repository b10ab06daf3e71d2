"""Verdicts, promises and budgets as Prometheus figures: those of the pages. The dashboard asks for no other names."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import HTTPConnection

from data_platform.errors import NotAuthenticated
from data_platform.server.health.metrics import Metrics
from data_platform.server.limits import incident_metrics, product_metrics
from data_platform.server.limits.incident_metrics import render_incidents
from data_platform.server.limits.product_metrics import render_products
from data_platform.server.parts import ServerParts
from data_platform.server.request_log import RequestFacts
from data_platform.settings import Principal
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import IDS, ROWS, World

SLA = "sla: {freshness: 1 hour, availability: 99%}\nprimary_key: id"
HIDDEN = "access: {visibility: restricted, discoverable: false}"
DASHBOARD = Path("deploy/grafana-dashboard.json")
Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


@pytest.fixture
def mesh(world: World) -> World:
    """A late product, a fresh one, a hidden one, and one that was never published."""
    world.product("late", IDS, output=SLA).publish("t", ROWS)
    world.platform.consume("late", "t").collect()
    world.product("secret", IDS, output=SLA, more=HIDDEN, owner="bea@x").publish("t", ROWS)
    world.clock.later(hours=3)
    world.product("fresh", IDS, output=SLA, domain="crm").publish("t", ROWS)
    world.product("bare", domain="crm").register()
    world.platform.tick()
    return world


@pytest.fixture
def scrape(mesh: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Principal | None], str]:
    """What a server answers a scraper about its mesh, and about a request that it answered."""

    def read(principal: Principal | None) -> str:
        def identify(parts: ServerParts, http: HTTPConnection) -> Principal:
            if principal is None:
                raise NotAuthenticated("no token")
            return principal

        for module in (incident_metrics, product_metrics):
            monkeypatch.setattr(module, "identify_caller", identify)
        parts, http = ServerParts(mesh.mesh, lambda token: None), HTTPConnection({"type": "http", "headers": []})
        return (render_products(parts, http) + render_incidents(parts, http)).decode()

    return read


def parse(text: str) -> Samples:
    samples: Samples = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples[sample.name][tuple(sorted(sample.labels.items()))] = sample.value
    return samples


def test_the_figures_are_those_of_the_pages(mesh: World, scrape: Callable[[Principal | None], str]) -> None:
    samples = parse(scrape(mesh.context.principal))
    expected: Samples = defaultdict(dict)

    def expect(name: str, value: float | None, **labels: str) -> None:
        if value is not None:
            expected[f"data_platform_{name}"][tuple(sorted(labels.items()))] = value

    for domain in ("sales", "crm"):
        for product in mesh.platform.domain_status(domain).products:
            if product.name == "secret":
                continue
            place = {"domain": domain, "product": product.name}
            expect("product_verdict", 1, **place, verdict=product.verdict)
            for promise in mesh.platform.quality_metrics(product.name).sla_compliance:
                labels = {**place, "output": promise.output, "promise": promise.promise}
                expect("promise_kept", promise.met, **labels)
                compliance, budget = promise.compliance, promise.budget
                expect("sla_compliance_ratio", compliance if compliance is None else compliance / 100, **labels)
                expect("error_budget_left_ratio", budget and max(0, budget.share_left) / 100, **labels)
                if promise.promise == "freshness":
                    published = mesh.platform.show(product.name).outputs[0].published_at
                    moment = published.timestamp() if published else None
                    expect("newest_data_timestamp_seconds", moment, **place, output=promise.output)
    assert {name: samples[name] for name in expected} == dict(expected)
    verdicts = {dict(labels)["product"]: dict(labels)["verdict"] for labels in samples["data_platform_product_verdict"]}
    assert verdicts == {"late": "bad", "fresh": "good", "bare": "unknown"}


def test_a_scraper_sees_the_products_that_it_finds(mesh: World, scrape: Callable[[Principal | None], str]) -> None:
    text = scrape(authenticate_token(mesh.mesh, mesh.platform.create_token("cat@x", "consumer").token))
    assert 'product="fresh"' in text
    assert "secret" not in text
    assert scrape(None) == ""


def load_panels() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return panels


def test_the_dashboard_asks_for_figures_and_labels_that_a_server_has(
    mesh: World, scrape: Callable[[Principal | None], str]
) -> None:
    metrics = Metrics()
    facts = RequestFacts("id", "GET")
    facts.status = 200
    metrics.begin()
    metrics.end(facts)
    samples = parse(metrics.render().decode() + scrape(mesh.context.principal))
    labels_by_name = {name: {label for labels in rows for label, _ in labels} for name, rows in samples.items()}
    targets = [target for panel in load_panels() for target in panel["targets"]]
    assert len(targets) >= 12
    for target in targets:
        query = target["expr"]
        names = re.findall(r"data_platform_\w+", query)
        assert names and set(names) <= set(labels_by_name), query
        groups = re.findall(r"by \(([^)]*)\)", query) + re.findall(r"\{([^}]*)\}", query)
        asked = {re.split(r"[=!]", part)[0].strip() for group in groups for part in group.split(",")}
        asked |= set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert asked <= set.union(*(labels_by_name[name] for name in names)), query


def test_the_dashboard_has_the_form_that_grafana_imports() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert dashboard["schemaVersion"] >= 36 and dashboard["title"] and re.fullmatch(r"[\w-]{1,40}", dashboard["uid"])
    assert "__inputs" not in dashboard and dashboard.get("id") is None
    (variable,) = dashboard["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    panels = load_panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    fields: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["type"] in ("stat", "table", "timeseries") and panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert {"defaults", "overrides"} == set(panel["fieldConfig"])
        assert [target["refId"] for target in panel["targets"]] == ["A"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        own = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert fields.isdisjoint(own), panel["title"]
        fields |= own
