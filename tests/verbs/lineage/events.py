"""OpenLineage events as other tools send them."""

from __future__ import annotations

from typing import Any


def make_event(*outputs: tuple[str, str], **members: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-29T06:00:00.123456789Z"[:26] + "Z",
        "run": {"runId": "018c7a5e-0000-7000-8000-000000000001", "facets": {"x": {"secret": "value"}}},
        "job": {"namespace": "airflow", "name": "orders.load"},
        "inputs": [{"namespace": "postgres://db:5432", "name": "shop.public.orders"}],
        "outputs": [
            {"namespace": namespace, "name": name, "facets": {"y": {"query": "SELECT 1"}}}
            for namespace, name in outputs
        ],
        "producer": "https://github.com/apache/airflow",
        "schemaURL": "https://openlineage.io/spec/1-0-5/OpenLineage.json#/$defs/RunEvent",
        "more": [1, 2, 3],
        **members,
    }
