"""Reads ODPS, 1.1.0 and older (0.9, 1.0, whose words are the same)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.spec.product.model import Expectations, Input, OutputType
from data_platform.spec.product.semver import SEMVER
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.input_expectations import read_expectations
from data_platform.spec.product.yaml.vocabulary import INPUT
from data_platform.spec.standards.custom import read_our_properties
from data_platform.spec.standards.document import Document, Plain, View
from data_platform.spec.standards.odps.product_out import API_VERSION, CUSTOM_EXPECTATIONS, CUSTOM_INPUT
from data_platform.spec.standards.yaml_out import write_yaml
from data_platform.spec.text.names import name_problem
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml import tree
from data_platform.spec.text.yaml.tree import parse_yaml

_STREAMS = ("stream", "streams", "topic", "topics", "kafka", "event", "events")


@dataclass(frozen=True)
class OdpsProduct:
    """A product's document in the words of 1.1.0; `inputs` are the ports that name a product, `others` the rest."""

    view: View
    outputs: tuple[View, ...]
    inputs: tuple[tuple[Input, View], ...]
    others: tuple[View, ...]

    @property
    def ours(self) -> Mapping[str, Any]:
        """Our own custom properties."""
        return read_our_properties(self.view.read_plains("customProperties"))


def read_odps(document: Document) -> OdpsProduct:
    """The product of a document whose kind is DataProduct."""
    root = {**_remove_nulls(document.root), "apiVersion": API_VERSION}
    if isinstance(root.get("team"), list):  # as 0.9 has it
        root["team"] = {"members": root["team"]}
    view = View(document, (), root)
    if view.read_text("id") is None:
        view.error("the product has no `id`", hint="write for example id: orders")
    inputs, others, seen = [], [], set()
    for port in view.read_views("inputPorts"):
        entry = _read_input(port)
        if entry is None or str(entry) in seen:
            said = port.read_text("name") or "without a name"
            port.warn(f"the input port {said} is kept, and is no input here: it does not name a product of its own")
            others.append(port)
        else:
            seen.add(str(entry))
            inputs.append((entry, port))
    return OdpsProduct(view, tuple(view.read_views("outputPorts")), tuple(inputs), tuple(others))


def _remove_nulls(value: Plain) -> Plain:
    """Mappings without nulls, except for extensions."""
    if isinstance(value, Mapping):
        kept = {key: item for key, item in value.items() if item is not None or key == "value"}
        return {key: item if key == "value" else _remove_nulls(item) for key, item in kept.items()}
    return [_remove_nulls(item) for item in value] if isinstance(value, list) else value


def read_port_type(view: View) -> OutputType:
    """The type of a port: a stream, or otherwise a table."""
    return OutputType.STREAM if (view.read_text("type") or "").strip().lower() in _STREAMS else OutputType.TABLE


def _read_input(port: View) -> Input | None:
    """The input that a port means: by our contractId PRODUCT.OUTPUT, or by the custom property dataProduct."""
    product, _, output = (port.read_text("contractId") or "").partition(".")
    entries = port.read_views("customProperties")
    custom_product = next((e.read_text("value") for e in entries if e.value.get("property") == CUSTOM_INPUT), None)
    if custom_product is not None and custom_product != product:
        product, output = custom_product, port.read_text("name") or ""
    if not product or not output or name_problem(product) or name_problem(output):
        return None
    version = port.read_text("version")
    pinned = version if version and SEMVER.fullmatch(version) else None
    return Input(product, output, pinned, expectations=_read_expectations(entries, output))


def _read_expectations(entries: Iterable[View], output: str) -> Expectations:
    """Our custom property `expectations`, in product.yaml's words; what does not read so is kept, and is none here."""
    custom = next((e.value.get("value") for e in entries if e.value.get("property") == CUSTOM_EXPECTATIONS), None)
    if not isinstance(custom, Mapping):
        return Expectations()
    report = Report(CUSTOM_EXPECTATIONS)
    node = parse_yaml(write_yaml({CUSTOM_EXPECTATIONS: custom}), report)
    expectations = Expectations()
    if isinstance(node, tree.Mapping):
        expectations = read_expectations(Fields(report, node, INPUT, "the input port"), output)
    return Expectations() if report.problems else expectations
