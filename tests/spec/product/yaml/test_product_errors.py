"""What a product's own fields may be, and the YAML they stand in: every error with its place and its hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.product_files import HEAD, PRODUCT, changed, problems_of, said

ERRORS = [
    ("", "1:1 the file is empty", "a product needs name, domain, owner, outputs"),
    ("# only a comment\n", "2:1 the file is empty", "a product needs name, domain, owner, outputs"),
    (
        "[]",
        "1:1 a product must be a mapping of fields, not a list",
        "write `name: …`, `domain: …`, `owner: …`, `outputs: …`, a line each",
    ),
    (
        "just text",
        '1:1 a product must be a mapping of fields, not the text "just text"',
        "write `name: …`, `domain: …`, `owner: …`, `outputs: …`, a line each",
    ),
    (
        "3",
        "1:1 a product must be a mapping of fields, not 3",
        "write `name: …`, `domain: …`, `owner: …`, `outputs: …`, a line each",
    ),
    ("name: a\n---\nname: b\n", "2:1 a second YAML document begins here", "keep one document a file"),
    ("%TAG ! x\n---\na: b", "1:1 YAML directives (%) are not read here", "remove the line"),
    ("a: !!str x", '1:4 YAML tags such as "!!str" are not read here', 'remove it; to make it text write "x"'),
    (
        "a: !!python/object/apply:os.system [ls]",
        '1:4 YAML tags such as "!!python/object/apply:os.system" are not read here',
        "remove it",
    ),
    ("a: *b", '1:4 the alias "b" names no anchor', "write the value out"),
    ("a: &x [*x]", '1:8 the alias "x" holds itself', "write the value out"),
    (
        "a: b: c",
        '1:5 this is not YAML: a ":" is not allowed here',
        'put text that holds ": " in quotes, and check the indentation',
    ),
    ("a: [1, 2", "1:4 this is not YAML: a list opened with [ is not closed", "close it with ]"),
    ("a: {b: c", "1:4 this is not YAML: a mapping opened with { is not closed", "close it with }"),
    ("\tname: x", "1:1 this is not YAML: a tab cannot indent YAML", "use spaces"),
    ("name: @x", "1:7 this is not YAML: no value can begin with @", "put the text in quotes"),
    ("name: 'x", "1:7 this is not YAML: a quoted text is not closed", "close it with the quote that opened it"),
    ('name: "\\q"', "1:8 this is not YAML: this escape is unknown", "write a backslash twice, or use single quotes"),
    ('name: "\\ud800"', "1:10 this is not YAML: this escape is no character", "remove it"),
    (
        "name: x\ndomain",
        '2:1 this is not YAML: this line has no ":"',
        "write `key: value`, or indent the line into the text above",
    ),
    (
        "- a\nb: c",
        "2:1 this is not YAML: this line fits no list above it",
        "begin it with `-`, or indent it like its neighbours",
    ),
    (
        "name: x\n  b: c\n",
        '2:4 this is not YAML: a ":" is not allowed here',
        'put text that holds ": " in quotes, and check the indentation',
    ),
    ("a: " + "[" * 40, "1:35 nested deeper than 32 levels", None),
    (HEAD, "1:1 the product has no `outputs`", "write for example `outputs: [{name: orders_fact, type: table}]`"),
    (HEAD + "outputs: []\n", "4:10 `outputs` is empty", "a product has at least one output"),
    (
        HEAD + "outputs: t\n",
        '4:10 `outputs` must be a list, not the text "t"',
        "write outputs: [{name: NAME, type: table}]",
    ),
    (
        HEAD + "outputs: {name: t}\n",
        "4:10 `outputs` must be a list, not a mapping",
        "write outputs: [{name: NAME, type: table}]",
    ),
    (HEAD + "outputs: [t]\n", '4:11 an output must be a mapping, not the text "t"', "write {name: NAME, type: table}"),
    (HEAD + "outputs:\n", "4:1 `outputs` has no value", "write one, or remove the line"),
    (HEAD + "outputs: [{type: table}]\n", "4:11 the output has no `name`", "write for example `name: orders_fact`"),
    (HEAD + "outputs: [null]\n", "4:11 an output must be a mapping, not nothing", "write {name: NAME, type: table}"),
    (
        HEAD + "outputs: [{name: t}, {name: t}]\n",
        '4:22 the output "t" appears twice, first in line 4',
        "give each output a name of its own, or a `version` of another major",
    ),
    (
        HEAD + "outputs: [{name: t, version: 2.0.0}, {name: t, version: 1.0.0}, {name: t, version: 2.1.0}]\n",
        '4:65 the output "t" appears twice, first in line 4',
        "give each output a name of its own, or a `version` of another major",
    ),
    (
        HEAD + 'version: "2.0.0"\noutputs: [{name: t}, {name: t, version: 2.9.0}]\n',
        '5:22 the output "t" appears twice, first in line 5',
        "give each output a name of its own, or a `version` of another major",
    ),
    (changed("name: no"), "1:7 `name` must be text, and without quotes no is false", 'quote it: "no"'),
    (changed("domain: no"), "2:9 `domain` must be text, and without quotes no is false", 'quote it: "no"'),
    (changed("domain: 3"), "2:9 `domain` must be text, and without quotes 3 is a number", 'quote it: "3"'),
    (
        changed("owner: 2024-01-01"),
        "3:8 `owner` must be text, and without quotes 2024-01-01 is a date",
        'quote it: "2024-01-01"',
    ),
    (changed("owner: [a]"), "3:8 `owner` must be text, not a list", None),
    (changed("owner: ''"), "3:8 `owner` is empty", "write some text, or remove the line"),
    (changed("owner:"), "3:1 `owner` has no value", "write one, or remove the line"),
    (
        changed('owner: "a\\u202eb"'),
        "3:8 `owner` holds the hidden character U+202E (right-to-left override)",
        "remove it",
    ),
    (changed('owner: "a\\nb"'), "3:8 `owner` must be one line", None),
    (changed("owner: " + "o" * 300), "3:8 `owner` has 300 characters; 254 is the limit", None),
    (PRODUCT.replace("owner", "ownr"), '3:1 the product has no field "ownr"', "did you mean `owner`?"),
    (
        changed("name: Orders Fact"),
        (
            '1:7 `name` "Orders Fact" is no name: a name is a lowercase letter, then up to 62 lowercase'
            " letters, digits, _ or -"
        ),
        "write orders-fact",
    ),
    (
        changed("name: ../x"),
        ('1:7 `name` "../x" is no name: a name is a lowercase letter, then up to 62 lowercase letters, digits, _ or -'),
        None,
    ),
    (changed("name: con"), '1:7 `name` "con" is the name of a device on Windows and cannot be a folder there', None),
    (
        changed("name: system"),
        '1:7 `name` "system" is a name that SQL engines keep for themselves',
        None,
    ),
    (
        changed("name: " + "a" * 64),
        ('1:7 `name` "' + "a" * 59 + '…" has 64 characters, and a name has at most 63'),
        "write " + "a" * 63,
    ),
    (
        changed('name: "a\\u200bb"'),
        '1:7 `name` "a\\u200bb" holds the hidden character U+200B (zero width space)',
        "write ab",
    ),
    (changed('name: "a\\0b"'), "1:7 `name` holds the hidden character U+0000 (control character)", "remove it"),
    (
        changed("name: ñandú"),
        (
            '1:7 `name` "ñandú" is no name: a name is a lowercase letter, then up to 62 lowercase '
            "letters, digits, _ or -"
        ),
        "write nandu",
    ),
    (
        changed("name: 数据"),
        ('1:7 `name` "数据" is no name: a name is a lowercase letter, then up to 62 lowercase letters, digits, _ or -'),
        None,
    ),
    (
        changed("name: раураl"),
        (
            '1:7 `name` "раураl" is no name: a name is a lowercase letter, then up to 62 lowercase '
            "letters, digits, _ or -"
        ),
        None,
    ),
    (PRODUCT + "name: q\n", '5:1 "name" appears twice, first in line 1', "keep one"),
    (
        PRODUCT + "outputPorts: []\n",
        "5:1 `outputPorts` and `outputs` in line 4 mean the same",
        "keep `outputs`, and remove the other",
    ),
    (
        PRODUCT + "colour: red\n",
        '5:1 the product has no field "colour"',
        (
            "its fields are name, domain, owner, description, id, version, status, retention_days, "
            "oncall, alerts, outputs, inputs, tags, pii_columns, access, odps"
        ),
    ),
    (PRODUCT + "freshness: x\n", '5:1 the product has no field "freshness"', "it is a field of `sla`"),
    (PRODUCT + "tag: [x]\n", '5:1 the product has no field "tag"', "did you mean `tags`?"),
    (PRODUCT + "schema: x.json\n", '5:1 the product has no field "schema"', "it is a field of an output"),
    (
        PRODUCT + "version: 1.10\n",
        "5:10 `version` must be text, and without quotes 1.10 is a decimal number",
        'write version: "1.10.0"',
    ),
    (
        PRODUCT + "version: 1\n",
        "5:10 `version` must be text, and without quotes 1 is a number",
        'write version: "1.0.0"',
    ),
    (PRODUCT + "version: v2\n", '5:10 `version` "v2" is not MAJOR.MINOR.PATCH', 'write version: "2.0.0"'),
    (PRODUCT + "version: latest\n", '5:10 `version` "latest" is not MAJOR.MINOR.PATCH', 'write version: "1.0.0"'),
    (PRODUCT + "status: activ\n", '5:9 `status` cannot be "activ"', "did you mean active?"),
    (
        PRODUCT + "status: published\n",
        '5:9 `status` cannot be "published"',
        "write one of proposed, draft, active, deprecated, retired",
    ),
    (
        PRODUCT + "retention_days: '30'\n",
        '5:17 `retention_days` must be a number, not the text "30"',
        "remove the quotes",
    ),
    (PRODUCT + "retention_days: 0\n", "5:17 `retention_days` must be a whole number from 1 to 36,500, not 0", None),
    (PRODUCT + "retention_days: yes\n", "5:17 `retention_days` must be a number, not yes (in YAML true)", None),
    (
        PRODUCT + "retention_days: 1.5\n",
        "5:17 `retention_days` must be a whole number from 1 to 36,500, not 1.5 (a decimal number)",
        None,
    ),
    (
        PRODUCT + "retention_days: " + "9" * 30 + "\n",
        ("5:17 `retention_days` must be a number, not " + "9" * 30 + " (a number beyond 64 bits)"),
        "at most 9223372036854775807",
    ),
    (
        PRODUCT + "retention_days: .nan\n",
        "5:17 `retention_days` must be a number, not .nan (not a finite number)",
        None,
    ),
    (
        PRODUCT + "retention_days: 1e999\n",
        "5:17 `retention_days` must be a number, not 1e999 (not a finite number)",
        None,
    ),
    (
        PRODUCT + "retention_days: 010\n",
        "5:17 `retention_days` must be a number, not 010 (a number in an old notation)",
        "write it in plain decimal digits",
    ),
    (
        PRODUCT + "retention_days: 30 days\n",
        '5:17 `retention_days` must be a number, not the text "30 days"',
        "write 30",
    ),
    (PRODUCT + "tags: orders\n", '5:7 `tags` must be a list, not the text "orders"', "write tags: [orders]"),
    (PRODUCT.replace("outputs", "output"), '4:1 the product has no field "output"', "did you mean `outputs`?"),
    (PRODUCT + "tags: {a: b}\n", "5:7 `tags` must be a list, not a mapping", "write tags: [first, second]"),
    (PRODUCT + "tags: [[x]]\n", "5:8 an entry of `tags` must be text, not a list", None),
    (
        PRODUCT + 'tags: ["a\\0"]\n',
        "5:8 an entry of `tags` holds the hidden character U+0000 (control character)",
        "remove it",
    ),
    (PRODUCT + "description: [x]\n", "5:14 `description` must be text, not a list", None),
    (
        PRODUCT + 'description: "\\0"\n',
        "5:14 `description` holds the hidden character U+0000 (control character)",
        "remove it",
    ),
    (PRODUCT + "oncall: 3\n", "5:9 `oncall` must be text, and without quotes 3 is a number", 'quote it: "3"'),
    (
        PRODUCT + "inputs: [{data_product: p, output: x}]\n",
        "5:10 the product p reads itself",
        "an input names another product; remove it",
    ),
    (
        PRODUCT + "inputs: [{data_product: q}]\n",
        "5:10 the input has no `output`",
        "write for example `output: customers_dim`",
    ),
    (
        PRODUCT + "inputs: [{data_product: q, output: x}, {data_product: q, output: x}]\n",
        "5:40 the input q.x appears twice, first in line 5",
        "keep one",
    ),
    (
        PRODUCT + "inputs: [q.x]\n",
        '5:10 an input must be a mapping, not the text "q.x"',
        "write {data_product: NAME, output: NAME}",
    ),
    (
        PRODUCT + "inputs: [{contractId: qx}]\n",
        '5:23 `contractId` "qx" is not PRODUCT.OUTPUT',
        "write data_product and output instead",
    ),
    (
        PRODUCT + "inputs: [{contractId: q.x, data_product: q}]\n",
        "5:23 `contractId` and `data_product` mean the same",
        "keep `data_product`, and remove the other",
    ),
    (
        PRODUCT + "pii_columns: email\n",
        '5:14 `pii_columns` must be a list, not the text "email"',
        "write pii_columns: [email]",
    ),
    (
        PRODUCT + "alerts: [1]\n",
        "5:10 an entry of `alerts` must be text, and without quotes 1 is a number",
        'quote it: "1"',
    ),
    (
        PRODUCT + "inputs: [{data_product: q, name: x, output: x}]\n",
        "5:37 `output` and `name` in line 5 mean the same",
        "keep `output`, and remove the other",
    ),
    (
        PRODUCT + "inputs: [{data_product: Q, output: x}]\n",
        (
            '5:25 `data_product` "Q" is no name: a name is a lowercase letter, then up to 62 lowercase '
            "letters, digits, _ or -"
        ),
        "write q",
    ),
    (
        PRODUCT + "inputs: [{contractId: q.x, name: y}]\n",
        "5:23 `contractId` names the output x, and `name` y",
        "make them agree",
    ),
    (
        PRODUCT + "description: {purpose: x, goal: y}\n",
        '5:27 `description` has no field "goal"',
        "its fields are purpose, usage, limitations",
    ),
    (
        "name: p\ndomain: d\nteam: {members: [{username: a, role: reader}]}\noutputs: [{name: t}]\n",
        "3:7 `team` has 0 owners",
        "write {members: [{username: ADDRESS, role: owner}]}",
    ),
    (
        "name: p\ndomain: d\nowner: a\nteam: {members: []}\noutputs: [{name: t}]\n",
        "4:1 `team` and `owner` in line 3 mean the same",
        "keep `owner`, and remove the other",
    ),
]


@pytest.mark.parametrize(("text", "problem", "hint"), ERRORS)
def test_says_where_what_and_what_to_write(text: str, problem: str, hint: str | None, tmp_path: Path) -> None:
    assert [said(found) for found in problems_of(tmp_path, text)] == [(problem, hint)]
