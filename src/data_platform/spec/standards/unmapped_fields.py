"""Gives each part of an imported product what its documents say beyond ours, so that an export says it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.assembly import Assembly, Part
from data_platform.spec.standards.document import View
from data_platform.spec.standards.odcs.contract_out import write_bare_contract, write_bare_table
from data_platform.spec.standards.odps.product_out import write_bare_input, write_bare_output, write_bare_product
from data_platform.spec.standards.overlay import OWN, compute_overlay
from data_platform.spec.standards.overlay_parts import Place, with_overlays
from data_platform.spec.standards.overlay_pruning import filter_odcs, filter_odps
from data_platform.spec.standards.team import name_owner

Json = dict[str, Any]


def with_the_rest(assembly: Assembly) -> Product:
    """The product whose export says all that the documents said, except for what the caller said instead of them."""
    product, schemas = _with_all(assembly), assembly.schemas
    left_out = [*filter_odps(product).left_out, *filter_odcs(product, schemas).left_out]
    for place in left_out:
        product = _with_own(product, place, assembly)
    return filter_odcs(filter_odps(product).product, schemas).product


def _with_own(product: Product, place: Place, assembly: Assembly) -> Product:
    """The product whose document speaks for itself at a place of an output, where it does not speak for the product.

    An ODPS speaks for the product, without one the first contract does; so its contracts may say another version, and
    a port other tags than its table.
    """
    if place[0] != "outputs" or place[2] not in ("odcs", "odps"):
        return product
    if assembly.odps is None and place[1] == 0 and place[3] != "schema":
        return product
    at, standard = int(place[1]), str(place[2])
    over = getattr(product.outputs[at], standard)
    path = ".".join(str(step) for step in place[3 : 5 if place[3] == "schema" else 4])
    listed = {OWN: list(dict.fromkeys([*over.get(OWN, []), path]))}
    return with_overlays(product, {place[:3]: {**over, **listed}})


def _with_all(assembly: Assembly) -> Product:
    product, schemas = assembly.product, assembly.schemas
    outputs = tuple(_extend_output(product, part, schemas) for part in assembly.parts)
    outputs = tuple(
        replace(output, odcs={**over, **output.odcs})
        for output, over in zip(outputs, _compare_contracts(product, assembly.parts, schemas), strict=True)
    )
    product = replace(product, outputs=outputs)
    if assembly.odps is None:
        return product
    inputs = tuple(
        replace(entry, odps=compute_overlay(write_bare_input(entry), port.value) or {})
        for entry, port in assembly.odps.inputs
    )
    product = replace(product, inputs=inputs)
    theirs = {key: value for key, value in assembly.odps.view.value.items() if key != "outputPorts"}
    return replace(product, odps=name_owner(compute_overlay(write_bare_product(product), theirs) or {}, theirs))


def _extend_output(product: Product, part: Part, schemas: Mapping[str, TableSchema]) -> Output:
    """The output with what its port and its table say."""
    output = part.output
    odps = compute_overlay(write_bare_output(product, output), part.port.value) if part.port else None
    table = _compare_table(product, output, part.table, schemas) if part.table else None
    return replace(output, odps=odps or {}, odcs={"schema": table} if table else {})


def _compare_table(product: Product, output: Output, view: View, schemas: Mapping[str, TableSchema]) -> Json | None:
    ours = _strip_checks(write_bare_table(product, output, schemas.get(product.label(output))))
    overlay: Json | None = compute_overlay(ours, _strip_checks(view.value))
    return overlay


def _strip_checks(element: Mapping[str, Any]) -> Json:
    """A table or property without its checks, which the rules carry themselves."""
    kept = {key: value for key, value in element.items() if key != "quality"}
    for key in ("properties", "items"):
        inner = kept.get(key)
        if isinstance(inner, Mapping):
            kept[key] = _strip_checks(inner)
        elif isinstance(inner, list):
            kept[key] = [_strip_checks(item) if isinstance(item, Mapping) else item for item in inner]
    return kept


def _compare_contracts(product: Product, parts: Sequence[Part], schemas: Mapping[str, TableSchema]) -> list[Json]:
    """For each part what its contract says as a whole; of those that share one, the first carries it."""
    overlays: list[Json] = []
    seen: set[str] = set()
    for part in parts:
        id = product.contract_id(part.output)
        if part.contract is None or id in seen:
            overlays.append({})
            continue
        seen.add(id)
        sharing = [output for output in product.outputs if product.contract_id(output) == id]
        ours = write_bare_contract(product, sharing, schemas)
        theirs = {key: value for key, value in part.contract.view.value.items() if key != "schema"}
        overlays.append(name_owner(compute_overlay(ours, theirs) or {}, theirs))
    return overlays
