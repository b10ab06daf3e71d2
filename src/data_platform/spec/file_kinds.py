"""Recognizes a wrong file by its name or its top-level fields, and reports it as one error."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from data_platform.spec.text.report import WHOLE_FILE, Report
from data_platform.spec.text.yaml.tree import Mapping


class FileKind(NamedTuple):
    """A kind of file: what it is called, its own fields, how many of them make one, and a hint for other files."""

    name: str
    fields: frozenset[str]
    enough: int
    hint: str


PRODUCT = FileKind(
    "a product.yaml",
    frozenset({"name", "domain", "owner", "outputs"}),
    2,
    "a product.yaml has `name:`, `domain:`, `owner:` and `outputs:`",
)
POLICIES = FileKind(
    "a policies file",
    frozenset({"policies", "domain_policies"}),
    1,
    "a policies file has `policies:` or `domain_policies:`, and below it `- name: …` for each policy",
)
_DATA_HINT = "the product.yaml comes first: data-platform publish PRODUCT_YAML FILE, test CONTRACT --data FILE"
_NAMES = (
    ((".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq", ".parq", ".gz", ".xlsx", ".xls"), "a data file"),
    ((".py", ".ipynb"), "Python code"),
    ((".sql",), "SQL"),
    ((".toml", ".ini", ".cfg", ".env"), "a settings file"),
    ((".avsc",), "an Avro schema"),
)
_SCHEMA_HINT = "name it under an output of a product.yaml: `schema: FILE`"
_FIELDS = (
    (
        frozenset({"policies"}),
        "a policies file",
        "data-platform policies apply FILE, or policies check --policies FILE",
    ),
    (frozenset({"domain_policies"}), "a policies file", "data-platform policies apply FILE"),
    (frozenset({"apiVersion", "kind"}), "a document of ODCS or ODPS", None),
    (frozenset({"dataContractSpecification"}), "a contract of the Data Contract Specification", None),
    (frozenset({"openapi"}), "an OpenAPI document", None),
    (frozenset({"asyncapi"}), "an AsyncAPI document", None),
    (frozenset({"$schema"}), "a JSON Schema", _SCHEMA_HINT),
    (frozenset({"type", "properties"}), "a JSON Schema", _SCHEMA_HINT),
    (frozenset({"type", "fields"}), "an Avro schema", _SCHEMA_HINT),
    (frozenset({"name", "outputs"}), "a product.yaml", None),
    (frozenset({"name", "domain"}), "a product.yaml", None),
    (frozenset({"domain", "owner"}), "a product.yaml", None),
    (frozenset({"rule", "name"}), "one policy without its list", None),
)


def refuse_other_name(path: Path, report: Report, expected: FileKind) -> None:
    """Raises InvalidSpec, through `report`, for a file that is of another kind by its name."""
    for suffixes, what in _NAMES:
        if path.name.lower().endswith(suffixes):
            hint = _DATA_HINT if what == "a data file" and expected is PRODUCT else expected.hint
            report.fail(WHOLE_FILE, f"this is {what} by its name, not {expected.name}", hint)


def refuse_other_fields(root: Mapping, report: Report, expected: FileKind) -> None:
    """Raises InvalidSpec, through `report`, for a document of another kind, in which every field would be wrong."""
    keys = {key.text: key for key, _ in root.entries}
    if len(keys.keys() & expected.fields) >= expected.enough:
        return
    for fields, what, hint in _FIELDS:
        if fields <= keys.keys() and what != expected.name:
            place = keys[min(fields)].place
            use = hint if expected is PRODUCT and hint else expected.hint
            report.fail(place, f"this is {what}, not {expected.name}", use)
