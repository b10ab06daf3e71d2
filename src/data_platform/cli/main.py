"""The command `data-platform`: its subcommands by section."""

from __future__ import annotations

import gc
import sys

import click

from data_platform.cli.lazy import Entry
from data_platform.cli.root import RootGroup
from data_platform.installing import VERSION

SECTIONS = {
    "Start": {
        "init": Entry("operations.init:init", "Create the home of a mesh."),
        "new": Entry("contracts.new:new", "Write the files of a new data product."),
        "validate": Entry("contracts.validate:validate", "Check product.yaml files."),
        "test": Entry("contracts.test:check", "Check data files against a contract, without publishing."),
        "login": Entry("operations.login:login", "Store a token for a server."),
        "logout": Entry("operations.login:logout", "Forget the stored token of a server."),
        "whoami": Entry("operations.whoami:whoami", "Show as whom the mesh knows you."),
        "schema": Entry("contracts.schema:schema", "Print the JSON Schema of product.yaml, for editors."),
        "export": Entry("contracts.standards:export_product", "Export a product as ODPS 1.1.0, ODCS 3.2.0 or DPROD."),
        "import": Entry("contracts.standards:import_product", "Import a product from ODPS and ODCS files."),
    },
    "Publish": {
        "diff": Entry("contracts.diff:diff", "Show what register would change, and which readers it breaks."),
        "register": Entry("contracts.register:register", "Register products and their contracts in the mesh."),
        "deprecate": Entry("governance.majors:deprecate", "Announce the end date of a major or of a product."),
        "retire": Entry("governance.majors:retire", "Close a deprecated major or product that has no readers."),
        "publish": Entry("data.publish:publish", "Publish a file as the next version of an output."),
        "run": Entry("data.publish:run", "Run the pipeline of an output, and publish the result."),
        "release": Entry("contracts.release:release", "Register a product of this environment in a higher one."),
        "receive-lineage": Entry(
            "data.receive_lineage:receive_lineage", "Take OpenLineage events of other tools from a file."
        ),
    },
    "Find and read": {
        "search": Entry("catalog.search:search", "Search products by words and filters."),
        "show": Entry("catalog.show:show", "Show a product: outputs, columns, service levels and usage."),
        "versions": Entry("data.versions:versions", "List the data versions of a product, newest first."),
        "consume": Entry("data.consume:consume", "Read an output, or write it to a file."),
        "sql": Entry("data.sql:sql", "Query the outputs of the mesh in SQL."),
        "subscribe": Entry(
            "contracts.subscribe:subscribe", "Subscribe to a product's contract, or list subscriptions."
        ),
        "unsubscribe": Entry("contracts.subscribe:unsubscribe", "Cancel the subscription to a product's contract."),
        "changes": Entry("contracts.subscribe:changes", "Show changes of the contracts that you subscribe to."),
        "lineage": Entry("catalog.lineage:lineage", "Show where data comes from, and where it is used."),
        "consumers": Entry(
            "catalog.consumers:consumers", "List who consumes a product, and the columns that are read."
        ),
        "contract": Entry("catalog.consumers:contract", "Print the registered contract of a product."),
        "refusals": Entry("catalog.refusals:refusals", "List refused publishes, with the rules and rows that failed."),
        "quality": Entry("catalog.quality:quality", "Show a product's score, service levels, rules and incidents."),
    },
    "Govern": {
        "policies": Entry("governance.policies:policies", "Apply, check and explain policies; manage exceptions."),
        "anonymisations": Entry(
            "governance.anonymisations:anonymisations",
            "Approve or refuse that columns made from personal data are anonymous.",
        ),
        "checklist": Entry("catalog.checklist:checklist", "Measure production readiness, and list what is missing."),
        "incidents": Entry("governance.incidents:incidents", "List, acknowledge and resolve incidents."),
        "audit": Entry("governance.audit:audit", "Show, verify and export the audit log."),
        "transfer": Entry("governance.lifecycle:transfer", "Transfer a product to another owner."),
        "transfers": Entry("governance.lifecycle:transfers", "List transfers that are not accepted yet."),
        "rename": Entry("governance.lifecycle:rename", "Rename a product."),
        "archive": Entry("governance.lifecycle:archive", "Archive a product: it stays readable, but publishing ends."),
        "unarchive": Entry("governance.lifecycle:unarchive", "Reopen an archived product."),
        "offboard": Entry(
            "governance.lifecycle:offboard", "Record that an owner has left, and list products to transfer."
        ),
        "domain": Entry("governance.domain:domain", "List, show and define domains."),
        "glossary": Entry("governance.glossary:glossary", "List, show, define and retire the terms of the glossary."),
    },
    "Grant access": {
        "access": Entry("access.group:access", "Request access to data, decide about requests, and review grants."),
        "tokens": Entry("governance.tokens:tokens", "Create, list and revoke tokens."),
        "principals": Entry("governance.principals:principals", "List, show and disable principals."),
        "teams": Entry("governance.teams:teams", "List and create teams, and change their members."),
        "roles": Entry("governance.roles:roles", "List, grant and revoke roles."),
        "owners": Entry("governance.owners:owners", "List owners, and give them to persons and teams."),
    },
    "Operate": {
        "serve": Entry("operations.serve:serve", "Serve the mesh over HTTP."),
        "tick": Entry("operations.tick:tick", "Run periodic maintenance (for cron)."),
        "runs": Entry("operations.runs:runs", "List the runs of pipelines, and show one with its log."),
        "alerts": Entry("operations.alerts:alerts", "List and test the channels that hear of incidents."),
        "outbox": Entry("operations.outbox:outbox", "List and send events that wait for delivery."),
        "backup": Entry("operations.backup:backup", "Back up the whole mesh while it is in use."),
        "restore": Entry("operations.backup:restore", "Restore a home from a backup."),
        "keys": Entry("operations.keys:keys", "List, erase and rotate the keys of encrypted columns."),
        "repair": Entry("operations.repair:repair", "Rewrite damaged metadata of versions."),
        "gc": Entry("operations.gc:gc", "Remove files that no version references."),
        "completion": Entry("operations.completion:completion", "Print the completion script for bash, zsh or fish."),
        "doctor": Entry("operations.doctor:doctor", "Diagnose the installation."),
    },
}


@click.group(cls=RootGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="data-platform")
@click.option("--debug", is_flag=True, help="Print the traceback of an error (or set DATA_PLATFORM_DEBUG=1).")
@click.option(
    "--idempotency-key",
    metavar="KEY",
    envvar="DATA_PLATFORM_IDEMPOTENCY_KEY",
    help="Carry out a command that writes once: run again with the same key, it gives the first answer.",
)
def cli(debug: bool, idempotency_key: str | None) -> None:  # RootGroup.main reads --debug, and open_platform the key
    """Publish, govern, find and consume data products.

    Exit codes: 0 success; 1 refused by a contract, rule or policy; 2 invalid input, or a resource is unavailable.
    """


def main() -> None:
    """The entry point of the console script."""
    gc.set_threshold(50_000)  # imported modules live to the end: collecting garbage among them takes 25 of 400 ms
    try:
        cli.main(prog_name="data-platform")
    finally:
        if "duckdb" not in sys.modules:  # duckdb reports uncollected objects on stderr
            gc.freeze()  # saves the last garbage collection at exit: 50 ms
