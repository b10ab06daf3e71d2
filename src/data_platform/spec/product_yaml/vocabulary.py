"""Every field of product.yaml.

Aliases are the words of ODCS 3.2.0 and ODPS 1.1.0 for the same thing; where both stand, the file is refused.
"""

from __future__ import annotations

from data_platform.spec.duration import DURATION
from data_platform.spec.expectations import EXPECTATIONS
from data_platform.spec.metrics import ARGUMENTS
from data_platform.spec.product import OutputType, Status
from data_platform.spec.product_yaml import shapes
from data_platform.spec.product_yaml.words import Word, Words
from data_platform.spec.rules import DIMENSIONS, Operator, Severity, Unit

NAME_LENGTH = 128
TEXT_LENGTH = 1_000
TAG_LENGTH = 100
OWNER_LENGTH = 254
SQL_LENGTH = 20_000
DESCRIPTION_LENGTH = 10_000
TOPIC_LENGTH = 249
RETENTION_DAYS = (1, 36_500)


_TEAM: shapes.Shape = {
    "type": ["object", "array"],
    "description": "ODPS's team: the member whose role is owner.",
}

DESCRIPTION = Words(
    tuple(
        Word(part, meaning, f"{part}: …", shapes.text(DESCRIPTION_LENGTH))
        for part, meaning in (
            ("purpose", "What the product is for."),
            ("usage", "How to use it."),
            ("limitations", "What it is not for."),
        )
    )
)
"""ODPS's description, which we take as text too."""

OVERLAY_LENGTH = 100_000
_OVERLAY = {"type": "object"}


def _overlay(standard: str, what: str) -> Word:
    """The field that holds what a document of the standard says beyond ours."""
    meaning = f"What {what} of the exported {standard.upper()} says beside and instead of the rest."
    example = "odps: {tenant: retail}" if standard == "odps" else "odcs: {businessName: Order}"
    return Word(standard, meaning, example, _OVERLAY)


_DESCRIPTION = {"anyOf": [shapes.text(DESCRIPTION_LENGTH), shapes.mapping(DESCRIPTION)]}

SLA_PROPERTY = Words(
    (
        Word("property", "What is promised.", "property: retention", shapes.text(NAME_LENGTH), required=True),
        Word("value", "The promised value.", "value: 3", {"type": ["string", "number", "boolean"]}),
        Word("unit", "The value's unit.", "unit: years", shapes.text(NAME_LENGTH)),
        Word("element", "The table, or table.column, that it is about.", "element: t.c", shapes.text(TEXT_LENGTH)),
        *(
            Word(name, meaning, f"{name}: …", shape)
            for name, meaning, shape in (
                ("id", "ODCS: an id that stays.", shapes.text(NAME_LENGTH)),
                ("valueExt", "ODCS: a second value.", {"type": ["string", "number", "boolean"]}),
                ("driver", "ODCS: why it matters: regulatory, analytics, operational.", shapes.text(NAME_LENGTH)),
                ("description", "What it means.", shapes.text(DESCRIPTION_LENGTH)),
                ("scheduler", "ODCS: the scheduler's name.", shapes.text(NAME_LENGTH)),
                ("schedule", "ODCS: the schedule, in the scheduler's words.", shapes.text(TEXT_LENGTH)),
                ("customProperties", "ODCS: fields of your own.", {"type": "array", "items": {"type": "object"}}),
                ("authoritativeDefinitions", "ODCS: links.", {"type": "array", "items": {"type": "object"}}),
            )
        ),
    )
)
"""ODCS's slaProperties."""

MOST_PROMISES = 200

SLA = Words(
    (
        Word(
            "freshness",
            "How old the newest data may be: a number and seconds, minutes, hours, days or weeks.",
            'freshness: "15 minutes"',
            shapes.text(40, DURATION.pattern),
            ("latency",),
        ),
        Word(
            "availability",
            "The share of time in which the output can be read, from 0 % to 100 %.",
            'availability: "99.9%"',
            shapes.text(20, r"[0-9]{1,3}(\.[0-9]+)? ?%"),
        ),
        Word(
            "freshness_column",
            "The timestamp column whose newest value is the age of the data; by default it is the last publish.",
            "freshness_column: updated_at",
            shapes.text(NAME_LENGTH),
        ),
        Word(
            "timezone",
            "How timestamps without a zone are meant, and where a day begins (IANA name); UTC by default.",
            "timezone: Europe/Zurich",
            shapes.text(NAME_LENGTH),
        ),
        Word(
            "properties",
            "Other promises, in ODCS's words: kept and exported, not measured.",
            "properties: [{property: retention, value: 3, unit: years}]",
            shapes.mappings(SLA_PROPERTY, MOST_PROMISES),
        ),
    )
)

SEVERITIES = {"error": "blocking", "critical": "blocking", "fail": "blocking", "warn": "warning", "info": "warning"}
"""Other tools' words for ours, as hints."""

JUDGEMENT = (
    Word(
        "severity",
        "blocking refuses the publish (the default), warning is recorded.",
        "severity: warning",
        shapes.one_of(Severity),
    ),
    Word("dimension", "The quality dimension of ODCS.", "dimension: completeness", shapes.one_of(DIMENSIONS)),
    Word(
        "description",
        "Why the rule exists.",
        "description: A refund is a row of its own.",
        shapes.text(DESCRIPTION_LENGTH),
    ),
)

BETWEEN = (Operator.BETWEEN, Operator.NOT_BETWEEN)
THRESHOLD = "threshold"

OPERATORS = (
    Word(
        THRESHOLD,
        "The greatest value that passes; 0 by default.",
        "threshold: 0",
        shapes.NUMBER,
        (Operator.LESS_OR_EQUAL,),
    ),
    *(
        Word(
            operator.value,
            "What the measured value must be (ODCS operator).",
            f"{operator.value}: {'[0, 10]' if operator in BETWEEN else '0'}",
            shapes.TWO_NUMBERS if operator in BETWEEN else shapes.NUMBER,
        )
        for operator in Operator
        if operator is not Operator.LESS_OR_EQUAL
    ),
)

RULE = Words(
    (
        Word("rule", "The rule's name.", "rule: no_null_order_id", shapes.text(NAME_LENGTH), ("id",)),
        Word("name", "ODCS: the same as `rule`; beside `id` it says the same.", "name: r", shapes.text(NAME_LENGTH)),
        Word(
            "type",
            "ODCS: sql or library; it follows from the other fields.",
            "type: sql",
            shapes.one_of(["sql", "library"]),
        ),
        Word(
            "sql",
            "One SELECT that counts what is wrong, over the output's name.",
            'sql: "SELECT COUNT(*) FROM orders WHERE id IS NULL"',
            shapes.text(SQL_LENGTH),
            ("query",),
        ),
        Word("metric", "A library metric of ODCS, instead of sql.", "metric: nullValues", shapes.one_of(ARGUMENTS)),
        Word(
            "column",
            "The column that the metric measures, or that the SQL is about.",
            "column: order_id",
            shapes.text(NAME_LENGTH),
        ),
        Word("arguments", "The metric's arguments.", "arguments: {validValues: [a, b]}", {"type": "object"}),
        *OPERATORS,
        Word("unit", "Whether a metric counts rows or their share.", "unit: percent", shapes.one_of(Unit)),
        *JUDGEMENT,
        _overlay("odcs", "the check"),
    )
)

UNCHECKED = Words(
    (
        Word("name", "The check's name.", "name: fresh", shapes.text(NAME_LENGTH), required=True),
        Word("why", "Why it does not run here.", "why: soda is not run here", shapes.text(TEXT_LENGTH)),
        Word("column", "The column that it is about.", "column: order_id", shapes.text(NAME_LENGTH)),
        Word(
            "check",
            "The check as ODCS writes it: text, library, sql or custom.",
            "check: {type: text, description: Ask the team.}",
            {"type": "object"},
            required=True,
        ),
    )
)

EXPECTATION_OPTIONS = Words(
    (
        Word("name", "The rule's name.", "name: has_id", shapes.text(NAME_LENGTH)),
        *JUDGEMENT,
        _overlay("odcs", "the check"),
    )
)

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


MOST_OUTPUTS = 200
MOST_RULES = 500
MOST_EXPECTED = 50

EXPECTED = Words(
    (
        Word("columns", "The columns that are needed.", "columns: [customer_id, segment]", shapes.texts(NAME_LENGTH)),
        Word("rules", "Rules in SQL over the input, or library metrics.", "…", shapes.mappings(RULE, MOST_EXPECTED)),
        Word(
            "enforcement",
            "warning (the default), or blocking where a policy of the producer lets consumers block.",
            "enforcement: blocking",
            shapes.one_of(Severity),
        ),
    )
)
"""What a product expects of an input."""

INPUT = Words(
    (
        Word("data_product", "The product that is read.", "data_product: customers-data-product", shapes.NAMED),
        Word("output", "The output of it.", "output: customers_dim", shapes.NAMED, ("name",)),
        Word("version", "The contract version this product was built against.", 'version: "1.0.0"', shapes.VERSION),
        Word("contractId", "ODPS: product and output in one word.", "contractId: customers.dim", shapes.text(127)),
        Word(
            "customProperties",
            "ODPS: the property dataProduct names the product.",
            "customProperties: [{property: dataProduct, value: customers}]",
            {"type": "array", "items": {"type": "object"}},
        ),
        Word(
            "expectations",
            "What this product needs of the input; the producer's publish runs its rules too.",
            "expectations: {columns: [customer_id]}",
            shapes.mapping(EXPECTED),
        ),
        _overlay("odps", "the input port"),
    )
)

OUTPUT = Words(
    (
        Word("name", "The output's name; the table's name in rules.", "name: orders_fact", shapes.NAMED, required=True),
        Word("type", "table (the default) or stream.", "type: table", shapes.one_of(OutputType)),
        Word(
            "description",
            "What the output holds.",
            "description: All orders, a row each.",
            shapes.text(DESCRIPTION_LENGTH),
        ),
        Word("version", "The output's contract version; the product's by default.", 'version: "1.0.0"', shapes.VERSION),
        Word(
            "schema",
            "The schema file, relative to this one: JSON Schema (.json) or Avro (.avsc, .avro).",
            "schema: schemas/orders_fact.json",
            shapes.text(TEXT_LENGTH),
        ),
        Word(
            "topic",
            "A stream's topic; product.output by default.",
            "topic: orders.events.v1",
            shapes.text(TOPIC_LENGTH),
        ),
        Word(
            "primary_key",
            "The column or columns that identify a row.",
            "primary_key: order_id",
            shapes.one_or_more(NAME_LENGTH),
        ),
        Word(
            "partition_by",
            "The column or columns by which files are split.",
            "partition_by: day",
            shapes.one_or_more(NAME_LENGTH),
        ),
        Word(
            "sla",
            "What the output promises.",
            'sla: {freshness: "1 day"}',
            shapes.mapping(SLA),
            ("slaProperties",),
            alias_shape=shapes.mappings(SLA_PROPERTY, MOST_PROMISES),
        ),
        Word(
            "quality_rules", "Rules in SQL, or library metrics.", "…", shapes.mappings(RULE, MOST_RULES), ("quality",)
        ),
        Word("expect", "Expectations by name.", "…", shapes.mappings(EXPECTATION, MOST_RULES)),
        Word("tags", "Words to find the output by.", "tags: [orders]", shapes.texts(TAG_LENGTH)),
        Word(
            "unchecked",
            "Checks of a contract that cannot run here: kept, exported and named beside every verdict.",
            "…",
            shapes.mappings(UNCHECKED, MOST_RULES),
        ),
        Word(
            "contract_id",
            "The id of the output's ODCS contract, which outputs may share; product.output by default.",
            "contract_id: 53581432-6c55-4ba2-a65f-72344a91553a",
            shapes.text(TEXT_LENGTH),
            ("contractId",),
        ),
        _overlay("odcs", "the contract"),
        _overlay("odps", "the output port"),
    )
)

PRODUCT = Words(
    (
        Word(
            "name", "The product's name, unique in the mesh.", "name: orders-data-product", shapes.NAMED, required=True
        ),
        Word("domain", "The domain that owns the product.", "domain: commerce", shapes.NAMED, required=True),
        Word(
            "owner",
            "Who answers for the product: a team's or a person's address.",
            "owner: orders-team@example.org",
            shapes.text(OWNER_LENGTH),
            ("team",),
            alias_shape=_TEAM,
            required=True,
        ),
        Word("description", "What the product is for.", "description: All orders, a row each.", _DESCRIPTION),
        Word(
            "id", "An id that stays when the name changes; the name by default.", "id: 7d1f3c", shapes.text(NAME_LENGTH)
        ),
        Word("version", "The contract version (semver, quoted).", 'version: "1.0.0"', shapes.VERSION),
        Word("status", "Where the product is in its life; active by default.", "status: active", shapes.one_of(Status)),
        Word(
            "retention_days",
            "After how many days data is no longer kept.",
            "retention_days: 365",
            {"type": "integer", "minimum": RETENTION_DAYS[0], "maximum": RETENTION_DAYS[1]},
        ),
        Word(
            "oncall", "Who is on call, in turn.", "oncall: orders-oncall@example.org", shapes.one_or_more(OWNER_LENGTH)
        ),
        Word(
            "alerts", "The channels that hear of incidents.", "alerts: [orders-alerts]", shapes.one_or_more(TEXT_LENGTH)
        ),
        Word(
            "outputs",
            "What the product publishes.",
            "outputs: [{name: orders_fact, type: table}]",
            shapes.mappings(OUTPUT, MOST_OUTPUTS, least=1),
            ("outputPorts",),
            required=True,
        ),
        Word("inputs", "What the product reads.", "…", shapes.mappings(INPUT, 1_000), ("inputPorts",)),
        Word("tags", "Words to find the product by.", "tags: [orders, commerce]", shapes.texts(TAG_LENGTH)),
        Word(
            "pii_columns",
            "Columns with personal data, in every output.",
            "pii_columns: [email]",
            shapes.texts(NAME_LENGTH),
        ),
        _overlay("odps", "the document"),
    )
)

HOMES = (
    ("the product", PRODUCT),
    ("an output", OUTPUT),
    ("`sla`", SLA),
    ("an entry of `sla.properties`", SLA_PROPERTY),
    ("a rule", RULE),
    ("an entry of `expect`", EXPECTATION),
    ("an entry of `unchecked`", UNCHECKED),
    ("an input", INPUT),
    ("`expectations`", EXPECTED),
)


def home_of(spelling: str) -> str | None:
    """Whose field a word is, when it is only one's: the mapping to move it to."""
    homes = [home for home, words in HOMES if words.canonical(spelling) is not None]
    return homes[0] if len(homes) == 1 else None
