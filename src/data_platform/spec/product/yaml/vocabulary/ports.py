"""The fields of inputs and outputs."""

from __future__ import annotations

from data_platform.spec.product.model import OutputType
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary.access import ACCESS
from data_platform.spec.product.yaml.vocabulary.limits import (
    DESCRIPTION_LENGTH,
    MOST_EXPECTED,
    MOST_PROMISES,
    MOST_RULES,
    NAME_LENGTH,
    TAG_LENGTH,
    TEXT_LENGTH,
    TOPIC_LENGTH,
)
from data_platform.spec.product.yaml.vocabulary.overlay import make_overlay_word
from data_platform.spec.product.yaml.vocabulary.promises import SLA, SLA_PROPERTY
from data_platform.spec.product.yaml.vocabulary.rules import EXPECTATION, RULE, UNCHECKED
from data_platform.spec.rules.model import Severity

EXPECTED = Words(
    (
        Word(
            "columns", "The columns that are needed.", "columns: [customer_id, segment]", shapes.make_texts(NAME_LENGTH)
        ),
        Word(
            "rules", "Rules in SQL over the input, or library metrics.", "…", shapes.make_mappings(RULE, MOST_EXPECTED)
        ),
        Word(
            "enforcement",
            "warning, or blocking as policy allows.",
            "enforcement: blocking",
            shapes.make_one_of(Severity),
        ),
    )
)
"""What a product expects of an input."""

INPUT = Words(
    (
        Word("data_product", "The product that is read.", "data_product: customers-data-product", shapes.NAMED),
        Word("output", "The output of it.", "output: customers_dim", shapes.NAMED, ("name",)),
        Word("version", "The contract version this product was built against.", 'version: "1.0.0"', shapes.VERSION),
        Word("contractId", "ODPS: product and output in one word.", "contractId: customers.dim", shapes.make_text(127)),
        Word(
            "customProperties",
            "ODPS: the property dataProduct names the product.",
            "customProperties: [{property: dataProduct, value: customers}]",
            {"type": "array", "items": {"type": "object"}},
        ),
        Word(
            "expectations",
            "What this product needs of it.",
            "expectations: {columns: [id]}",
            shapes.make_mapping(EXPECTED),
        ),
        make_overlay_word("odps", "the input port"),
    )
)

OUTPUT = Words(
    (
        Word("name", "The output's name; the table's name in rules.", "name: orders_fact", shapes.NAMED, required=True),
        Word("type", "table (the default) or stream.", "type: table", shapes.make_one_of(OutputType)),
        Word(
            "description",
            "What the output holds.",
            "description: All orders, a row each.",
            shapes.make_text(DESCRIPTION_LENGTH),
        ),
        Word("version", "The output's contract version; the product's by default.", 'version: "1.0.0"', shapes.VERSION),
        Word(
            "schema",
            "The schema file, relative to this one: JSON Schema (.json) or Avro (.avsc, .avro).",
            "schema: schemas/orders_fact.json",
            shapes.make_text(TEXT_LENGTH),
        ),
        Word(
            "topic",
            "A stream's topic; product.output by default.",
            "topic: orders.events.v1",
            shapes.make_text(TOPIC_LENGTH),
        ),
        Word(
            "primary_key",
            "The column or columns that identify a row.",
            "primary_key: order_id",
            shapes.make_one_or_more(NAME_LENGTH),
        ),
        Word(
            "partition_by",
            "The column or columns by which files are split.",
            "partition_by: day",
            shapes.make_one_or_more(NAME_LENGTH),
        ),
        Word(
            "sla",
            "What the output promises.",
            'sla: {freshness: "1 day"}',
            shapes.make_mapping(SLA),
            ("slaProperties",),
            alias_shape=shapes.make_mappings(SLA_PROPERTY, MOST_PROMISES),
        ),
        Word(
            "quality_rules",
            "Rules in SQL, or library metrics.",
            "…",
            shapes.make_mappings(RULE, MOST_RULES),
            ("quality",),
        ),
        Word("expect", "Expectations by name.", "…", shapes.make_mappings(EXPECTATION, MOST_RULES)),
        Word("tags", "Words to find the output by.", "tags: [orders]", shapes.make_texts(TAG_LENGTH)),
        Word(
            "unchecked",
            "Checks of a contract that cannot run here: kept, exported and named beside every verdict.",
            "…",
            shapes.make_mappings(UNCHECKED, MOST_RULES),
        ),
        Word(
            "contract_id",
            "The id of the output's ODCS contract, which outputs may share; product.output by default.",
            "contract_id: 53581432-6c55-4ba2-a65f-72344a91553a",
            shapes.make_text(TEXT_LENGTH),
            ("contractId",),
        ),
        Word(
            "access",
            "Who may read it, which columns and rows, and who decides; its fields override the product's.",
            "access: {visibility: restricted}",
            shapes.make_mapping(ACCESS),
        ),
        make_overlay_word("odcs", "the contract"),
        make_overlay_word("odps", "the output port"),
    )
)
