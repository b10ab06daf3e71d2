"""Checks the columns that `access` of a product and of its outputs names against their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data_platform.spec.access.columns import AccessProblem, find_access_problems
from data_platform.spec.access.model import AccessSpec, list_declared
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.product.yaml.declaration import Claims
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.names import find_nearest
from data_platform.spec.text.report import WHOLE_FILE, Report


def judge_access(product: Product, claims: Claims, schemas: Mapping[str, TableSchema], report: Report) -> None:
    """Reports the columns and filters of `access` that do not fit the schemas."""
    _judge_agreement(product, claims, report)
    reported = set()
    for output in product.outputs:
        label = product.label(output)
        for problem in find_output_problems(product, output, schemas):
            places = claims.output_access.get(label, {}) if _is_own(output, problem) else claims.access
            place = places.get(problem.place)
            if place is None or (place, problem.message) in reported:
                continue
            reported.add((place, problem.message))
            missing = f", which {label} does not have" if problem.is_missing else ""
            hint = _suggest(problem, schemas[label]) if problem.is_missing else problem.hint
            report.error(place, f"`access.{problem.field}` {problem.message}{missing}", hint)


def _judge_agreement(product: Product, claims: Claims, report: Report) -> None:
    """A product is found or not as a whole, and a grant is for every major of an output."""
    accesses = {product.label(output): (output.name, product.find_access(output)) for output in product.outputs}
    differs = len({access.is_discoverable for _, access in accesses.values()}) > 1
    first: dict[str, AccessSpec] = {}
    for label, (name, access) in accesses.items():
        place = claims.output_access.get(label, {}).get("") or claims.access.get("", WHOLE_FILE)
        if differs and access.is_discoverable != product.access.is_discoverable:
            hint = "write it once, in `access` of the product"
            report.error(place, "`access.discoverable` hides a product as a whole, and its outputs differ", hint)
        if first.setdefault(name, access) != access:
            hint = "repeat the same `access`, or write it for the product"
            report.error(place, f"the majors of {name} share one `access`, and they differ", hint)


def find_output_problems(
    product: Product, output: Output, schemas: Mapping[str, TableSchema]
) -> Iterator[AccessProblem]:
    """The parts of an output's access that do not fit its schema; nothing without a schema.

    A row filter has to fit every output that it counts for. A mask or a list of columns that the product declares may
    name columns of one output alone.
    """
    schema = schemas.get(product.label(output))
    if schema is None:
        return
    tables = (one for one in product.outputs if one.type is OutputType.TABLE)
    is_settled = all(product.label(one) in schemas for one in tables)
    elsewhere = {name for one in schemas.values() for name in one.names}
    for problem in find_access_problems(product.find_access(output), schema):
        is_of_product = not _is_own(output, problem)
        is_shared = is_of_product and not problem.place.endswith("rows")
        if problem.is_missing and is_shared and (problem.column in elsewhere or not is_settled):
            continue
        yield problem


def _is_own(output: Output, problem: AccessProblem) -> bool:
    """Whether the output declares the field itself."""
    return problem.field in list_declared(output.access)


def _suggest(problem: AccessProblem, schema: TableSchema) -> str:
    near = find_nearest(problem.column, schema.names)
    return f"did you mean {near}?" if near else f"the columns are {', '.join(list(schema.names)[:20])}"
