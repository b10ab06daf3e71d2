"""The settings of `[server]` and `[server.oidc]`."""

from __future__ import annotations

from data_platform.settings.keys import (
    Setting,
    check_name,
    make_choice_check,
    make_list_check,
    make_number_check,
)
from data_platform.settings.openlineage import check_secret
from data_platform.settings.server import (
    METRICS,
    SERVED_ROLES,
    check_host,
    check_network,
    check_origin,
    check_secure_url,
)

_RATE = ("number, 1 to 100000", make_number_check(1, 100_000))
SERVER = (
    Setting(
        "public_url",
        "URL",
        check_origin,
        "none",
        "The URL at which others reach the server: `https://mesh.example.org`. None: the address that it listens on.",
    ),
    Setting(
        "allowed_hosts",
        "list of hosts",
        make_list_check(check_host, "hosts"),
        "[]",
        "Hosts that requests may name, beside that of `public_url`, the address and this machine.",
    ),
    Setting(
        "trusted_proxies",
        "list of networks",
        make_list_check(check_network, "addresses and networks"),
        "[]",
        "Addresses and networks of proxies, whose `X-Forwarded-*` headers are believed.",
    ),
    Setting(
        "threads",
        "number, 1 to 256",
        make_number_check(1, 256),
        "16",
        "The number of requests that a server process runs at once. As many read data besides, and as many upload it.",
    ),
    Setting(
        "drain_seconds",
        "number, 1 to 3600",
        make_number_check(1, 3600),
        "60",
        "How long a server that ends waits for the requests that it has begun.",
    ),
    Setting(
        "requests_per_second",
        *_RATE,
        "100",
        "The requests of one principal in a second, over all processes of the server; twice as many at once.",
    ),
    Setting(
        "heavy_calls",
        "number, 1 to 1000",
        make_number_check(1, 1000),
        "8",
        "The calls of one principal that read or write data at one time.",
    ),
    Setting(
        "failed_sign_ins_per_minute",
        *_RATE,
        "60",
        "The requests without a valid token that one address may send in a minute.",
    ),
    Setting(
        "sign_in_requests_per_minute",
        *_RATE,
        "120",
        "The requests to the pages of sign-in that one address may send in a minute; a sign-in takes two or three.",
    ),
    Setting(
        "upload_mb",
        "number, 1 to 1048576",
        make_number_check(1, 1_048_576),
        "102400",
        "The maximum size in MiB of the data of one publish, as it is sent.",
    ),
    Setting(
        "request_seconds",
        "number, 1 to 86400",
        make_number_check(1, 86_400),
        "300",
        "The time limit in seconds for a call that only reads and answers with a document.",
    ),
    Setting(
        "stall_seconds",
        "number, 1 to 86400",
        make_number_check(1, 86_400),
        "60",
        "How long in seconds a caller may take nothing of an answer before the connection is cut.",
    ),
    Setting(
        "queries",
        "number, 1 to 1000",
        make_number_check(1, 1000),
        "4",
        "The queries that run at one time, of all callers; each has a process of its own. Others wait for ten seconds.",
    ),
    Setting(
        "clock_seconds",
        "number, 0 to 86400",
        make_number_check(0, 86_400),
        "60",
        "How often in seconds one of the servers runs periodic maintenance; 0: none does, and cron runs `tick`.",
    ),
    Setting(
        "metrics",
        "token or open",
        make_choice_check(METRICS),
        "none",
        "Who reads `/metrics`: `token`, who may read the audit log, or `open`, everybody. None: `open` on an address "
        "of this machine alone, as long as neither `public_url` nor `trusted_proxies` is set; else `token`.",
    ),
)
OIDC = (
    Setting("issuer", "URL", check_secure_url, None, "The OpenID provider: `https://id.example.org/realms/mesh`."),
    Setting("client_id", "text", check_name, None, "The server's client id at the provider."),
    Setting("client_secret", "`${NAME}`", check_secret, "none", "The variable with the client's secret."),
    Setting(
        "scopes",
        "list of texts",
        make_list_check(check_name, "texts"),
        '["openid", "email", "profile"]',
        "The scopes that a sign-in asks for.",
    ),
    Setting("groups_claim", "text", check_name, '"groups"', "The claim with the groups of a person."),
    Setting(
        "attribute_claims",
        "list of texts",
        make_list_check(check_name, "texts"),
        "[]",
        "The claims that become attributes of a person, by their names; row filters name them.",
    ),
    Setting(
        "audience", "text", check_name, "none", "The audience that access tokens of services must have: the client id."
    ),
    Setting(
        "default_role",
        ", ".join(f"`{role}`" for role in SERVED_ROLES),
        make_choice_check(SERVED_ROLES),
        '"consumer"',
        "The role of a person whose groups give none.",
    ),
    Setting(
        "hosts",
        "list of hosts",
        make_list_check(check_host, "hosts"),
        "[]",
        "Hosts of the provider's endpoints, beside that of the issuer.",
    ),
)
