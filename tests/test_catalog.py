"""DataCatalog: the names of the mission text, over the verbs."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform import BadInput, DataCatalog, DataQualityError, NotFound, Platform, Refused, SearchQuery
from tests.meshes import IDS, ROWS, World

RULE = "quality_rules: [{rule: any, metric: rowCount, mustBeGreaterThan: 0}]"
FEW = "quality_rules: [{rule: few, metric: rowCount, mustBeLessThan: 3, severity: warning}]"


@pytest.fixture
def catalog(world: World) -> DataCatalog:
    return DataCatalog(world.platform)


def test_search_orders_by_match_then_views_then_quality(world: World, catalog: DataCatalog) -> None:
    for name, description, rules in (
        ("a-report", "about sales", ""),
        ("b-report", "about sales", RULE),
        ("c-report", "about sales", RULE),
        ("d-sales", "salesperson", RULE),
        ("e-report", "salespeople", RULE),
    ):
        world.product(name, IDS, output=rules, more=f"description: {description}").publish("t", ROWS)
    world.platform.consume("c-report", "t")
    for _ in range(3):
        world.platform.consume("e-report", "t")
    order = [product.name for product in catalog.search(SearchQuery("sales"))]
    # e-report is read most, but only begins with the word; a-report has no quality score
    assert order == ["c-report", "b-report", "d-sales", "a-report", "e-report"]
    assert [product.name for product in catalog.search("sales", limit=2)] == order[:2]


def test_a_query_filters_by_domain_and_quality_and_answers_whole_products(world: World, catalog: DataCatalog) -> None:
    world.product("orders", IDS, output=RULE).publish("t", ROWS)
    world.product("plain", IDS).publish("t", ROWS)
    (product,) = catalog.search(SearchQuery(domain="sales", min_quality=90))
    assert product == world.platform.show("orders")
    assert (product.quality_score, product.usage_stats.views, product.outputs[0].name) == (100, 0, "t")
    assert product.lineage.product == "orders"
    assert {hit.name for hit in catalog.search(SearchQuery("", "", 0))} == {"orders", "plain"}
    assert catalog.search(SearchQuery(domain="crm")) == []


@pytest.mark.parametrize(
    "query",
    [None, {"text": "orders"}, SearchQuery(text=3), SearchQuery(min_quality=float("nan"))],  # type: ignore[arg-type]
)
def test_what_is_no_query_is_bad_input(catalog: DataCatalog, query: SearchQuery) -> None:
    with pytest.raises(BadInput):
        catalog.search(query)


def test_lineage_quality_and_versions_are_those_of_the_platform(world: World, catalog: DataCatalog) -> None:
    orders = world.product("orders", IDS, output=RULE)
    with pytest.raises(NotFound):
        catalog.get_latest_version("orders", "t")
    orders.register()
    with pytest.raises(NotFound, match="no version yet"):
        catalog.get_latest_version("orders", "t")
    orders.publish("t", ROWS)
    report = world.product("report", IDS)
    published = report.publish("t", report.consume("orders", "t"))
    assert [step.product for step in catalog.get_lineage("report").upstream] == ["orders"]
    assert catalog.get_lineage("orders").downstream[0].product == "report"
    metrics = catalog.get_quality_metrics("orders", days=7)
    assert (metrics.current_score, metrics.window_days) == (100, 7)
    newest = catalog.get_latest_version("report")
    assert newest == catalog.get_latest_version("report", "t") == world.platform.versions("report")[0]
    assert (newest.version, newest.location) == (published.version, published.location)
    for call in (catalog.get_lineage, catalog.get_quality_metrics, catalog.get_latest_version):
        with pytest.raises(NotFound):
            call("oders")


def test_register_version_publishes_by_the_checked_path(world: World, catalog: DataCatalog, tmp_path: Path) -> None:
    world.product("orders", IDS, output=RULE).register()
    assert catalog.register_version("orders", "t", ROWS).version == 1
    file = tmp_path / "rows.csv"
    file.write_text("id\n7\n")
    assert catalog.register_version("orders", "t", file).quality.passed
    assert world.ids() == [7]
    with pytest.raises(DataQualityError):
        catalog.register_version("orders", "t", [])
    with pytest.raises(Refused):
        catalog.register_version("orders", "t", [{"id": "x"}])
    assert world.numbers() == [1, 2]


def test_register_version_keeps_the_lineage_of_a_frame(world: World, catalog: DataCatalog) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    world.product("report", IDS).register()
    catalog.register_version("report", "t", world.platform.consume("orders", "t").limit(1))
    (step,) = catalog.get_lineage("report").upstream
    assert (step.product, step.version, step.columns) == ("orders", 1, ("id",))


@pytest.mark.parametrize(
    "brought",
    [{"location": "a"}, {"schema": []}, {"stats": {}}, {"quality": True}, {"location": "a", "data": ROWS}, {}],
)
def test_register_version_takes_no_result_that_the_caller_brings(
    world: World, catalog: DataCatalog, brought: dict[str, object]
) -> None:
    world.product("orders", IDS).register()
    with pytest.raises(BadInput, match=r"register_version\(product, output, data\)"):
        catalog.register_version("orders", "t", **brought)
    assert world.numbers() == []


def test_the_data_of_a_product_that_is_not_registered_is_not_registered(catalog: DataCatalog) -> None:
    with pytest.raises(NotFound):
        catalog.register_version("orders", "t", ROWS)


def test_a_version_has_its_schema_and_what_its_audit_measured(world: World, catalog: DataCatalog) -> None:
    orders = world.product("orders", IDS, output=FEW)
    orders.publish("t", ROWS[:2])
    world.clock.later(hours=1)
    world.product("orders", {**IDS, "note": {"type": "string"}}, output=FEW).publish("t", [*ROWS, {"note": "x"}])
    newest, oldest = world.platform.versions("orders", "t")
    assert [column.name for column in newest.schema] == ["id", "note"]
    assert [(column.name, column.type, column.required) for column in oldest.schema] == [("id", "long", False)]
    assert newest.quality is not None
    assert oldest.quality is not None
    assert (oldest.quality.passed, oldest.quality.failures, oldest.quality.score) == (True, (), 100)
    (failure,) = newest.quality.failures
    assert (newest.quality.outcome, failure.rule, failure.value) == ("warned", "few", 4)
    assert newest.quality.passed
    assert world.platform.versions("orders.t#1") == [oldest]


def test_a_catalog_closes_the_platform_that_it_opened_and_no_other(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    with DataCatalog(world.platform) as catalog:
        assert catalog.platform is world.platform
    assert world.numbers() == [1]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Platform.open(make=True).close()
    with DataCatalog() as catalog:
        assert catalog.search("") == []
        assert catalog.platform.home.path.parent == tmp_path / "here"
