"""Conditions judged over small products, as tests write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from data_platform.governance.policies import CompiledPolicies, Facts, compile_policies
from data_platform.governance.policy_language.program import compile_program
from data_platform.governance.policy_language.views import EvaluationContext
from data_platform.spec.policies import read_policies
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TEXT, LONG = Primitive(Kind.STRING), Primitive(Kind.LONG)
COLUMNS = (
    SchemaColumn("order_id", LONG, required=True),
    SchemaColumn("email", TEXT, tags=("pii",), encryption="aes-256-gcm", description="Whose order it is."),
    SchemaColumn("note", TEXT, encryption="none"),
)


OF_OUTPUT = ("sla", "rules", "primary_key", "unchecked")


def contract(*columns: SchemaColumn, **fields: Any) -> Contract:
    """A product with one output `orders`; without columns it has those of COLUMNS."""
    output = Output("orders", **{key: fields.pop(key) for key in OF_OUTPUT if key in fields})
    given = {"name": "sales", "domain": "commerce", "owner": "sales@example.org", "outputs": (output,), **fields}
    schemas = {output.name: TableSchema(columns or COLUMNS) for output in given["outputs"]}
    return Contract(Product(**given), schemas)


def facts(product: Contract | None = None, **more: Any) -> Facts:
    """What is known of a product."""
    return Facts(product or contract(), NOW, **more)


def violations(condition: str, product: Contract | None = None, **more: Any) -> dict[str, str]:
    """The reasons by subject for which a condition is violated."""
    made, problems = compile_program(condition)
    assert made is not None, [(problem.message, problem.hint) for problem in problems]
    return {
        violation.subject: violation.reason
        for violation in made.find_violations(EvaluationContext(facts(product, **more)))
    }


def holds(condition: str, product: Contract | None = None, **more: Any) -> bool:
    """Whether a product has no violation of `ASSERT condition`."""
    return not violations(f"ASSERT {condition}", product, **more)


def problems(condition: str) -> list[tuple[int, str, str | None]]:
    """What is wrong with a condition: offset, message, hint."""
    return [(problem.at, problem.message, problem.hint) for problem in compile_program(condition)[1]]


def compiled(text: str) -> CompiledPolicies:
    """A policies file ready to judge."""
    return compile_policies(read_policies(text, "policies.yaml").set)
