"""Reads `cases`: products written out in the relevant fields, with defaults for the others.

A schema may be written in place, as JSON Schema. A problem inside a product is reported at the product's place.
"""

from __future__ import annotations

import json
from typing import Any

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.policies.cases import Case, Expectation
from data_platform.spec.policies.vocabulary import CASE, MOST_CASES, find_no_home
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.declared_columns import tag_pii
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.product import read_product
from data_platform.spec.product.yaml.values import describe_node, read_plain
from data_platform.spec.product.yaml.vocabulary import TEXT_LENGTH
from data_platform.spec.schema.json_schema import read_json_schema
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import Mapping, Node

_DEFAULTS = {"name": "example", "domain": "example", "owner": "owner@example.org"}
_OUTPUT = "example"


def read_cases(policy: Fields, domain: str | None) -> tuple[Case, ...]:
    """The cases of one policy; their products are of its domain unless they say otherwise."""
    example = "[{product: {retention_days: 30}, expect: pass}]"
    read = (_read_case(policy.report, node, domain) for node in policy.read_items("cases", example, MOST_CASES))
    return tuple(case for case in read if case is not None)


def _read_case(report: Report, node: Node, domain: str | None) -> Case | None:
    if not isinstance(node, Mapping):
        hint = "write {product: {…}, expect: violation}"
        report.error(node.place, f"a case must be a mapping, not {describe_node(node)}", hint)
        return None
    fields = Fields(report, node, CASE, "the case", homes=find_no_home)
    fields.require("product", "expect")
    expect = fields.read_choice("expect", Expectation, {"fail": "violation", "passed": "pass", "failed": "violation"})
    product, previous = (_read_product(fields, word, domain) for word in ("product", "previous"))
    subject, reason = (fields.read_text(word, TEXT_LENGTH) for word in ("subject", "reason"))
    if expect is Expectation.PASS and (subject or reason):
        report.error(node.place, "a case that passes has no `subject` and no `reason`", "remove them")
    if product is None or expect is None:
        return None
    return Case(product, expect, subject, reason, previous, node.place)


def _read_product(fields: Fields, word: str, domain: str | None) -> Contract | str | None:
    """A product written out, or the path of one."""
    node = fields.find_node(word)
    if not isinstance(node, Mapping):
        return fields.read_text(word, TEXT_LENGTH)
    before = len(fields.report.problems)
    plain = read_plain(fields.report, node, f"`{word}`")
    if len(fields.report.problems) > before or not isinstance(plain, dict):
        return None
    try:
        return _make_contract({**_DEFAULTS, **({"domain": domain} if domain else {}), **plain}, fields.report.file)
    except InvalidSpec as error:
        for problem in error.problems:
            fields.report.error(node.place, f"`{word}`: {problem.message}", problem.hint)
        return None


def _make_contract(product: dict[str, Any], file: str) -> Contract:
    outputs = product.get("outputs", [{"name": _OUTPUT}])
    written = [output for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []
    schemas = {str(o.get("name")): o["schema"] for o in written if isinstance(o.get("schema"), dict)}
    stripped = [
        {key: value for key, value in output.items() if key != "schema" or not isinstance(value, dict)}
        if isinstance(output, dict)
        else output
        for output in outputs
    ] if isinstance(outputs, list) else outputs  # fmt: skip
    report = Report(file)
    read = read_product(json.dumps({**product, "outputs": stripped}), report).product
    if any(output.schema_path for output in read.outputs):
        report.problems.append(
            Problem(file, 0, 0, "a product written out names no schema file", "write the schema out")
        )
    report.close()
    return Contract(
        read, {name: tag_pii(_read_schema(written, file), read.pii_columns) for name, written in schemas.items()}
    )


def _read_schema(written: dict[str, Any], file: str) -> TableSchema:
    return read_json_schema(json.dumps({"type": "object", **written}), file)
