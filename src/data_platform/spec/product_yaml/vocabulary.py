"""Every field of product.yaml.

Aliases are the words of ODCS 3.2.0 and ODPS 1.1.0 for the same thing; where both stand, the file is refused.
"""

from __future__ import annotations

from typing import Any

from data_platform.spec.duration import DURATION
from data_platform.spec.expectations import EXPECTATIONS
from data_platform.spec.metrics import ARGUMENTS
from data_platform.spec.names import NAME
from data_platform.spec.product import OutputType, Status
from data_platform.spec.product_yaml.words import Word, Words
from data_platform.spec.rules import DIMENSIONS, Operator, Severity, Unit
from data_platform.spec.semver import SEMVER

RETENTION_DAYS = (1, 36_500)


def _text(most: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, **more}


def _texts(most: int) -> dict[str, Any]:
    return {"type": "array", "items": _text(most)}


def _one_or_more(most: int) -> dict[str, Any]:
    return {"anyOf": [_text(most), {**_texts(most), "minItems": 1}]}


def _enum(values: Any) -> dict[str, Any]:
    return {"enum": [str(value) for value in values]}


NUMBER = {"type": "number"}
NAMED = {"type": "string", "pattern": f"^{NAME.pattern}$"}
VERSION = {"type": "string", "pattern": f"^{SEMVER.pattern}$"}
TEAM = {
    "type": ["object", "array"],
    "description": "ODPS's team; the member whose role is owner is the owner.",
}

INPUT = Words(
    (
        Word("data_product", "The product that is read.", "data_product: customers-data-product", NAMED),
        Word("output", "The output of it.", "output: customers_dim", NAMED, ("name",)),
        Word("version", "The contract version this product was built against.", 'version: "1.0.0"', VERSION),
        Word("contractId", "ODPS: product and output in one word.", "contractId: customers.dim", _text(127)),
        Word(
            "customProperties",
            "ODPS: the property dataProduct names the product.",
            "customProperties: [{property: dataProduct, value: customers}]",
            {"type": "array", "items": {"type": "object"}},
        ),
    )
)

SLA = Words(
    (
        Word(
            "freshness",
            "How old the newest data may be: a number and seconds, minutes, hours, days or weeks.",
            'freshness: "15 minutes"',
            _text(40, pattern=f"^{DURATION.pattern}$"),
            ("latency",),
        ),
        Word(
            "availability",
            "The share of time in which the output can be read, from 0 % to 100 %.",
            'availability: "99.9%"',
            _text(20, pattern=r"^[0-9]{1,3}(\.[0-9]+)? ?%$"),
        ),
    )
)

JUDGEMENT = (
    Word(
        "severity",
        "blocking refuses the publish (the default), warning is recorded.",
        "severity: warning",
        _enum(Severity),
    ),
    Word("dimension", "The quality dimension of ODCS.", "dimension: completeness", _enum(DIMENSIONS)),
    Word("description", "Why the rule exists.", "description: …", _text(10_000)),
)

BETWEEN = (Operator.BETWEEN, Operator.NOT_BETWEEN)
THRESHOLD = "threshold"

OPERATORS = (
    Word(THRESHOLD, "The greatest value that passes; 0 by default.", "threshold: 0", NUMBER, (Operator.LESS_OR_EQUAL,)),
    *(
        Word(
            operator.value,
            "What the measured value must be (ODCS operator).",
            f"{operator.value}: {'[0, 10]' if operator in BETWEEN else '0'}",
            {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2} if operator in BETWEEN else NUMBER,
        )
        for operator in Operator
        if operator is not Operator.LESS_OR_EQUAL
    ),
)

RULE = Words(
    (
        Word("rule", "The rule's name.", "rule: no_null_order_id", _text(128), ("id", "name")),
        Word("type", "ODCS: sql or library; it follows from the other fields.", "type: sql", _enum(["sql", "library"])),
        Word(
            "sql",
            "One SELECT that counts what is wrong, over the output's name.",
            'sql: "SELECT COUNT(*) FROM orders WHERE id IS NULL"',
            _text(20_000),
            ("query",),
        ),
        Word("metric", "A library metric of ODCS, instead of sql.", "metric: nullValues", _enum(ARGUMENTS)),
        Word("column", "The column that the metric measures.", "column: order_id", _text(128)),
        Word("arguments", "The metric's arguments.", "arguments: {validValues: [a, b]}", {"type": "object"}),
        *OPERATORS,
        Word("unit", "Whether a metric counts rows or their share.", "unit: percent", _enum(Unit)),
        *JUDGEMENT,
    )
)

EXPECTATION_OPTIONS = Words((Word("name", "The rule's name.", "name: has_id", _text(128)), *JUDGEMENT))

EXPECTATION = Words(
    (
        *(
            Word(
                name,
                (build.__doc__ or "").partition("\n")[0],
                f"{name}: order_id",
                {"type": ["string", "object", "array"]},
            )
            for name, build in EXPECTATIONS.items()
        ),
        *EXPECTATION_OPTIONS.words,
    )
)


def _object(words: Words) -> dict[str, Any]:
    """The JSON Schema of a mapping with these words."""
    spelled = {
        spelling: {**word.schema, "description": word.meaning}
        for word in words.words
        for spelling in (word.name, *word.aliases)
    }
    required = [word for word in words.words if word.required]
    demands = [{"anyOf": [{"required": [s]} for s in (word.name, *word.aliases)]} for word in required]
    schema: dict[str, Any] = {"type": "object", "properties": spelled, "additionalProperties": False}
    return {**schema, "allOf": demands} if demands else schema


def _objects(words: Words, most: int) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": _object(words)}


MOST_OUTPUTS = 200
MOST_RULES = 500

OUTPUT = Words(
    (
        Word("name", "The output's name; the table's name in rules.", "name: orders_fact", NAMED, required=True),
        Word("type", "table (the default) or stream.", "type: table", _enum(OutputType)),
        Word("description", "What the output holds.", "description: …", _text(10_000)),
        Word("version", "The output's contract version; the product's by default.", 'version: "1.0.0"', VERSION),
        Word(
            "schema",
            "The schema file, relative to this one: JSON Schema (.json) or Avro (.avsc, .avro).",
            "schema: schemas/orders_fact.json",
            _text(1_000),
        ),
        Word("topic", "A stream's topic; product.output by default.", "topic: orders.events.v1", _text(249)),
        Word("primary_key", "The column or columns that identify a row.", "primary_key: order_id", _one_or_more(128)),
        Word("partition_by", "The column or columns by which files are split.", "partition_by: day", _one_or_more(128)),
        Word("sla", "What the output promises.", 'sla: {freshness: "1 day"}', _object(SLA)),
        Word("quality_rules", "Rules in SQL, or library metrics.", "…", _objects(RULE, MOST_RULES), ("quality",)),
        Word("expect", "Expectations by name.", "…", _objects(EXPECTATION, MOST_RULES)),
        Word("tags", "Words to find the output by.", "tags: [orders]", _texts(100)),
    )
)

PRODUCT = Words(
    (
        Word("name", "The product's name, unique in the mesh.", "name: orders-data-product", NAMED, required=True),
        Word("domain", "The domain that owns the product.", "domain: commerce", NAMED, required=True),
        Word(
            "owner",
            "Who answers for the product: a team's or a person's address.",
            "owner: orders-team@example.org",
            _text(254),
            ("team",),
            required=True,
        ),
        Word("description", "What the product is for.", "description: …", {}),
        Word("id", "An id that stays when the name changes; the name by default.", "id: 7d1f3c", _text(128)),
        Word("version", "The contract version (semver, quoted).", 'version: "1.0.0"', VERSION),
        Word("status", "Where the product is in its life; active by default.", "status: active", _enum(Status)),
        Word(
            "retention_days",
            "After how many days data is no longer kept.",
            "retention_days: 365",
            {"type": "integer", "minimum": RETENTION_DAYS[0], "maximum": RETENTION_DAYS[1]},
        ),
        Word("oncall", "Who is on call, in turn.", "oncall: orders-oncall@example.org", _one_or_more(254)),
        Word("alerts", "The channels that hear of incidents.", "alerts: [orders-alerts]", _one_or_more(1_000)),
        Word(
            "outputs",
            "What the product publishes.",
            "outputs: [{name: orders_fact, type: table}]",
            {**_objects(OUTPUT, MOST_OUTPUTS), "minItems": 1},
            ("outputPorts",),
            required=True,
        ),
        Word("inputs", "What the product reads.", "…", _objects(INPUT, 1_000), ("inputPorts",)),
        Word("tags", "Words to find the product by.", "tags: [orders, commerce]", _texts(100)),
        Word("pii_columns", "Columns with personal data, in every output.", "pii_columns: [email]", _texts(128)),
    )
)
