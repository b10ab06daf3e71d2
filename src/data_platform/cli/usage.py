"""Errors of the command line: adds an example of the command, and the right name for a common guess."""

from __future__ import annotations

import re
from difflib import get_close_matches

import click
from click.exceptions import MissingParameter, NoSuchCommand, NoSuchOption

from data_platform.cli.options import LISTED, ListingGroup
from data_platform.errors import DataPlatformError

GUESSES = {
    ("", "products list ls catalog find browse inventory datasets tables"): "data-platform search lists the products",
    ("", "query select duckdb"): 'data-platform sql "SELECT …" queries the mesh',
    ("", "get read cat head fetch download pull"): "data-platform consume PRODUCT reads an output",
    ("", "describe info details inspect"): "data-platform show PRODUCT shows one product",
    (
        "",
        "history log versions-list",
    ): "data-platform versions PRODUCT lists the versions; data-platform audit log lists who did what",
    ("", "create add start scaffold"): "data-platform new NAME writes a product; data-platform register registers it",
    ("", "load ingest push upload import-data write"): "data-platform publish PRODUCT_YAML FILE publishes a file",
    (
        "",
        "delete remove rm drop",
    ): "data-platform archive PRODUCT closes a product; data-platform retire closes a major",
    ("", "check lint verify"): "data-platform validate checks product.yaml files; data-platform test checks data files",
    ("", "status health diagnose"): "data-platform doctor diagnoses the installation",
    ("", "help"): "data-platform --help",
    ("", "policy governance"): "data-platform policies --help",
    ("", "domains"): "data-platform domain list",
    ("", "rules expectations score"): "data-platform quality PRODUCT shows rules and results",
    ("", "incident problems"): "data-platform incidents lists the incidents",
    ("", "jobs executions"): "data-platform runs lists the runs of pipelines",
    ("", "cleanup clean vacuum"): "data-platform gc removes files that no version references",
    ("policies", "list ls get read describe"): "data-platform policies show prints the policies in force",
    ("policies", "add create new set update edit"): "data-platform policies apply FILE",
    (
        "policies",
        "remove delete rm drop",
    ): "data-platform policies apply FILE --allow-weakening, with a FILE without the policy",
    ("policies", "diff plan preview dry-run"): "data-platform policies what-if FILE",
    (
        "policies",
        "validate lint verify",
    ): "data-platform policies check PATH checks products, test FILE the policies' cases",
    ("policies", "waiver exception exempt"): "data-platform policies waive PRODUCT POLICY",
    ("policies", "log revisions versions"): "data-platform policies history",
    ("incidents", "acknowledge accept claim"): "data-platform incidents ack ID",
    ("incidents", "close fix"): "data-platform incidents resolve ID",
    ("tokens", "add new issue"): "data-platform tokens create NAME --role ROLE",
    ("tokens", "delete remove rm end disable"): "data-platform tokens revoke ID",
    ("principals", "add create new"): "data-platform tokens create NAME --role ROLE creates the principal too",
    ("principals", "delete remove rm"): "data-platform principals disable NAME; data-platform offboard PERSON",
    ("teams", "new join"): "data-platform teams create NAME --members NAMES; data-platform teams add NAME MEMBER",
    ("roles", "add give assign create"): "data-platform roles grant NAME ROLE",
    ("roles", "remove delete take"): "data-platform roles revoke NAME ROLE",
    (
        "access",
        "grant give allow accept",
    ): "data-platform access approve ID decides, data-platform access request asks",
    ("access", "reject refuse decline"): "data-platform access deny ID --note TEXT",
    (
        "access",
        "list ls requests",
    ): "data-platform access mine; data-platform access to-decide",
    ("audit", "show list ls history entries"): "data-platform audit log",
    ("audit", "check test"): "data-platform audit verify",
    ("glossary", "add create new set"): "data-platform glossary define NAME --definition TEXT",
    ("glossary", "delete remove rm"): "data-platform glossary retire NAME",
    ("domain", "add create new set"): "data-platform domain define NAME --owner OWNER",
    ("keys", "delete destroy remove rm"): "data-platform keys erase PRODUCT.OUTPUT.COLUMN",
    ("alerts", "send try check"): "data-platform alerts test CHANNEL",
}
"""(group, guesses) → the hint."""
OPTIONS = {
    ("export", "--format"): "--to names the standard: --to odcs",
    ("export", "--standard"): "--to names the standard: --to odcs",
    ("export", "--output"): "--out names the folder",
    ("publish", "--output"): "OUTPUT is an argument: data-platform publish PRODUCT_YAML OUTPUT FILE",
    ("publish", "--file"): "FILE is an argument: data-platform publish PRODUCT_YAML [OUTPUT] FILE",
    ("publish", "--data"): "FILE is an argument: data-platform publish PRODUCT_YAML [OUTPUT] FILE",
    ("publish", "--lineage"): "--from names a source of FILE",
    ("run", "--output"): "OUTPUT is an argument: data-platform run PRODUCT_YAML OUTPUT",
    ("test", "--file"): "--data names the file to check",
    ("test", "--contract"): "CONTRACT is an argument: data-platform test CONTRACT --data FILE",
    ("test", "--format"): "--json prints JSON, --junit FILE writes JUnit XML",
    ("consume", "--output"): "--out names the file; OUTPUT of a product is written PRODUCT.OUTPUT",
    ("consume", "--file"): "--out names the file",
    ("consume", "--where"): "data-platform sql 'SELECT … FROM … WHERE …' filters rows",
    ("sql", "--output"): "--out names the file",
    ("sql", "--query"): "the query is an argument: data-platform sql 'SELECT …'",
    ("init", "--home"): "PLACE is an argument: data-platform init PLACE",
    ("policies check", "--against"): "--policies names the file of the policies",
    ("policies check", "--format"): "--json prints JSON, --sarif SARIF 2.1.0",
}
"""(command, option) → the hint for an option that it does not have."""
ARGUMENTS = {
    "test": "--data",
    "schema": "--out",
    "consume": "--out",
    "export": "--to",
    "audit verify": "--anchor",
    "keys rotate": "--column",
}
"""The option of a command that is mistaken for an argument."""
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)


class Usage(DataPlatformError):
    """A command line that click cannot parse."""

    def __init__(self, error: click.ClickException) -> None:
        error = _name_command(error)
        message, hint = _simplify(error.format_message()), None
        ctx: click.Context | None = getattr(error, "ctx", None)
        if ctx is not None:
            hint = f"{ctx.command_path} --help"
            if isinstance(error, NoSuchCommand) and (guess := _find_guess(ctx, error.command_name)):
                message, hint = f"No such command '{error.command_name}'.", guess
            elif instead := _find_instead(ctx, error):
                message, hint = instead
            elif isinstance(error, MissingParameter) and (example := _find_example(ctx.command)):
                hint = f"for example: {example}\n{hint}"
        super().__init__(message, hint=hint)
        self.exit_code = error.exit_code


def _name_command(error: click.ClickException) -> click.ClickException:
    """The error, or that of an unknown command where the first argument of `list` was meant as one.

    That is so where there are more arguments than `list` takes, or an option that it does not have after a name that
    is nearly a command's.
    """
    ctx: click.Context | None = getattr(error, "ctx", None)
    parent = ctx.parent if ctx is not None else None
    if parent is None or not isinstance(parent.command, ListingGroup):
        return error
    name, commands = parent.meta.get(LISTED), parent.command.commands
    if name is None:
        return error
    is_near = isinstance(error, NoSuchOption) and get_close_matches(name, commands)
    is_command = is_near or _EXTRA.match(error.message)
    return NoSuchCommand(name, possibilities=commands, ctx=parent) if is_command else error


def _simplify(message: str) -> str:
    """The message of click on one line, and without its notation for ranges."""
    text = re.sub(r"Choose from:\s+", "choose from ", message)
    text = re.sub(r"(?<=,)\s*\n\s*", " ", text)
    text = text.replace("is not a valid integer range", "is not a whole number")
    text = re.sub(r"is not in the range (\d+)<=x<=(\d+)", r"is not from \1 to \2", text)
    return re.sub(r"is not in the range x>=(\d+)", r"is less than \1", text)


def _find_instead(ctx: click.Context, error: click.ClickException) -> tuple[str, str] | None:
    """The message and the hint for an option of another command's, or an argument that is the value of an option."""
    command = ctx.command_path.partition(" ")[2]
    if isinstance(error, NoSuchOption) and (right := OPTIONS.get((command, error.option_name))):
        return f"No such option '{error.option_name}'.", right
    extra = _EXTRA.match(error.message)
    if extra is None:
        return None
    option = ARGUMENTS.get(command)
    if option is not None and " " not in extra[1]:
        return error.message, f"{option} is an option: {option} {extra[1]}\n{ctx.command_path} --help"
    example = _find_example(ctx.command)
    usage = " ".join([ctx.command_path, *ctx.command.collect_usage_pieces(ctx)])
    return error.message, "\n".join([f"write {usage}", *([f"for example: {example}"] if example else [])])


def _find_guess(ctx: click.Context, name: str) -> str | None:
    group = ctx.command_path.partition(" ")[2]
    hints = {guess: hint for (at, guesses), hint in GUESSES.items() if at == group for guess in guesses.split()}
    near = get_close_matches(name, hints, n=1, cutoff=0.8)
    return hints[near[0]] if near else None


def _find_example(command: click.Command) -> str | None:
    """Returns the first example of the command's help."""
    lines = (line.strip() for line in (command.help or "").splitlines())
    return next((line for line in lines if line.startswith("data-platform ")), None)
