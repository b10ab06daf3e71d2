"""Loads product.yaml with the schema files it names, and reports all problems of all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from data_platform.errors import Problem, StorageFailed
from data_platform.spec.file_kinds import PRODUCT, refuse_other_name
from data_platform.spec.product.access_columns import judge_access
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.declared_columns import find_unknown_pii, suggest_column, tag_pii
from data_platform.spec.product.model import OutputType, Product
from data_platform.spec.product.yaml.declaration import Claims, ColumnClaim, Reading
from data_platform.spec.product.yaml.product import read_product
from data_platform.spec.schema.document import SchemaDocument
from data_platform.spec.schema.files import SchemaFile, parse_schema, read_schema
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.file import check_text, read_text
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.paths import to_path
from data_platform.spec.text.report import Place, Report

__all__ = ["FILE_NAME", "ProductFile", "bind_columns", "load_product", "parse_product"]

FILE_NAME = "product.yaml"


@dataclass(frozen=True, slots=True)
class ProductFile:
    """A product as its file declares it: `schemas` by output (PII tagged), doubts in `warnings`, the file's `text`.

    Outputs go by their labels (`Product.label`). `documents` are the schema files of its streams as they were written.
    `claims` are the columns that it names, with their places. `schema_texts` are the schema files by the path that it
    gives them.
    """

    path: Path
    product: Product
    schemas: Mapping[str, TableSchema]
    warnings: tuple[Problem, ...]
    text: str
    documents: Mapping[str, SchemaDocument] = field(default_factory=dict)
    claims: Claims = field(default_factory=Claims, compare=False, repr=False)
    schema_texts: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def contract(self) -> Contract:
        """What readers may rely on once it is registered."""
        return Contract(self.product, self.schemas, self.documents)


def load_product(path: str | Path) -> ProductFile:
    """The product in a file, or in the product.yaml of a folder.

    Raises InvalidSpec with every problem of the file and of its schemas; StorageFailed when the disk says no.
    """
    path = _resolve_file(to_path(path, "product.yaml"))
    report = Report(str(path))
    refuse_other_name(path, report, PRODUCT)
    return _parse(path, read_text(path, report), report, partial(read_schema, path.parent))


def parse_product(path: Path, text: str, schema_texts: Mapping[str, str]) -> ProductFile:
    """The product of texts that were read elsewhere; `path` is the file's name in errors, and nothing is opened.

    Raises InvalidSpec with every problem of the file and of its schemas.
    """
    report = Report(str(path))
    refuse_other_name(path, report, PRODUCT)
    return _parse(path, check_text(text, report), report, partial(parse_schema, path.parent, schema_texts))


SchemaReader = Callable[[str, Place, Report], SchemaFile | None]
"""Finds the schema file of a name; its problems go into the report, at the place that names it."""


def _parse(path: Path, text: str, report: Report, find_schema: SchemaReader) -> ProductFile:
    reading = read_product(text, report)
    files = _load_schema_files(find_schema, reading, report)
    schemas = {name: schema_file.table for name, schema_file in files.items()}
    _judge_columns(reading.claims, schemas, report)
    _judge_pii(reading.product, reading.claims, schemas, report)
    judge_access(reading.product, reading.claims, schemas, report)
    report.close()
    product = reading.product
    tagged = {name: tag_pii(schema, product.pii_columns) for name, schema in schemas.items()}
    streams = [product.label(output) for output in product.outputs if output.type is OutputType.STREAM]
    documents = {name: files[name].document for name in streams if name in files}
    texts = {
        output.schema_path or "": files[name].text
        for output in product.outputs
        if (name := product.label(output)) in files
    }
    return ProductFile(path, product, tagged, tuple(report.warnings), text, documents, reading.claims, texts)


def bind_columns(file: ProductFile, inferred: Mapping[str, TableSchema]) -> None:
    """Checks the columns that the file names against schemas of earlier data, by output.

    Raises InvalidSpec with every column that is missing.
    """
    report = Report(str(file.path))
    schemas = {label: schema for label, schema in inferred.items() if label not in file.schemas}
    _judge_columns(file.claims, schemas, report)
    if schemas:
        _judge_pii(file.product, file.claims, {**schemas, **file.schemas}, report)
        judge_access(file.product, file.claims, {**schemas, **file.schemas}, report)
    report.close()


def _resolve_file(path: Path) -> Path:
    try:
        return path / FILE_NAME if path.is_dir() else path
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error}") from error


def _load_schema_files(find_schema: SchemaReader, reading: Reading, report: Report) -> dict[str, SchemaFile]:
    read: dict[str, SchemaFile | None] = {}
    for output in reading.product.outputs:
        if output.schema_path is not None and output.schema_path not in read:
            place = reading.claims.schemas[reading.product.label(output)]
            read[output.schema_path] = find_schema(output.schema_path, place, report)
    product = reading.product
    labelled = ((product.label(output), read.get(output.schema_path or "")) for output in product.outputs)
    return {name: file for name, file in labelled if file is not None}


def _judge_columns(claims: Claims, schemas: Mapping[str, TableSchema], report: Report) -> None:
    """Report the columns that `product.yaml` names and the output's schema does not have."""
    for claim in claims.columns:
        schema = schemas.get(claim.output)
        if schema is None or claim.is_satisfied(schema.names):
            continue
        message = f"{claim.what} names the column {quote_text(claim.column)}, which {claim.output} does not have"
        report.error(claim.place, message, _suggest_column(claim, schema.names))


def _suggest_column(claim: ColumnClaim, names: Collection[str]) -> str:
    """The nearest column; without one, a name in SQL may be meant as a text."""
    hint = suggest_column(claim.column, names)
    is_sql = claim.what.startswith("the SQL") and not hint.startswith("did you mean")
    return f"{hint}; a text is written in single quotes: '{claim.column}'" if is_sql else hint


def _judge_pii(product: Product, claims: Claims, schemas: Mapping[str, TableSchema], report: Report) -> None:
    """Report PII columns that no output has, when every table's schema is known."""
    places = dict(claims.pii)
    names = [name for schema in schemas.values() for name in schema.names]
    for column in find_unknown_pii(product, schemas):
        message = f"`pii_columns`: no output has the column {quote_text(column)}"
        report.error(places[column], message, suggest_column(column, names))
    for label, schema in schemas.items():
        for declared in (declared for declared in schema if declared.name in places):
            if declared.not_pii or declared.anonymised:
                word = "not_pii" if declared.not_pii else "anonymised"
                message = f"`pii_columns` names {quote_text(declared.name)}, and the schema of {label} says {word}"
                report.error(places[declared.name], message, "remove one of them")
