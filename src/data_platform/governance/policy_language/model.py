"""The names that a condition may use: what each means, its type, and how it is read.

`code` is the Python expression of an attribute, `{}` being the owner of the attribute. It never contains
a user's text, and reads from the objects of `views`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from data_platform.governance.facts import Need
from data_platform.governance.policy_language.syntax import ScalarType
from data_platform.spec.access.model import Visibility
from data_platform.spec.product.model import OutputType, ProductStatus
from data_platform.spec.rules.model import DIMENSIONS, Severity
from data_platform.spec.rules.model import Unit as RuleUnit
from data_platform.spec.schema.types import ENCRYPTION, Kind


@dataclass(frozen=True, slots=True)
class RecordType:
    """Something with attributes, by the name of its kind."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """A list; without entries it is NULL to the language."""

    element: ScalarType | RecordType


Type: TypeAlias = ScalarType | RecordType | ListType

TEXT, NUMBER, PERCENTAGE, DURATION, BOOLEAN = (
    ScalarType.TEXT,
    ScalarType.NUMBER,
    ScalarType.PERCENTAGE,
    ScalarType.DURATION,
    ScalarType.BOOLEAN,
)
TEXTS = ListType(ScalarType.TEXT)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One name; `always` says that it is never NULL, `choices` are the only texts that it can be."""

    name: str
    type: Type
    meaning: str
    code: str
    always: bool = False
    choices: tuple[str, ...] = ()
    need: Need | None = None


def _index_attributes(*attributes: Attribute) -> Mapping[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


def _product(name: str, kind: Type, meaning: str, *, always: bool = False) -> Attribute:
    return Attribute(name, kind, meaning, f"{{}}.product.{name}", always)


def _output(name: str, kind: Type, meaning: str, *, always: bool = False) -> Attribute:
    return Attribute(name, kind, meaning, f"{{}}.output.{name}", always)


def _own(
    name: str, kind: Type, meaning: str, *, always: bool = False, choices: Iterable[str] = (), need: Need | None = None
) -> Attribute:
    return Attribute(name, kind, meaning, f"{{}}.{name}", always, tuple(choices), need)


PRODUCT = _index_attributes(
    _product("name", TEXT, "its name", always=True),
    _product("domain", TEXT, "the domain that owns it", always=True),
    _product("owner", TEXT, "who answers for it", always=True),
    _product("description", TEXT, "what it is for"),
    _product("id", TEXT, "the id that stays when the name changes"),
    _product("version", TEXT, "the contract version, as declared"),
    Attribute(
        "status", TEXT, "where it is in its life; active when nothing is declared", "{}.product.effective_status",
        always=True, choices=tuple(ProductStatus),
    ),
    _product("retention_days", NUMBER, "after how many days data is no longer kept"),
    Attribute("retention", DURATION, "the same as a duration", "retention({}.product)"),
    _product("oncall", TEXTS, "who is on call"),
    _product("alerts", TEXTS, "the channels that hear of incidents"),
    _product("tags", TEXTS, "its tags"),
    _product("pii_columns", TEXTS, "the columns declared as personal data, in every output"),
    _product("inputs", ListType(RecordType("input")), "the outputs of others that it reads"),
    Attribute("outputs", ListType(RecordType("output")), "its outputs", "{}.outputs", always=True),
)  # fmt: skip

OUTPUT = _index_attributes(
    _output("name", TEXT, "its name", always=True),
    Attribute(
        "type", TEXT, "table or stream", "{}.output.type", always=True, choices=tuple(OutputType)
    ),
    _output("description", TEXT, "what it holds"),
    _output("version", TEXT, "its own contract version, as declared"),
    _output("topic", TEXT, "the topic of a stream, as declared"),
    _output("primary_key", TEXTS, "the columns that identify a row"),
    _output("partition_by", TEXTS, "the columns by which files are split"),
    _output("tags", TEXTS, "its tags"),
    Attribute(
        "visibility", TEXT, "who may read it without a line of `readers` and without a grant",
        "{}.access.effective_visibility", always=True, choices=tuple(Visibility),
    ),
    Attribute(
        "opens_personal_data", BOOLEAN, "whether a line of `readers` opens a personal column", "{}.opens_personal_data",
        always=True,
    ),
    _output("sla", RecordType("sla"), "what it promises", always=True),
    _output("rules", ListType(RecordType("rule")), "its quality rules, expectations too"),
    _output("unchecked", ListType(RecordType("check")), "checks of a contract that cannot run here"),
    Attribute("schema", RecordType("schema"), "its columns; NULL until they are known", "{}.schema"),
    Attribute(
        "quality", RecordType("quality"), "its newest judgement; undecided before the first", "{}.quality",
        always=True, need=Need.QUALITY,
    ),
)  # fmt: skip

SCHEMA = _index_attributes(
    _own("columns", ListType(RecordType("column")), "every column, and every field nested in one"),
    _own("description", TEXT, "what a row is"),
)

KINDS = (*Kind, "decimal", "fixed", "list", "map", "struct")

COLUMN = _index_attributes(
    _own("name", TEXT, "its name", always=True),
    Attribute("path", TEXT, "its name, with those of the columns around it: `address.city`", "path({})", always=True),
    Attribute("nested", BOOLEAN, "whether it lies inside another column", "nested({})", always=True),
    Attribute("type", TEXT, "its type as written in the reference of types: `decimal(10,2)`", "str({}.type)", True),
    Attribute("kind", TEXT, "its type without parameters: `decimal`", "kind({}.type)", True, KINDS),
    _own("required", BOOLEAN, "whether it is never null", always=True),
    _own("description", TEXT, "what it holds"),
    _own("tags", TEXTS, "its tags; `pii` for those of `pii_columns` too"),
    Attribute(
        "encryption", TEXT, "how its bytes are sealed; NULL when they lie in clear, `encryption: none` too",
        "sealing({})", choices=(ENCRYPTION,),
    ),
    _own("pii", BOOLEAN, "whether it, or a field inside it, holds personal data", always=True),
    Attribute("format", TEXT, "the format that its texts must have, such as `email`", "{}.constraints.format"),
    Attribute("pattern", TEXT, "the regular expression that its texts must match", "{}.constraints.pattern"),
    Attribute("max_length", NUMBER, "how long its texts may be", "{}.constraints.max_length"),
    Attribute("enum", BOOLEAN, "whether its values are listed", "({}.constraints.enum is not None)", always=True),
)  # fmt: skip

SLA = _index_attributes(
    _own("freshness", DURATION, "how old the newest data may be"),
    _own("availability", PERCENTAGE, "the share of reads that work"),
    _own("freshness_column", TEXT, "the column whose newest value is the age of the data"),
    _own("timezone", TEXT, "how timestamps without a zone are meant, as declared"),
    _own("properties", ListType(RecordType("promise")), "other promises, in ODCS's words"),
)

RULE = _index_attributes(
    _own("name", TEXT, "its name", always=True),
    _own("severity", TEXT, "blocking or warning", always=True, choices=tuple(Severity)),
    _own("dimension", TEXT, "the quality dimension of ODCS", choices=DIMENSIONS),
    _own("description", TEXT, "why it exists"),
    _own("unit", TEXT, "rows or percent", always=True, choices=tuple(RuleUnit)),
    _own("origin", TEXT, "where it was written: quality_rules, expect, …", always=True),
    _own("columns", TEXTS, "the columns that it is about"),
)

CHECK = _index_attributes(
    _own("name", TEXT, "its name", always=True),
    _own("kind", TEXT, "ODCS's type: text, library, sql, custom", always=True),
    _own("why", TEXT, "why it does not run here", always=True),
    _own("column", TEXT, "the column that it is about"),
)

PROMISE = _index_attributes(
    _own("property", TEXT, "what is promised", always=True),
    Attribute("value", TEXT, "the promised value, as text", "written({}.value)"),
    _own("unit", TEXT, "the value's unit"),
    _own("element", TEXT, "the table or column that it is about"),
)

INPUT = _index_attributes(
    _own("data_product", TEXT, "the product it comes from", always=True),
    _own("output", TEXT, "the output that is read", always=True),
    _own("version", TEXT, "the contract version it was built against, as declared"),
)

QUALITY = _index_attributes(
    _own("score", NUMBER, "the quality score, 0 to 100"),
    _own("outcome", TEXT, "the verdict", always=True, choices=("passed", "warned", "refused")),
    Attribute("age", DURATION, "how long ago it was judged", "{}.age", always=True, need=Need.TIME),
    *(
        Attribute(
            name, NUMBER, f"the score in {name}, 0 to 100; NULL when no rule judges it", f"{{}}.get_score({name!r})"
        )
        for name in ("completeness", "uniqueness", "validity", "consistency", "timeliness", "accuracy")
    ),
)

CONSUMER = _index_attributes(
    _own("name", TEXT, "the product or principal that reads", always=True),
    _own("output", TEXT, "the output that is read", always=True),
    _own("owner", TEXT, "who answers for the reader"),
    _own("domain", TEXT, "the reader's domain"),
    _own("columns", TEXTS, "the columns that it reads"),
    Attribute("idle", DURATION, "how long ago it read last", "{}.idle", need=Need.TIME),
)

RECORDS: Mapping[str, Mapping[str, Attribute]] = {
    "product": PRODUCT,
    "output": OUTPUT,
    "schema": SCHEMA,
    "column": COLUMN,
    "sla": SLA,
    "quality": QUALITY,
    "rule": RULE,
    "check": CHECK,
    "promise": PROMISE,
    "input": INPUT,
    "consumer": CONSUMER,
}


@dataclass(frozen=True, slots=True)
class Root:
    """A name with which a path may begin.

    `via` is the path that it abbreviates; `entries` the list that it iterates over unless a FOR binds the name.
    """

    name: str
    type: Type
    meaning: str
    code: str | None = None
    always: bool = True
    via: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    need: Need | None = None


ROOTS: Mapping[str, Root] = {
    root.name: root
    for root in (
        Root("product", RecordType("product"), "the product that is judged", "f.product"),
        Root("output", RecordType("output"), "each of its outputs in turn", entries=("product", "outputs")),
        Root("schema", RecordType("schema"), "`output.schema`", via=("output", "schema")),
        Root("column", RecordType("column"), "each column of each output in turn", entries=("schema", "columns")),
        Root("sla", RecordType("sla"), "`output.sla`", via=("output", "sla")),
        Root("quality", RecordType("quality"), "`output.quality`", via=("output", "quality")),
        Root("inputs", ListType(RecordType("input")), "`product.inputs`", via=("product", "inputs")),
        Root(
            "consumers", ListType(RecordType("consumer")), "who really reads the product", "f.consumers", always=False,
            need=Need.CONSUMERS,
        ),
        Root(
            "undeclared_inputs", TEXTS, "outputs of others that the data was made from, and `inputs` does not name",
            "f.undeclared_inputs", always=False, need=Need.LINEAGE,
        ),
        Root(
            "previous", RecordType("product"), "the product before this change; NULL when it is new", "f.previous",
            always=False, need=Need.PREVIOUS,
        ),
    )
}  # fmt: skip


def describe_type(kind: Type) -> str:
    """A type in words."""
    match kind:
        case ListType(RecordType(name)):
            return f"a list of {name}s"
        case ListType():
            return "a list of texts"
        case RecordType(name):
            return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
        case ScalarType.TEXT:
            return "text"
        case ScalarType.BOOLEAN:
            return "true or false"
        case _:
            return f"a {kind.value}"
