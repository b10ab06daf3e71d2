"""Twenty policies over ten thousand products of fifty columns, on one core: half of them look at every column."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.measure import Figure, seconds
from data_platform.governance.policies import CompiledPolicies, Facts, compile_policies, judge
from data_platform.spec.policies import read_policies
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product, Sla
from data_platform.spec.rules.model import RowCount, Rule
from data_platform.spec.schema.types import ENCRYPTION, Kind, Primitive, SchemaColumn, TableSchema

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRODUCTS, COLUMNS = 10_000, 50
OF_COLUMNS = (
    "WHERE column.tags CONTAINS 'pii' ASSERT column.encryption IS NOT NULL",
    "WHERE column.tags CONTAINS 'pii' ASSERT column.description IS NOT NULL",
    "WHERE column.required ASSERT column.description IS NOT NULL",
    "WHERE column.name = 'email' ASSERT column.tags CONTAINS 'pii'",
    "WHERE column.name IN ('iban', 'ssn', 'passport') ASSERT column.encryption IS NOT NULL",
    "WHERE column.tags CONTAINS 'key' ASSERT column.required",
    "ASSERT column.name != 'id2'",
    "ASSERT column.description IS NOT NULL OR NOT column.required",
    "WHERE column.tags CONTAINS 'secret' ASSERT column.encryption = 'aes-256-gcm'",
    "WHERE column.description CONTAINS 'personal' ASSERT column.tags CONTAINS 'pii'",
)
OF_PRODUCTS = (
    "product.retention_days IS NOT NULL",
    "product.retention_days <= 3650",
    "product.description IS NOT NULL",
    "product.owner MATCHES '@example[.]org$'",
    "sla.freshness <= 1 day",
    "sla.availability >= 99%",
    "output.primary_key IS NOT NULL",
    "count(output.rules) >= 1",
    "any(rule IN output.rules WHERE rule.severity = 'blocking')",
    "count(schema.columns) <= 200",
)


def figures() -> Iterator[Figure]:
    """Judging alone, from contracts that are parsed."""
    compiled = _compiled()
    contracts = [_contract(number) for number in range(PRODUCTS)]
    found = 0

    def judged() -> None:
        nonlocal found
        found = sum(len(judge(compiled, Facts(contract, NOW))) for contract in contracts)

    took = min(seconds(judged) for _ in range(3))
    work = f"20 policies over {PRODUCTS:,} products of {COLUMNS} columns"
    yield Figure(work, "absolute", "≤ 1 s", f"{took:.2f} s ({found:,} violations)", took <= 1)


def _compiled() -> CompiledPolicies:
    columns = [f"FOR column IN schema.columns {condition}" for condition in OF_COLUMNS]
    conditions = [*columns, *(f"ASSERT {condition}" for condition in OF_PRODUCTS)]
    policies = "\n".join(
        f"- name: p{number}\n  rule:\n    type: schema-check\n    condition: |\n      {condition}"
        for number, condition in enumerate(conditions)
    )
    return compile_policies(read_policies(f"policies:\n{policies}\n", "policies.yaml").set)


def _contract(number: int) -> Contract:
    """One in fifty products has something to mend."""
    dice = random.Random(number)
    names = ["email", "iban", *(f"column_{dice.randrange(10_000)}_{at}" for at in range(COLUMNS - 2))]
    columns = tuple(_column(name, at, dice) for at, name in enumerate(names))
    output = Output(
        "fact", primary_key=(names[2],), rules=(Rule("rows", RowCount()),), sla=Sla(timedelta(hours=1), 99.9)
    )
    given = {"domain": f"d{number % 50}", "owner": f"t{number % 300}@example.org", "description": "Facts."}
    retention = None if number % 50 == 0 else 365
    product = Product(f"product-{number}", outputs=(output,), retention_days=retention, **given)
    return Contract(product, {"fact": TableSchema(columns)})


def _column(name: str, at: int, dice: random.Random) -> SchemaColumn:
    private = at < 2
    kind = Primitive(dice.choice((Kind.STRING, Kind.LONG, Kind.DOUBLE)))
    tags = ("pii",) if private else ("key",) if at == 2 else ()
    return SchemaColumn(name, kind, at < 10, "What it is.", tags, ENCRYPTION if private else None)
