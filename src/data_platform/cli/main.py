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
        "init": Entry("init:init", "Make the home of a mesh."),
        "new": Entry("new:new", "Write the files of a new data product."),
        "validate": Entry("validate:validate", "Check product.yaml files, and change nothing."),
        "test": Entry("check:check", "Judge files by a contract, and publish nothing."),
        "schema": Entry("schema:schema", "Print the JSON Schema of product.yaml, for editors."),
        "export": Entry("standards:export_product", "Write a product as ODPS 1.1.0, ODCS 3.2.0 or DPROD."),
        "import": Entry("standards:import_product", "Make a product of ODPS and ODCS files."),
    },
    "Publish": {
        "diff": Entry("diff:diff", "Show what registering would change and break, and for whom."),
        "register": Entry("register:register", "Make products and their contracts known to the mesh."),
        "deprecate": Entry("majors:deprecate", "Announce the end of a major of an output, or of a product."),
        "retire": Entry("majors:retire", "Close a deprecated major, or a product, that nobody reads."),
        "publish": Entry("publish:publish", "Publish a file as the next version of an output."),
        "run": Entry("publish:run", "Build an output by its pipeline, and publish it."),
        "release": Entry("release:release", "Register in a higher environment what this one has."),
    },
    "Find and read": {
        "search": Entry("search:search", "Find products by words, in any script, and by filters."),
        "show": Entry("show:show", "Show one product: its outputs, columns, promises and use."),
        "versions": Entry("versions:versions", "List the data versions of a product, newest first."),
        "consume": Entry("consume:consume", "Read an output, or write it to a file."),
        "sql": Entry("sql:sql", "Ask the mesh in SQL, over every output you may read."),
        "subscribe": Entry("subscribe:subscribe", "Follow a product's contract, or list what you follow."),
        "unsubscribe": Entry("subscribe:unsubscribe", "Follow a product no more."),
        "changes": Entry("subscribe:changes", "Show what happened to the contracts that you follow."),
        "lineage": Entry("lineage:lineage", "Show where data comes from, and where it goes."),
        "quality": Entry("quality:quality", "Show a product's score, promises, rules and incidents."),
    },
    "Govern and operate": {
        "policies": Entry("policies:policies", "Apply, check and explain policies, waive and attest them."),
        "checklist": Entry("checklist:checklist", "Measure how ready a product is, and say what mends it."),
        "incidents": Entry("incidents:incidents", "List what is wrong, say that you care, and close it."),
        "tick": Entry("tick:tick", "Do what a clock would; for cron."),
        "outbox": Entry("outbox:outbox", "Show what waits to leave the house, and send it."),
        "audit": Entry("audit:audit", "Show who did what, and prove that the log of it is whole."),
        "transfer": Entry("lifecycle:transfer", "Offer a product to another owner, who accepts it."),
        "transfers": Entry("lifecycle:transfers", "List the products that are offered and not accepted yet."),
        "rename": Entry("lifecycle:rename", "Give a product another name."),
        "archive": Entry("lifecycle:archive", "Close a product: it is read on, and takes no more publishes."),
        "unarchive": Entry("lifecycle:unarchive", "Open an archived product again."),
        "offboard": Entry("lifecycle:offboard", "Say who is gone, so that their products find an owner."),
        "domain": Entry("domain:domain", "List, show and define domains."),
        "backup": Entry("backup:backup", "Copy the whole mesh, while others read and publish."),
        "restore": Entry("backup:restore", "Restore a home from a backup."),
        "repair": Entry("repair:repair", "Rewrite damaged metadata of versions."),
        "gc": Entry("gc:gc", "Remove files that no version names."),
        "completion": Entry("completion:completion", "Print the script for completion in bash, zsh or fish."),
        "doctor": Entry("doctor:doctor", "Say what is missing or wrong, and how to mend it."),
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
