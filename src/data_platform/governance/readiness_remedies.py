"""What helps where a point of the checklist is not met: a command, or a line of product.yaml."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.sentences import Sentence, make_sentence


def write_yaml(text: str) -> Sentence:
    """What to write into product.yaml."""
    return make_sentence("checklist.product_yaml", "product.yaml: {text}", text=text)


def write_fields(fields: Sequence[str]) -> Sentence:
    """Which fields to write into product.yaml."""
    return write_yaml("; ".join(f"{field}: …" for field in fields))


def run_command(command: str) -> Sentence:
    """What to run."""
    return make_sentence("checklist.command", "{command}", command=command)


PUBLISH = run_command("data-platform publish PRODUCT_YAML OUTPUT FILE")
GIVE_SCHEMA = write_yaml("schema: FILE")
RECORD_LINEAGE = make_sentence(
    "checklist.record_lineage", 'consume in the pipeline, or publish with lineage=["PRODUCT.OUTPUT"]'
)
