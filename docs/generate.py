"""Writes the pages of docs/ that come from the code: `python docs/generate.py`, or `--check` to compare only.

A page is a function that returns its text; add yours to PAGES.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from access_page import access_page
from cli_page import cli_page
from error_page import error_page
from event_page import event_page
from expectation_page import expectation_page
from policy_page import policy_page
from product_page import product_page, product_schema
from spark_page import spark_differences
from type_table import types

from data_platform.settings.keys import (
    AWS_KMS,
    CHANNEL,
    ENVIRONMENTS,
    KEYS,
    LIMITS,
    OPENLINEAGE,
    QUOTAS,
    RECORD,
    SOURCE_TYPES,
    VAULT,
    Setting,
)
from data_platform.settings.server_keys import OIDC, SERVER

DOCS = Path(__file__).parent

SETTINGS = """\
# Settings

<!-- Written by `make docs` from src/data_platform/settings/keys.py. -->

The home is the folder that `DATA_PLATFORM_HOME` names, else the nearest `.data-platform/` upwards from the product.yaml
that a command is about, or from the working directory; two that differ are an error. Where there is none, the first
command that registers or publishes with success begins a mesh ([Operate](../guides/operate.md#the-home)); all other
commands end with 2 and say where they looked. A home that was found and belongs to another user is refused until
`DATA_PLATFORM_HOME` names it.

`settings.toml` in the home folder is optional, and so is everything in it. An unknown key is an error.

| Environment variable | Meaning | Default |
|---|---|---|
| `DATA_PLATFORM_URL` | The URL of a server, whose clients all commands are. It comes before the home. | not set |
| `DATA_PLATFORM_TOKEN` | The token for that server; else it is the one that `login` stored. | not set |
| `DATA_PLATFORM_PURPOSE` | What data is read for, as a server is told: `readers` may name purposes. | not set |
| `DATA_PLATFORM_HOME` | The home folder itself; may begin with `~`, or be relative; its parent exists. | see above |
| `DATA_PLATFORM_USER` | Who you are. Embedded, it is taken on trust and recorded as unverified. | the login |
| `DATA_PLATFORM_DEBUG` | When set, a command shows where an error came from, as `--debug` does. | not set |
| `DATA_PLATFORM_IDEMPOTENCY_KEY` | The key of a command that writes, as `--idempotency-key` gives it. | not set |
| `DATA_PLATFORM_INSTALL_FROM` | What hints install: a folder, a URL for pip, or a distribution. | `.`, a checkout |

## Secrets

`${NAME}` inside a text stands for the environment variable `NAME`. It is looked up when it is used, and is stored,
shown and logged nowhere. In a URI its value is percent-encoded, so a password may hold any character; only where one
variable is the whole URI is it taken as it is. A password written out in a URI is refused. A variable that is not set
is an error only when what names it is used.

    [sources.shop]
    type = "postgres"
    uri = "postgresql://reader:${SHOP_PASSWORD}@db.example.org:5432/shop"

    [sources.exports]
    type = "files"
    path = "../exports"
    delimiter = ";"
    nulls = ["", "NULL"]
"""

POSTGRES = """
`product.read_source("shop", "orders")` reads a table or view, and `"sales.orders"` one in the schema `sales`. `numeric`
becomes a decimal (without a declared scale: 38 digits, with the largest scale in the data); types without a
counterpart, such as `uuid`, `json`, enums and intervals, become text. Needs the extra `postgres`.
"""

KEY_MANAGERS = """
A key manager that is named needs its table. The table of another one may stay: keys that it wrapped open until
`keys rotate` has wrapped them with the one that is named. No table holds a credential; the guide is
[Keys](../guides/keys.md#key-managers).
"""

SIGN_IN = """
Three tables map what the provider says. A group that `[server.oidc.teams]` names is that team; without the table each
group is the team of its name. A group of `[server.oidc.roles]` gives its role. The access tokens of a client of
`[server.oidc.services]` are those of that service principal. The guide is [Deploy](../guides/deploy.md#sign-in).

    [server.oidc]
    issuer = "https://id.example.org/realms/mesh"
    client_id = "data-platform"
    client_secret = "${OIDC_CLIENT_SECRET}"

    [server.oidc.teams]
    sales-owners = "sales"

    [server.oidc.roles]
    mesh-admins = "admin"

    [server.oidc.services]
    nightly-etl = "etl"
"""

RECEIVER = """
Without this table nothing leaves the house. An event is posted by `data-platform outbox send` and by every
`data-platform tick`; the guide is [OpenLineage](../guides/openlineage.md).
"""

CHANNELS = """
`alerts:` in product.yaml names channels; the guide is [alerts](../guides/alerts.md). With `secret` the URL is a
webhook, else Apprise reads it: `mailto://`, `slack://`, `msteams://`, and many others. Both need the extra `alerts`. A
URL that holds a token is a secret as a whole: write it as `${NAME}`.
"""

HOMES = """
Without this table the home stands alone; the guide is [environments](../guides/environments.md).
"""

FILES = """
`product.read_source("exports", "orders")` reads `orders.parquet`, `orders.csv`, `orders.jsonl` or `orders.ndjson` in
the folder; a name that two of them bear is an error.
"""


def settings() -> str:
    """docs/reference/settings.md."""
    sections = [
        SETTINGS,
        _section("[record]", RECORD),
        _section("[limits]", LIMITS),
        _section("[quotas.DOMAIN]", QUOTAS),
        _section("[keys]", KEYS) + KEY_MANAGERS,
        _section("[keys.vault]", VAULT),
        _section("[keys.aws_kms]", AWS_KMS),
        _section("[server]", SERVER),
        _section("[server.oidc]", OIDC) + SIGN_IN,
        _section("[openlineage]", OPENLINEAGE) + RECEIVER,
        _section("[channels.NAME]", CHANNEL) + CHANNELS,
        _section("[environments]", ENVIRONMENTS) + HOMES,
        _section('[sources.NAME] with type = "postgres"', SOURCE_TYPES["postgres"]) + POSTGRES,
        _section('[sources.NAME] with type = "files"', SOURCE_TYPES["files"]) + FILES,
    ]
    return "\n".join(sections)


def _section(title: str, known: Sequence[Setting]) -> str:
    rows = [
        f"| `{s.name}` | {s.type} | {'required' if s.default is None else f'`{s.default}`'} | {s.meaning} |"
        for s in known
    ]
    return "\n".join([f"## `{title}`", "", "| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows, ""])


PAGES: dict[str, Callable[[], str]] = {
    "reference/access.md": access_page,
    "reference/cli.md": cli_page,
    "reference/errors.md": error_page,
    "reference/events.md": event_page,
    "reference/expectations.md": expectation_page,
    "reference/policy-language.md": policy_page,
    "reference/product-yaml.md": product_page,
    "reference/product.schema.json": product_schema,
    "reference/settings.md": settings,
    "reference/spark-differences.md": spark_differences,
    "reference/types.md": types,
}


def main(arguments: list[str]) -> int:
    """Writes what differs; with --check only names it, and returns 1 if anything does."""
    check = arguments == ["--check"]
    stale = [name for name, page in PAGES.items() if not _is(DOCS / name, page())]
    for name in stale:
        print(f"docs/{name} {'is not what the code says: make docs' if check else 'written'}")
        if not check:
            (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
            (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
    return int(check and bool(stale))


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
