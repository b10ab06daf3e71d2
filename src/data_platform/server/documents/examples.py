"""Example values of the fields of requests. The tests send each example to a small mesh."""

from __future__ import annotations

from data_platform.verbs.wire.form import Json

PRODUCT = """name: orders
domain: sales
owner: ana@example.org
description: Orders of the shop.
outputs:
- name: orders_fact
  schema: orders.json
"""
SCHEMA = '{"type": "object", "properties": {"order_id": {"type": "integer"}, "total": {"type": "number"}}}'
POLICIES = """policies:
  - name: data-retention
    description: Data must have a retention policy
    enforcement: warning
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""
AGREEMENT = """apiVersion: v0.9.0
kind: AccessAgreement
id: "1.1"
status: approved
description: {purpose: A model of churn.}
provider: {teamId: ana@example.org, dataProductId: orders, outputPortId: orders_fact}
consumer: {userId: ben@example.org}
"""
_FIELDS: dict[str, Json] = {
    "acts_for": "ana@example.org",
    "address": "ana@example.org",
    "channel": "sales-slack",
    "column": "order_id",
    "comment": "The source is repaired.",
    "domain": "sales",
    "events": [
        {
            "eventType": "COMPLETE",
            "eventTime": "2026-11-29T06:00:00Z",
            "run": {"runId": "018c7a5e-0000-7000-8000-000000000001"},
            "job": {"namespace": "airflow", "name": "orders.load"},
            "outputs": [{"namespace": "data-platform", "name": "orders.orders_fact"}],
            "producer": "https://github.com/apache/airflow",
        }
    ],
    "evidence": "https://example.org/reviews/7",
    "expires": "2027-11-29",
    "id": 1,
    "member": "ben@example.org",
    "name": "sales",
    "note": "The first revision.",
    "output": "orders_fact",
    "outputs": ["orders.orders_fact"],
    "owner": "ana@example.org",
    "policy": "data-retention",
    "principal": "ana@example.org",
    "product": "orders",
    "purpose": "A model of churn.",
    "query": 'SELECT count(*) AS orders FROM "orders".orders_fact',
    "reason": "The period is being agreed on.",
    "responsibility": "Orders and their payment.",
    "role": "consumer",
    "state": "succeeded",
    "team": "sales-team",
    "text": "orders",
    "to_owner": "ben@example.org",
    "until": "2027-06-30",
    "version": 1,
}
_OF_VERBS: dict[str, dict[str, Json]] = {
    "ClaimOwner": {"holder": "sales-team"},
    "ImportAgreements": {"text": AGREEMENT},
    "NarrowGrant": {"id": "1.1"},
    "RenewAccess": {"id": "1.1"},
    "RevokeAccess": {"id": "1.1"},
    "RunFrame": {
        "statement": 'SELECT count(*) AS "orders" FROM "t1"',
        "tables": [{"alias": "t1", "product": "orders", "output": "orders_fact", "version": 1}],
    },
    "CreateToken": {"name": "ben@example.org"},
    "Release": {"to": "prod"},
    "Rename": {"to": "shop-orders"},
    "HeartbeatRun": {"id": "018c7a5e-0000-7000-8000-000000000000"},
    "FinishRun": {"id": "018c7a5e-0000-7000-8000-000000000000"},
    "ShowRun": {"id": "018c7a5e-0000-7000-8000-000000000000"},
}
_FILES: dict[str, Json] = {
    "ProductFile": {"path": "product.yaml", "text": PRODUCT, "schemas": {"orders.json": SCHEMA}},
    "PolicyFile": {"origin": "policies.yaml", "text": POLICIES},
}


def make_example(verb: str, field: str, form: str) -> Json:
    """The example of a field whose form has that name; None without one."""
    if form in _FILES:
        return _FILES[form]
    return _OF_VERBS.get(verb, {}).get(field, _FIELDS.get(field))
