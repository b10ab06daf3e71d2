"""A JSON Schema of product.yaml, with which editors complete, describe and check it."""

from __future__ import annotations

from typing import Any

from data_platform.spec.product.yaml.shapes import make_mapping
from data_platform.spec.product.yaml.vocabulary import PRODUCT


def make_editor_schema() -> dict[str, Any]:
    """The schema (2020-12), generated from the words that the loader reads.

    It refuses nothing that the loader accepts; what a schema cannot say, such as that a name appears twice, only the
    loader judges.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "product.yaml",
        "description": "A data product of data-platform.",
        **make_mapping(PRODUCT),
    }
