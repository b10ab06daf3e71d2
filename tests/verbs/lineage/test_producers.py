"""Events as the integrations of OpenLineage shape them: what they say of the mesh is kept, in the standard's form."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform.lineage.received_events import read_event
from tests.lineage.openlineage import needs_the_standard, problems
from tests.meshes import IDS, ROWS, World

PROJECT = "https://github.com/OpenLineage/OpenLineage/tree/1.40.0"
RUN = "019a977e-cd22-77d8-9146-6bbbbce77b6e"
OURS = ("data-platform", "orders.t")
Json = dict[str, Any]


def dataset(namespace: str, name: str, **members: Any) -> Json:
    return {"namespace": namespace, "name": name, **members}


def facet(maker: str, name: str, **members: Any) -> Json:
    url = f"https://openlineage.io/spec/facets/1-0-0/{name}.json#/$defs/{name}"
    return {"_producer": f"{PROJECT}/integration/{maker}", "_schemaURL": url, **members}


def run_event(
    integration: str, job: tuple[str, str], inputs: list[Json], outputs: list[Json] | None, **members: Any
) -> Json:
    parent = facet(integration, "ParentRunFacet", run={"runId": RUN}, job=dataset("scheduler", "daily"))
    return {
        "eventType": "COMPLETE",
        "eventTime": "2025-11-18T15:04:19.916765Z",
        "run": {"runId": RUN, "facets": {"parent": parent}},
        "job": dataset(*job, facets={"jobType": facet(integration, "JobTypeJobFacet", integration="X")}),
        "inputs": inputs,
        "outputs": outputs,
        "producer": f"{PROJECT}/integration/{integration}",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        **members,
    }


AIRFLOW = {
    "a task of SQL that copies a table": run_event(
        "airflow",
        ("food", "orders_dag.load"),
        [dataset("postgres://db:5432", "shop.public.orders")],
        [dataset(*OURS)],
        producer="https://github.com/apache/airflow/tree/providers-openlineage/2.20.3",
    ),
    "a start whose lists are null": run_event(
        "airflow", ("food", "orders_dag.read"), [dataset(*OURS)], None, eventType="START"
    ),
    "a task with an input that has no name": run_event(
        "airflow", ("food", "orders_dag.copy"), [{"namespace": "s3://bucket"}, dataset(*OURS)], []
    ),
    "an early release, without a schema": run_event(
        "airflow", ("food", "old.load"), [], [dataset(*OURS)], eventTime="2021-11-03T10:53:52.427343", schemaURL=None
    ),
}
DBT = {
    "a model": run_event(
        "dbt",
        ("dbt", "dev.main.shop.orders"),
        [dataset("postgres://localhost:5432", "dev.main.raw_orders", facets={}, inputFacets={})],
        [dataset(*OURS, facets={"columnLineage": facet("dbt", "ColumnLineageDatasetFacet", fields={})})],
    ),
    "a test": run_event("dbt", ("dbt", "dev.main.shop.orders.test"), [dataset(*OURS)], [], eventType="FAIL"),
    "a producer that is no URI": run_event("dbt", ("dbt", "a"), [], [dataset(*OURS)], producer="dbt orders é"),
}
SPARK = {
    "a query of many nodes": run_event(
        "spark",
        ("default", "app.execute_insert_into_hadoop_fs_relation_command.warehouse_orders"),
        [dataset(*OURS)],
        [dataset("file", "/tmp/out", outputFacets={})],
        run={"runId": RUN, "facets": {"spark.logicalPlan": {"plan": [{"class": "Project", "num-children": 1}] * 200}}},
    ),
    "running, with the zone that Java appends": run_event(
        "spark", ("default", "app"), [], [dataset(*OURS)], eventType="running", eventTime="2025-11-18T16:04Z[Etc/UTC]"
    ),
    "nanoseconds": run_event(
        "spark", ("default", "app"), [], [dataset(*OURS)], eventTime="2025-11-18T16:04:19.123456789+01:00"
    ),
}
FLINK = {
    "a stream that runs": run_event(
        "flink",
        ("flink-jobs", "insert-into_default_catalog.default_database.kafka_output"),
        [dataset("kafka://prod:9092", "shop.orders"), dataset(*OURS)],
        [dataset("kafka://prod:9092", "shop.sums")],
        eventType="RUNNING",
    ),
    "a job that is stopped": run_event("flink", ("flink-jobs", "a"), [dataset(*OURS)], [], eventType="ABORT"),
}
KEPT = {
    f"{producer}: {name}": event
    for producer, events in (("airflow", AIRFLOW), ("dbt", DBT), ("spark", SPARK), ("flink", FLINK))
    for name, event in events.items()
}
JOB_EVENT, DATASET_EVENT = (
    {"eventTime": "2025-11-18T15:04:19Z", "producer": PROJECT, **members}
    for members in ({"job": dataset("dbt", "a"), "outputs": [dataset(*OURS)]}, {"dataset": dataset(*OURS)})
)


@pytest.fixture
def orders(world: World) -> World:
    world.product(columns=IDS).publish("t", ROWS)
    return world


def test_each_event_is_kept_for_the_output_that_it_names(orders: World) -> None:
    received = orders.platform.receive_lineage(list(KEPT.values()))
    assert (received.kept, received.outputs, received.ignored) == (len(KEPT), ("orders.t",), ())
    jobs = [
        event["job"] for event in orders.platform.lineage_events("orders") if event.get("run", {}).get("runId") == RUN
    ]
    assert sorted(job["name"] for job in jobs) == sorted(event["job"]["name"] for event in KEPT.values())


@needs_the_standard
@pytest.mark.parametrize("event", KEPT.values(), ids=KEPT.keys())
def test_what_is_kept_is_valid_by_the_standard(event: Json) -> None:
    assert problems(read_event(event).to_json()) == []


def test_a_folder_has_the_name_that_each_producer_gives_it(orders: World) -> None:
    path = str(orders.folder("orders", "t").location)
    for namespace, name in (("file", path), ("file", f"file:{path}"), ("file", f"file://{path}/"), ("file:/", path)):
        event = run_event("spark", ("default", "app"), [], [dataset(namespace, name)])
        assert orders.platform.receive_lineage([event]).outputs == ("orders.t",), (namespace, name)


@pytest.mark.parametrize(("namespace", "name"), [("s3://b", "k/t"), ("s3a://b", "/k/t/"), ("s3n://b/", "k/t")])
def test_an_object_store_has_one_name(namespace: str, name: str) -> None:
    (output,) = read_event(run_event("spark", ("default", "app"), [], [dataset(namespace, name)])).outputs
    assert output == ("s3://b", "k/t")


def test_events_without_a_run_and_of_other_datasets_are_ignored_and_said_why(orders: World) -> None:
    elsewhere = run_event("flink", ("flink", "a"), [], [dataset("kafka://prod:9092", "shop.sums")])
    bare = run_event("dbt", ("dbt", "dbt-run-shop"), [], [], eventType="START")
    ignored = orders.platform.receive_lineage([JOB_EVENT, DATASET_EVENT, elsewhere, bare]).ignored
    no_run = "it has no run; events of a dataset or of a job alone are not kept"
    assert [item.reason for item in ignored] == [no_run] * 2 + ["it names no dataset of this mesh"] * 2
