"""`data-platform`: the tree of its commands."""

from __future__ import annotations

import gc
import sys

import click

from data_platform.cli.door import Door
from data_platform.cli.lazy import Entry
from data_platform.installing import VERSION

SECTIONS = {
    "Begin": {
        "init": Entry("operations.init:init", "Make the home of a mesh."),
        "new": Entry("contracts.new:new", "Write the files of a new data product."),
        "validate": Entry("contracts.validate:validate", "Check product.yaml files, and change nothing."),
        "test": Entry("contracts.test:check", "Judge files by a contract, and publish nothing."),
        "schema": Entry("contracts.schema:schema", "Print the JSON Schema of product.yaml, for editors."),
        "export": Entry("contracts.standards:export_product", "Write a product as ODPS 1.1.0, ODCS 3.2.0 or DPROD."),
        "import": Entry("contracts.standards:import_product", "Make a product of ODPS and ODCS files."),
    },
    "Publish": {
        "diff": Entry("contracts.diff:diff", "Show what registering would change and break, and for whom."),
        "register": Entry("contracts.register:register", "Make products and their contracts known to the mesh."),
        "deprecate": Entry("governance.majors:deprecate", "Announce the end of a major of an output, or of a product."),
        "retire": Entry("governance.majors:retire", "Close a deprecated major, or a product, that nobody reads."),
        "publish": Entry("data.publish:publish", "Publish a file as the next version of an output."),
        "run": Entry("data.publish:run", "Build an output by its pipeline, and publish it."),
        "release": Entry("contracts.release:release", "Register in a higher environment what this one has."),
    },
    "Find and read": {
        "search": Entry("catalog.search:search", "Find products by words, in any script, and by filters."),
        "show": Entry("catalog.show:show", "Show one product: its outputs, columns, promises and use."),
        "versions": Entry("data.versions:versions", "List the data versions of a product, newest first."),
        "consume": Entry("data.consume:consume", "Read an output, or write it to a file."),
        "sql": Entry("data.sql:sql", "Ask the mesh in SQL, over every output you may read."),
        "subscribe": Entry("contracts.subscribe:subscribe", "Follow a product's contract, or list what you follow."),
        "unsubscribe": Entry("contracts.subscribe:unsubscribe", "Follow a product no more."),
        "changes": Entry("contracts.subscribe:changes", "Show what happened to the contracts that you follow."),
        "lineage": Entry("catalog.lineage:lineage", "Show where data comes from, and where it goes."),
        "quality": Entry("catalog.quality:quality", "Show a product's score, promises, rules and incidents."),
    },
    "Govern and operate": {
        "policies": Entry("governance.policies:policies", "Apply, check and explain policies, waive and attest them."),
        "checklist": Entry("catalog.checklist:checklist", "Measure how ready a product is, and say what mends it."),
        "incidents": Entry("governance.incidents:incidents", "List what is wrong, say that you care, and close it."),
        "tick": Entry("operations.tick:tick", "Run periodic maintenance (for cron)."),
        "outbox": Entry("operations.outbox:outbox", "Show what waits to leave the house, and send it."),
        "audit": Entry("governance.audit:audit", "Show who did what, and prove that the log of it is whole."),
        "transfer": Entry("governance.lifecycle:transfer", "Offer a product to another owner, who accepts it."),
        "transfers": Entry(
            "governance.lifecycle:transfers", "List the products that are offered and not accepted yet."
        ),
        "rename": Entry("governance.lifecycle:rename", "Give a product another name."),
        "archive": Entry(
            "governance.lifecycle:archive", "Close a product: it is read on, and takes no more publishes."
        ),
        "unarchive": Entry("governance.lifecycle:unarchive", "Open an archived product again."),
        "offboard": Entry("governance.lifecycle:offboard", "Say who is gone, so that their products find an owner."),
        "domain": Entry("governance.domain:domain", "List, show and define domains."),
        "backup": Entry("operations.backup:backup", "Copy the whole mesh, while others read and publish."),
        "restore": Entry("operations.backup:restore", "Restore a home from a backup."),
        "repair": Entry("operations.repair:repair", "Rewrite damaged metadata of versions."),
        "gc": Entry("operations.gc:gc", "Remove files that no version names."),
        "completion": Entry(
            "operations.completion:completion", "Print the script for completion in bash, zsh or fish."
        ),
        "doctor": Entry("operations.doctor:doctor", "Say what is missing or wrong, and how to mend it."),
    },
}


@click.group(cls=Door, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="data-platform")
@click.option("--debug", is_flag=True, help="Show where an error came from (or set DATA_PLATFORM_DEBUG=1).")
def cli(debug: bool) -> None:  # the door looks for --debug itself
    """Publish, govern, find and consume data products.

    Exit codes: 0 done, 1 refused by a contract, rule or policy, 2 bad input or something is unavailable.
    """


def main() -> None:
    """The console script."""
    gc.set_threshold(50_000)  # what is imported lives to the end: looking for garbage in it takes 25 of 400 ms
    try:
        cli.main(prog_name="data-platform")
    finally:
        if "duckdb" not in sys.modules:  # which tells on stderr of what is not collected
            gc.freeze()  # the interpreter would look for garbage once more as it ends: 50 ms
