"""glossary: the terms of the mesh, and the columns that are linked to them."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_value
from data_platform.cli.options import NamesType, json_option
from data_platform.cli.session import open_platform
from data_platform.verbs.results import TermInfo


@click.group()
def glossary() -> None:
    """List, show, define and retire the terms of the glossary."""


@glossary.command("list")
@click.argument("words", nargs=-1)
@click.option("--letter", help="Only terms that begin with this letter; # for other characters.")
@click.option("--domain", help="Only terms of this domain.")
@click.option("--retired", is_flag=True, help="Retired terms too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="The most terms.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Leave out so many of the first.")
@json_option
def list_(
    words: tuple[str, ...],
    letter: str | None,
    domain: str | None,
    retired: bool,
    limit: int,
    offset: int,
    as_json: bool,
) -> None:
    """List the terms, or those with all WORDS in name, synonyms or definition.

    \b
    Examples:
      data-platform glossary list
      data-platform glossary list customer --domain sales
    """
    with open_platform() as mesh:
        listed = mesh.terms(" ".join(words), letter, domain, retired=retired, limit=limit, offset=offset)
    if as_json:
        print_json(listed)
    elif listed.terms:
        header = ("term", "domain", "owner", "columns", "definition")
        stdout_console().write_table(header, map(_format_term, listed.terms))
        if listed.total > offset + len(listed.terms):
            stderr_console().write_line(f"{listed.total:,} terms match; --offset {offset + limit} shows more")
    else:
        stderr_console().write_line("no term; define one: data-platform glossary define NAME --definition TEXT")


@glossary.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the term NAME, and the columns that are linked to it.

    \b
    Example:
      data-platform glossary show Customer
    """
    with open_platform() as mesh:
        detail = mesh.term(name)
    if as_json:
        print_json(detail)
        return
    _print_term(detail.term)
    console = stdout_console()
    if detail.narrower:
        console.write_line(Styled(f"{'narrower':<12}", "dim"), ", ".join(detail.narrower))
    for link in detail.links:
        console.write_line(f"{link.product}.{link.output}.{link.column}")


@glossary.command()
@click.argument("name")
@click.option("--definition", help="What the term means.")
@click.option("--owner", help="Who answers for the definition.  [default: you]")
@click.option("--domain", help="The domain whose term it is.  [default: the mesh]")
@click.option("--parent", help="A wider term.")
@click.option("--synonyms", type=NamesType(), help="Other words for it; replaces the current ones.")
@json_option
def define(
    name: str,
    definition: str | None,
    owner: str | None,
    domain: str | None,
    parent: str | None,
    synonyms: tuple[str, ...] | None,
    as_json: bool,
) -> None:
    """Define the term NAME, or change the given properties.

    \b
    Example:
      data-platform glossary define Customer --definition "Who has ordered at least once" --synonyms client,buyer
    """
    with open_platform() as mesh:
        done = mesh.define_term(name, definition, owner, domain, parent, synonyms)
    print_json(done) if as_json else _print_term(done)


@glossary.command()
@click.argument("name")
@json_option
def retire(name: str, as_json: bool) -> None:
    """Say that the term NAME is not to be used any more. Columns keep it, and define brings it back.

    \b
    Example:
      data-platform glossary retire Client
    """
    with open_platform() as mesh:
        done = mesh.retire_term(name)
    print_json(done) if as_json else _print_term(done)


def _print_term(term: TermInfo) -> None:
    console = stdout_console()
    console.write_line(Styled(term.name, "bold"), "" if term.retired_at is None else "  retired")
    console.write_line(term.definition)
    for name, value in (
        ("owner", term.owner),
        ("domain", term.domain),
        ("parent", term.parent),
        ("synonyms", term.synonyms),
        ("columns", term.columns),
    ):
        console.write_line(Styled(f"{name:<12}", "dim"), format_value(value))


def _format_term(term: TermInfo) -> tuple[object, ...]:
    name = Styled(term.name, "bold" if term.retired_at is None else "dim")
    return name, term.domain or "", term.owner, term.columns, " ".join(term.definition.split())[:80]
