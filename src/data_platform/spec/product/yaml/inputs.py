"""Reads `inputs`: what other products this one reads, in our words or as ODPS's input ports."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.spec.product.model import Input
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.input_expectations import read_expectations
from data_platform.spec.product.yaml.values import describe_node
from data_platform.spec.product.yaml.versions import read_version
from data_platform.spec.product.yaml.vocabulary import INPUT, OVERLAY_LENGTH
from data_platform.spec.text.names import name_problem, quote_text
from data_platform.spec.text.report import Place, Report
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class PlacedInput:
    """An input and its place."""

    input: Input
    place: Place


def read_inputs(fields: Fields, product: str) -> list[PlacedInput]:
    """The inputs of `product`, each once, none of them its own output."""
    placed_inputs: dict[tuple[str, str], PlacedInput] = {}
    for node in fields.read_items("inputs", "[{data_product: NAME, output: NAME}]"):
        read = _read_input(fields.report, node)
        if read is None:
            continue
        key = (read.input.data_product, read.input.output)
        if product and read.input.data_product == product:
            hint = "an input names another product; remove it"
            fields.report.error(read.place, f"the product {product} reads itself", hint)
        elif key in placed_inputs:
            line = placed_inputs[key].place.line
            fields.report.error(read.place, f"the input {read.input} appears twice, first in line {line}", "keep one")
        else:
            placed_inputs[key] = read
    return list(placed_inputs.values())


def _read_input(report: Report, node: Node) -> PlacedInput | None:
    if not isinstance(node, Mapping):
        hint = "write {data_product: NAME, output: NAME}"
        report.error(node.place, f"an input must be a mapping, not {describe_node(node)}", hint)
        return None
    fields = Fields(report, node, INPUT, "the input")
    contract = _read_contract(fields)
    product = _read_product(fields, contract)
    output = fields.name("output")
    if contract and output and output != contract[1]:
        message = f"`contractId` names the output {contract[1]}, and `{fields.find_key('output')}` {output}"
        report.error(fields.locate("contractId"), message, "make them agree")
    output = output or (contract[1] if contract else None)
    version = read_version(fields)
    if product is None or output is None:
        _require(fields, product, output)
        return None
    expectations = read_expectations(fields, output)
    read = Input(product, output, version, fields.read_plain("odps", OVERLAY_LENGTH), expectations)
    return PlacedInput(read, node.place)


def _require(fields: Fields, product: str | None, output: str | None) -> None:
    if fields.find_node("contractId") is None:
        fields.require(*([] if product else ["data_product"]), *([] if output else ["output"]))


def _read_product(fields: Fields, contract: tuple[str, str] | None) -> str | None:
    """The product by the one way in which it is named."""
    named, custom = fields.name("data_product"), _read_custom_product(fields)
    contract_product = contract[0] if contract else None
    if fields.find_node("data_product") is not None and (contract_product or custom):
        other = "contractId" if contract_product else "customProperties"
        message = f"`{other}` and `data_product` mean the same"
        fields.report.error(fields.locate(other), message, "keep `data_product`, and remove the other")
    elif contract_product and custom and contract_product != custom:
        message = f"`contractId` names the product {contract_product}, and `customProperties` {custom}"
        fields.report.error(fields.locate("contractId"), message, "make them agree")
    return named or contract_product or custom


def _read_contract(fields: Fields) -> tuple[str, str] | None:
    """ODPS's contractId as we write it: `product.output`."""
    text = fields.read_text("contractId", 127)
    if text is None:
        return None
    product, _, output = text.partition(".")
    if name_problem(product) or name_problem(output):
        message = f"`contractId` {quote_text(text)} is not PRODUCT.OUTPUT"
        fields.report.error(fields.locate("contractId"), message, "write data_product and output instead")
        return None
    return product, output


def _read_custom_product(fields: Fields) -> str | None:
    """The value of ODPS's custom property `dataProduct`."""
    node = fields.find_node("customProperties")
    for item in node.items if isinstance(node, Sequence) else ():
        words = {key.text: value for key, value in item.entries} if isinstance(item, Mapping) else {}
        name, value = words.get("property"), words.get("value")
        if isinstance(name, Scalar) and name.text == "dataProduct" and isinstance(value, Scalar):
            if name_problem(value.text) is None:
                return value.text
            fields.report.error(value.place, f"{quote_text(value.text)} is no product's name")
    return None
