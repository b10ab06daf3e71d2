"""The page of the policy language, written from its grammar and the model of its names; its examples run as tests."""

from __future__ import annotations

from collections.abc import Mapping

from data_platform.governance.policies import BUILT_IN
from data_platform.governance.policy_language.checker import MAX_LOOPS
from data_platform.governance.policy_language.grammar import KEYWORDS
from data_platform.governance.policy_language.model import (
    RECORDS,
    ROOTS,
    Attribute,
    ListType,
    RecordType,
    Root,
    Type,
    describe_type,
)
from data_platform.governance.policy_language.parser import MAX_CHARACTERS, MAX_NESTING
from data_platform.spec.policies.modes import MODES
from data_platform.spec.policies.vocabulary import CASE, FILE, POLICY, RULE
from data_platform.spec.product.duration import UNITS
from data_platform.spec.product.yaml.field_list import Word, Words

HEAD = """\
# Policies

<!-- Written by `make docs` from docs/policy_page.py. -->

A policies file says what every product must keep, and what a domain adds. It is checked when it is loaded: an unknown
name or an impossible comparison is reported with line, column and the nearest name.
"""

AFTER_FILE = """
A domain only adds policies, or raises a global one's `warning` to `blocking` by naming it again without a rule; what
would loosen a global policy is an error.
"""

WITHOUT_RULE = """\
A policy without `rule` takes the built-in rule of its name, else a person must attest it, with evidence and an expiry
date. Built in are:
"""

CASES = """
Products that must pass, and products that must not, stand beside the policy. A field that is left out has a default,
and a schema is written in place, as JSON Schema:

```text
policies:
  - name: pii-encryption
    rule:
      type: schema-check
      condition: |
        FOR column IN schema.columns
        WHERE column.tags CONTAINS 'pii'
        ASSERT column.encryption IS NOT NULL
    cases:
      - product:
          pii_columns: [email]
          outputs: [{name: orders, schema: {properties: {email: {type: string}}}}]
        expect: pass
      - product:
          pii_columns: [email]
          outputs: [{name: orders, schema: {properties: {email: {type: string, encryption: none}}}}]
        expect: violation
        subject: orders.email
```
"""

LANGUAGE = f"""
## The language

    FOR variable IN list WHERE condition
    ASSERT condition

`FOR` may be left out, stand several times (each inside the one before), and needs no `WHERE`. A violation names what
its variables stood for, such as `orders_fact.customer_email`.

| Written | True when |
|---|---|
| `=`, `!=` (or `<>`), `<`, `<=`, `>`, `>=` | the values compare so; texts have no order |
| `x IN ('a', 'b')`, `x IN list` | it is one of them; also `NOT IN` |
| `list CONTAINS 'a'`, `text CONTAINS 'a'` | the list has the entry, the text the part; also `NOT CONTAINS` |
| `text MATCHES 'pattern'` | the regular expression (RE2) is found anywhere in the text; also `NOT MATCHES` |
| `x IS NULL`, `x IS NOT NULL` | it is not declared, or is; an empty list is NULL, and so is `encryption: none` |
| `any(x IN list WHERE c)` | there is one for which `c` is true; without `WHERE`, there is one |
| `all(x IN list WHERE c ASSERT d)` | `d` is true for each for which `c` is |
| `count(list)`, `count(x IN list WHERE c)` | a number, to compare |
| `NOT`, `AND`, `OR`, `( )` | as in SQL; `NOT` binds closest, then `AND` |

Values are texts in single or double quotes (doubled inside: `'it''s'`), numbers, percentages (`99.9%`), durations in
{", ".join(f"{unit}s" for unit in UNITS)} (`30 days`), `TRUE` and `FALSE`. `--` begins a comment. Keywords may be
written in any case: {", ".join(KEYWORDS)}. Names may not.

**NULL.** A comparison with what is not declared is neither true nor false, and neither is its negation. `WHERE`
chooses, and `ASSERT` accepts, only what is true: `ASSERT product.retention_days <= 365` is violated by a product that
declares none.

**Several outputs.** A condition that says `output`, `schema`, `sla` or `quality` without a `FOR output IN …` is
judged for each output in turn; one that says `column` without a `FOR` for each column of each output.
`schema.columns` has the fields nested inside columns too, by their paths (`address.city`); `column.nested` tells them
apart. A field inside an encrypted column is encrypted. An output whose schema is not known yet has no columns: it is
judged again at its first publish.

**Unknown facts.** What the mesh does not know (quality before the first publish, readers where there is no mesh) is not
NULL. A policy that needs it *cannot be decided*, says so, and counts as violated.

**Limits.** {MAX_CHARACTERS:,} characters, {MAX_NESTING} levels of parentheses and NOTs, {MAX_LOOPS} loops within one
another.

## Examples
"""

EXAMPLES = (
    (
        "All personal data is encrypted",
        "FOR column IN schema.columns\nWHERE column.tags CONTAINS 'pii'\nASSERT column.encryption IS NOT NULL",
    ),
    (
        "Data is kept for a declared time, and not too long",
        "ASSERT product.retention_days IS NOT NULL AND product.retention <= 3650 days",
    ),
    (
        "Tables promise to be fresh and there",
        "FOR output IN product.outputs WHERE output.type = 'table'\n"
        "ASSERT output.sla.freshness <= 1 day AND output.sla.availability >= 99.5%",
    ),
    ("Every output has a rule that blocks", "ASSERT any(rule IN output.rules WHERE rule.severity = 'blocking')"),
    (
        "Columns are named alike, and described",
        "FOR column IN schema.columns WHERE NOT column.nested\n"
        "ASSERT column.name MATCHES '^[a-z][a-z0-9_]*$' AND column.description IS NOT NULL",
    ),
    ("A person is on call for what others read", "ASSERT product.oncall IS NOT NULL OR count(consumers) = 0"),
    ("Published data is good", "ASSERT quality.score >= 90 AND quality.age <= 7 days -- judged this week"),
    (
        "A retention may not become shorter",
        "ASSERT previous.retention_days IS NULL OR product.retention_days >= previous.retention_days",
    ),
)

TITLES = {
    "product": "product` and `previous",
    "rule": "output.rules`, an entry of `",
    "check": "output.unchecked`, an entry of `",
    "promise": "sla.properties`, an entry of `",
    "input": "inputs`, an entry of `",
    "consumer": "consumers`, an entry of `",
}


def policy_page() -> str:
    """docs/reference/policy-language.md."""
    names = {type(rule).__doc__ or "": name for name, rule in BUILT_IN.items()}
    built_in = [f"- `{name}`: {meaning.removeprefix('Built in: ')}" for meaning, name in names.items()]
    return "\n".join(
        [
            HEAD,
            _words("The file", FILE) + AFTER_FILE,
            _words("A policy", POLICY),
            WITHOUT_RULE,
            *built_in,
            "",
            _words("`rule`", RULE),
            f"Modes are {', '.join(f'`{mode}`' for mode in MODES)}; `backward-compatible` is `backward`.\n",
            _words("`cases`", CASE) + CASES,
            LANGUAGE,
            *(f"{title}:\n\n```text\n{text}\n```\n" for title, text in EXAMPLES),
            "## Names\n",
            "A path begins with one of these, or with a variable.\n",
            _table(("Name", "Type", "Meaning"), [_root(root) for root in ROOTS.values()]),
            *(_record(name, attributes) for name, attributes in RECORDS.items()),
        ]
    )


def _words(title: str, words: Words) -> str:
    head = ("Field", "Needed", "Meaning", "Example")
    return f"## {title}\n\n" + _table(head, [_word(word) for word in words.words])


def _word(word: Word) -> tuple[str, ...]:
    example = "" if word.example == "…" else f"`{word.example}`"
    return f"`{word.name}`", "yes" if word.required else "", word.meaning, example


def _root(root: Root) -> tuple[str, ...]:
    return f"`{root.name}`", _type(root.type), root.meaning


def _record(name: str, attributes: Mapping[str, Attribute]) -> str:
    title = TITLES.get(name, name).removesuffix(", an entry of `")
    title = f"### An entry of `{title}" if "entry of" in TITLES.get(name, "") else f"### `{title}`"
    rows = [
        (f"`{each.name}`", _type(each.type), _choices(each), "never" if each.always else "")
        for each in attributes.values()
    ]
    return f"\n{title}\n\n" + _table(("Attribute", "Type", "Meaning", "NULL"), rows)


def _choices(attribute: Attribute) -> str:
    listed = ", ".join(f"`{choice}`" for choice in attribute.choices)
    return f"{attribute.meaning}: {listed}" if len(attribute.choices) > 1 else attribute.meaning


def _type(kind: Type) -> str:
    match kind:
        case ListType() | RecordType():
            return describe_type(kind)
        case _:
            return describe_type(kind).removeprefix("a ")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])
