"""Imports ODPS and ODCS files: one product, as the text of product.yaml and of its schema files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.product.declared_columns import find_unknown_pii
from data_platform.spec.product.loading import FILE_NAME
from data_platform.spec.product.model import Product
from data_platform.spec.product.yaml import read_product
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.assembly import NOTHING_SAID, Assembly, Wanted
from data_platform.spec.standards.contracts import build_assembly, detect_kind
from data_platform.spec.standards.document import Document, read_document
from data_platform.spec.standards.product_text import write_product_text
from data_platform.spec.standards.schema_text import can_express, write_schema_text
from data_platform.spec.standards.unmapped_fields import with_the_rest
from data_platform.spec.standards.validity import validate_document
from data_platform.spec.text.report import Report


@dataclass(frozen=True, slots=True)
class Imported:
    """A product that was imported: `files` are its texts by relative path, product.yaml first."""

    product: Product
    schemas: Mapping[str, TableSchema]
    files: Mapping[str, str]
    warnings: tuple[Problem, ...]


def import_files(paths: Sequence[Path], wanted: Wanted = NOTHING_SAID) -> Imported:
    """The product that the files make together: at most one ODPS, and contracts of ODCS.

    Raises InvalidSpec with the problems of all files, each with its line and column.
    """
    documents = _read(paths)
    assembly = build_assembly(documents, wanted)
    product = _with_schema_paths(with_the_rest(assembly), assembly)
    text = write_product_text(product)
    _judge(text, product, assembly, documents)
    files = {FILE_NAME: text}
    for output in product.outputs:
        schema = assembly.schemas.get(product.label(output))
        if output.schema_path is not None and schema is not None:
            files[output.schema_path] = write_schema_text(schema, output.schema_path)
    warnings = dict.fromkeys(warning for document in documents for warning in document.report.warnings)
    return Imported(product, assembly.schemas, files, tuple(warnings))


def validate_files(paths: Sequence[Path]) -> None:
    """Validates the files against ODCS 3.2.0 and ODPS 1.1.0, including older words of 3.0 and 0.9.

    Raises InvalidSpec with every place of every file that is not valid.
    """
    documents = _read(paths)
    for document in documents:
        kind = detect_kind(document)
        if kind is None:
            document.report.error(
                document.find_place(("kind",)), "this is neither ODPS nor ODCS", "write kind: DataContract"
            )
        else:
            validate_document(document, contract=kind == "DataContract")
    problems = [problem for document in documents for problem in document.report.problems]
    if problems:
        raise InvalidSpec(problems)


def _read(paths: Sequence[Path]) -> list[Document]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in dict.fromkeys(paths):
        try:
            documents.append(read_document(path))
        except InvalidSpec as error:
            problems += error.problems
    if problems:
        raise InvalidSpec([*problems, *(problem for document in documents for problem in document.report.problems)])
    return documents


def _with_schema_paths(product: Product, assembly: Assembly) -> Product:
    """The product whose schema files can say their schemas, each path one schema."""
    written: dict[str, TableSchema] = {}
    outputs = []
    for output in product.outputs:
        label = product.label(output)
        schema = assembly.schemas.get(label)
        if schema is not None and output.schema_path is not None:
            path = output.schema_path
            if written.get(path, schema) != schema or not can_express(schema, path):
                path = f"schemas/{label}.json"
                output = replace(output, schema_path=path)
            written[path] = schema
        outputs.append(output)
    return replace(product, outputs=tuple(outputs))


def _judge(text: str, product: Product, assembly: Assembly, documents: Sequence[Document]) -> None:
    """Refuse what product.yaml cannot express, such as a text beyond its limits."""
    report = Report(FILE_NAME)
    reading = read_product(text, report)
    for column in find_unknown_pii(reading.product, assembly.schemas):
        report.problems.append(Problem(FILE_NAME, 0, 0, f"`pii_columns`: no output has the column {column!r}"))
    if report.problems:
        file = str(documents[0].path)
        raise InvalidSpec(
            [
                Problem(file, 0, 0, f"it would make a product.yaml that is refused: {problem.message}", problem.hint)
                for problem in report.problems
            ]
        )
