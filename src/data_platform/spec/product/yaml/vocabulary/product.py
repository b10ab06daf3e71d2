"""The fields of the product itself."""

from __future__ import annotations

from data_platform.spec.product.model import ProductStatus
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary.access import ACCESS
from data_platform.spec.product.yaml.vocabulary.limits import (
    DESCRIPTION_LENGTH,
    MOST_OUTPUTS,
    NAME_LENGTH,
    OWNER_LENGTH,
    RETENTION_DAYS,
    TAG_LENGTH,
)
from data_platform.spec.product.yaml.vocabulary.overlay import make_overlay_word
from data_platform.spec.product.yaml.vocabulary.ports import INPUT, OUTPUT
from data_platform.spec.product.yaml.vocabulary.watching import ALERTS_SHAPE, ONCALL_SHAPE

_TEAM: shapes.Shape = {
    "type": ["object", "array"],
    "description": "ODPS's team: the member whose role is owner.",
}

DESCRIPTION = Words(
    tuple(
        Word(part, meaning, f"{part}: …", shapes.make_text(DESCRIPTION_LENGTH))
        for part, meaning in (
            ("purpose", "What the product is for."),
            ("usage", "How to use it."),
            ("limitations", "What it is not for."),
        )
    )
)
"""ODPS's description, which may be a text here."""

_DESCRIPTION = {"anyOf": [shapes.make_text(DESCRIPTION_LENGTH), shapes.make_mapping(DESCRIPTION)]}

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
            shapes.make_text(OWNER_LENGTH),
            ("team",),
            alias_shape=_TEAM,
            required=True,
        ),
        Word("description", "What the product is for.", "description: All orders, a row each.", _DESCRIPTION),
        Word(
            "id",
            "An id that stays when the name changes; the name by default.",
            "id: 7d1f3c",
            shapes.make_text(NAME_LENGTH),
        ),
        Word("version", "The contract version (semver, quoted).", 'version: "1.0.0"', shapes.VERSION),
        Word(
            "status",
            "Where the product is in its life; active by default.",
            "status: active",
            shapes.make_one_of(ProductStatus),
        ),
        Word(
            "retention_days",
            "After how many days data is no longer kept.",
            "retention_days: 365",
            {"type": "integer", "minimum": RETENTION_DAYS[0], "maximum": RETENTION_DAYS[1]},
        ),
        Word(
            "oncall",
            "Who is on call, in turn by week; a mapping says when they hand over.",
            "oncall: {rotation: [ann@example.org, bob@example.org], starts: 2026-01-05}",
            ONCALL_SHAPE,
        ),
        Word(
            "alerts",
            "The channels that hear of incidents, each a name of settings.toml, or a mapping with its terms.",
            "alerts: [{channel: orders-alerts, severity: high}]",
            ALERTS_SHAPE,
        ),
        Word(
            "outputs",
            "What the product publishes.",
            "outputs: [{name: orders_fact, type: table}]",
            shapes.make_mappings(OUTPUT, MOST_OUTPUTS, least=1),
            ("outputPorts",),
            required=True,
        ),
        Word("inputs", "What the product reads.", "…", shapes.make_mappings(INPUT, 1_000), ("inputPorts",)),
        Word("tags", "Words to find the product by.", "tags: [orders, commerce]", shapes.make_texts(TAG_LENGTH)),
        Word(
            "pii_columns",
            "Columns with personal data, in every output.",
            "pii_columns: [email]",
            shapes.make_texts(NAME_LENGTH),
        ),
        Word(
            "access",
            "Who may read it, which columns and rows, and who decides, for every output.",
            "access: {visibility: restricted}",
            shapes.make_mapping(ACCESS),
        ),
        make_overlay_word("odps", "the document"),
    )
)
