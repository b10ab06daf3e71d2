"""incidents: what is wrong, and what is done about it."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount, minute, words
from data_platform.cli.options import ListingGroup, json_option, product_argument
from data_platform.cli.session import opened
from data_platform.cli.views.quality import draw_incident, draw_incidents
from data_platform.verbs.results import IncidentDetail, IncidentInfo

SEVERITIES = ("low", "medium", "high", "critical")

number = click.argument("id", type=click.IntRange(min=1), metavar="ID")
comment_option = click.option("--comment", help="Words for the timeline.")


@click.group(cls=ListingGroup)
def incidents() -> None:
    """List what is wrong, say that you care, and close it.

    `list` may be left out: `incidents orders --open`.
    """


@incidents.command("list")
@product_argument(required=False)
@click.option("--open", "open_only", is_flag=True, help="Only those that are not resolved.")
@click.option("--severity", "least", type=click.Choice(SEVERITIES), help="Only those at least as grave.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many, the newest.")
@json_option
def list_(product: str | None, open_only: bool, least: str | None, limit: int | None, as_json: bool) -> None:
    """List the incidents of PRODUCT, or of all products, newest first.

    \b
    Example:
      data-platform incidents --open --severity high
    """
    with opened() as mesh:
        found = mesh.incidents(product, open_only=open_only, severity=least, limit=limit)
    if as_json:
        print_json(found)
    elif found:
        draw_incidents(answer(), found)
    else:
        notes().line("no incident")


@incidents.command()
@number
@json_option
def show(id: int, as_json: bool) -> None:
    """Show the incident ID: its timeline, and whom it reaches.

    \b
    Example:
      data-platform incidents show 7
    """
    with opened() as mesh:
        found = mesh.incident(id)
    if as_json:
        print_json(found)
    else:
        _detail(answer(), found)


@incidents.command()
@number
@comment_option
@json_option
def ack(id: int, comment: str | None, as_json: bool) -> None:
    """Acknowledge the incident ID: you look after it.

    When somebody did before, it stays theirs, and your words become a comment.

    \b
    Example:
      data-platform incidents ack 7 --comment "the feed is late, asked them"
    """
    with opened() as mesh:
        changed = mesh.acknowledge_incident(id, comment)
    _told(changed, as_json)


@incidents.command()
@number
@click.argument("text")
@json_option
def comment(id: int, text: str, as_json: bool) -> None:
    """Add TEXT to the timeline of the incident ID.

    \b
    Example:
      data-platform incidents comment 7 "their fix is out at noon"
    """
    with opened() as mesh:
        changed = mesh.comment_incident(id, text)
    _told(changed, as_json)


@incidents.command()
@number
@comment_option
@json_option
def resolve(id: int, comment: str | None, as_json: bool) -> None:
    """Resolve the incident ID by hand.

    A good publish resolves a refusal by itself, and so does a promise that holds again. What goes on being wrong opens
    a new incident.

    \b
    Example:
      data-platform incidents resolve 7 --comment "the rule was wrong"
    """
    with opened() as mesh:
        changed = mesh.resolve_incident(id, comment)
    _told(changed, as_json)


def _told(incident: IncidentInfo, as_json: bool) -> None:
    if as_json:
        print_json(incident)
    else:
        draw_incident(answer(), incident)


def _detail(paper: Paper, found: IncidentDetail) -> None:
    incident = found.incident
    draw_incident(paper, incident)
    paper.line(incident.summary)
    paper.heading("Timeline")
    for event in found.timeline:
        paper.line(
            Styled(minute(event.at), "dim"),
            f"  {event.kind} by {event.by}",
            f": {event.text}" if event.text else "",
            hang=len(minute(event.at)) + 2,
        )
    paper.heading(f"Reaches {amount(len(found.products), 'product')} and {amount(len(found.readers), 'reader')}")
    if found.products:
        paper.table(
            ("product", "domain", "owner", "steps away"),
            [(Styled(each.product, "bold"), each.domain, each.owner, each.distance) for each in found.products],
        )
    for reader in found.readers:
        paper.line(f"{reader.principal}  {amount(reader.reads, 'read')}, last {words(reader.last_read)}")
