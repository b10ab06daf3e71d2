"""Reads the text of product.yaml into a product."""

from __future__ import annotations

from collections.abc import Iterable

from data_platform.spec.file_kinds import PRODUCT as PRODUCT_FILE
from data_platform.spec.file_kinds import refuse_other_fields
from data_platform.spec.product.model import DEFAULT_VERSION, Output, OutputType, Product, ProductStatus
from data_platform.spec.product.semver import SemVer
from data_platform.spec.product.yaml.access import read_access
from data_platform.spec.product.yaml.declaration import Claims, Reading
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.foreign_documents import refuse_standards
from data_platform.spec.product.yaml.inputs import PlacedInput, read_inputs
from data_platform.spec.product.yaml.outputs import read_output
from data_platform.spec.product.yaml.standards import read_description, read_owner
from data_platform.spec.product.yaml.values import describe_node
from data_platform.spec.product.yaml.versions import read_version
from data_platform.spec.product.yaml.vocabulary import (
    MOST_OUTPUTS,
    NAME_LENGTH,
    OVERLAY_LENGTH,
    PRODUCT,
    RETENTION_DAYS,
    TAG_LENGTH,
)
from data_platform.spec.product.yaml.watching import read_alerts, read_oncall
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.report import Place, Report
from data_platform.spec.text.yaml.tree import Mapping, Sequence, parse_yaml


def read_product(text: str, report: Report) -> Reading:
    """The product that the text declares; its problems are in `report`, which the caller closes."""
    root = parse_yaml(text, report, "a product needs name, domain, owner, outputs")
    if not isinstance(root, Mapping):
        hint = "write `name: …`, `domain: …`, `owner: …`, `outputs: …`, a line each"
        report.fail(root.place, f"a product must be a mapping of fields, not {describe_node(root)}", hint)
    refuse_standards(root, report)
    refuse_other_fields(root, report, PRODUCT_FILE)
    fields = Fields(report, root, PRODUCT, "the product")
    fields.require("name", "domain", "owner", "outputs")
    claims = Claims(pii=list(fields.read_placed_texts("pii_columns", NAME_LENGTH)))
    name = fields.name("name") or ""
    inputs = read_inputs(fields, name)
    alerts, alert_terms = read_alerts(fields)
    oncall, handover = read_oncall(fields)
    version = read_version(fields)
    outputs = _read_outputs(fields, inputs, version or DEFAULT_VERSION)
    product = Product(
        name=name,
        domain=fields.name("domain") or "",
        owner=read_owner(fields) or "",
        outputs=tuple(output for output, _, _ in outputs),
        description=read_description(fields),
        id=fields.read_text("id", NAME_LENGTH),
        version=version,
        status=fields.read_choice("status", ProductStatus),
        retention_days=fields.read_integer("retention_days", *RETENTION_DAYS),
        oncall=oncall,
        handover=handover,
        alerts=alerts,
        alert_terms=alert_terms,
        inputs=tuple(placed_input.input for placed_input in inputs),
        tags=fields.read_texts("tags", TAG_LENGTH, one_line=False),
        pii_columns=tuple(column for column, _ in claims.pii),
        access=read_access(fields, claims),
        odps=fields.read_plain("odps", OVERLAY_LENGTH),
    )
    for output, _, own in outputs:
        claims.take(own, product.label(output))
    _report_shared_topics(product, outputs, report)
    return Reading(product, claims)


def _read_outputs(fields: Fields, inputs: list[PlacedInput], version: str) -> list[tuple[Output, Place, Claims]]:
    """Each output with its place and its claims; `version` is the contract version of those that have none."""
    nodes = fields.read_items("outputs", "[{name: NAME, type: table}]", MOST_OUTPUTS)
    readable = {(placed_input.input.data_product, placed_input.input.output) for placed_input in inputs}
    if not nodes and isinstance(fields.find_node("outputs"), Sequence):
        fields.report.error(fields.locate("outputs"), "`outputs` is empty", "a product has at least one output")
    outputs: dict[tuple[str, int], tuple[Output, Place, Claims]] = {}
    for item in nodes:
        claims = Claims()
        output = read_output(fields.report, item, readable, claims)
        if output is None:
            continue
        major = SemVer.parse(output.version or version).major
        first = outputs.setdefault((output.name, major), (output, item.place, claims))
        if first[0] is not output and output.name:
            message = f"the output {quote_text(output.name)} appears twice, first in line {first[1].line}"
            hint = "give each output a name of its own, or a `version` of another major"
            fields.report.error(item.place, message, hint)
    return list(outputs.values())


def _report_shared_topics(product: Product, outputs: Iterable[tuple[Output, Place, Claims]], report: Report) -> None:
    """A reader of the topic would get the events of two outputs, under two schemas."""
    first: dict[str, tuple[str, Place]] = {}
    for output, place, _ in outputs:
        if output.type is not OutputType.STREAM or not output.name:
            continue
        label, topic = product.label(output), product.topic(output)
        first_label, line = first.setdefault(topic, (label, place))
        if first_label != label:
            message = f"the topic {quote_text(topic)} of {label} is that of {first_label} in line {line.line}, too"
            report.error(place, message, f"write `topic: {topic}.v{product.major(output)}`, or another of its own")
