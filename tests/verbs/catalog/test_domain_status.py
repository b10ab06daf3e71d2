"""A domain's figures are those of its products, in a number of statements that does not grow with them."""

from __future__ import annotations

import pytest

from data_platform.errors import NotFound, Refused
from data_platform.quality.trust import Trust
from data_platform.settings import Principal, Role, RoleGrant
from tests.meshes import IDS, ROWS, World
from tests.verbs.test_statements import run_counted

SLA = "sla: {freshness: 1 hour, availability: 99%}\nprimary_key: id"
DATED = "sla: {freshness: 1 day, freshness_column: at, timezone: Asia/Bangkok}"
HIDDEN = "access: {visibility: restricted, discoverable: false}"


@pytest.fixture
def sales(world: World) -> World:
    """Two outputs' promises are broken, one is kept, a product was never published, and one publish was refused."""
    world.platform.define_domain("sales", "What is sold", "ana@x", ["bo@x"])
    world.product("orders", IDS, output=SLA).publish("t", ROWS)
    world.product("bare").register()
    world.clock.later(hours=3)
    dated = {"id": {"type": "integer"}, "at": {"type": "string", "format": "date-time"}}
    world.product("late", dated, output=DATED).publish("t", [{"id": 1, "at": "2026-11-20T00:00:00Z"}])
    world.product("fresh", IDS, output=SLA).publish("t", ROWS)
    with pytest.raises(Refused):
        world.product("fresh", IDS, output=SLA).publish("t", [{"id": 1}, {"id": 1}])
    world.platform.consume("fresh", "t").collect()
    world.platform.tick()
    world.product("elsewhere", IDS, domain="crm").publish("t", ROWS)
    return world


def test_its_figures_are_those_of_its_products(sales: World) -> None:
    status = sales.platform.domain_status("sales")
    assert [product.name for product in status.products] == ["bare", "fresh", "late", "orders"]
    for product in status.products:
        quality = sales.platform.quality_metrics(product.name)
        assert (product.score, product.promises) == (quality.current_score, quality.sla_compliance), product.name
        open_incidents = [incident for incident in quality.incidents if incident.resolved_at is None]
        assert sorted(product.severities) == sorted(str(incident.severity) for incident in open_incidents)
        seen = sales.platform.show(product.name)
        usage = seen.usage_stats
        assert (product.reads, product.readers, product.last_read) == (usage.views, usage.consumers, usage.last_read)
        assert product.published_at == seen.outputs[0].published_at
        checklist = sales.platform.checklist(product.name)
        points = (*checklist.points, *checklist.anti_patterns)
        assert set(product.missed) == {point.key for point in points if not point.met}
    assert [status.readiness] == [row for row in sales.platform.readiness() if row.domain == "sales"]
    assert (status.domain.owner, list(status.domain.members), status.readers) == ("ana@x", ["bo@x"], 1)
    assert [point.publishes for point in status.trend] == [3]


def test_the_gravest_fact_decides_the_verdict(sales: World) -> None:
    verdicts = {product.name: product.verdict for product in sales.platform.domain_status("sales").products}
    assert verdicts == {"bare": Trust.UNKNOWN, "fresh": Trust.CAUTION, "late": Trust.BAD, "orders": Trust.BAD}


def test_no_statement_is_made_for_a_product(sales: World) -> None:
    few = len(run_counted(sales, lambda: sales.platform.domain_status("sales")))
    for number in range(10):
        sales.product(f"more-{number}", IDS, output=SLA).publish("t", ROWS)
    sales.platform.tick()
    many = run_counted(sales, lambda: sales.platform.domain_status("sales"))
    assert len(many) <= few <= 50, "\n".join(many)


def test_a_hidden_product_is_not_counted_and_its_domain_is_unknown(sales: World) -> None:
    sales.product("secret", IDS, output=SLA, more=HIDDEN).publish("t", ROWS)
    sales.product("vault", IDS, more=HIDDEN, domain="vault").publish("t", ROWS)
    sales.platform.consume("secret", "t").collect()
    before = sales.platform.domain_status("sales")
    assert before.readiness.products == 5
    sales.act_as(Principal("eve", verified=True, roles=frozenset([RoleGrant(Role.CONSUMER)])))
    status = sales.platform.domain_status("sales")
    assert "secret" not in str(status)
    assert (status.readiness.products, status.domain.products) == (4, 4)
    assert sum(point.publishes for point in status.trend) == sum(point.publishes for point in before.trend) - 1
    errors = []
    for name in ("vault", "absent"):
        with pytest.raises(NotFound) as raised:
            sales.platform.domain_status(name)
        errors.append(str(raised.value).replace(name, "NAME"))
    assert errors[0] == errors[1]


def test_a_domain_without_products_has_no_figures(world: World) -> None:
    world.platform.define_domain("empty")
    status = world.platform.domain_status("empty")
    assert (status.products, status.trend, status.readiness.products) == ((), (), 0)
