"""tick: the clock of a mesh without a server."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount
from data_platform.cli.options import json_option
from data_platform.cli.session import opened, warn
from data_platform.cli.views.outbox import draw_delivered
from data_platform.errors import BadInput
from data_platform.integrations.senders import senders
from data_platform.verbs.results import IncidentInfo, Ticked


@click.command()
@json_option
def tick(as_json: bool) -> None:
    """Run periodic maintenance (for cron).

    Judges the promises of every product in use, and the policies that time, readers or the audit log may have broken:
    a broken one opens an incident, and resolves it when it is kept again. Compares data files with their digests: at
    once when size or times changed, otherwise about once a day. A damaged file opens an incident too. Ends the leases
    of publishes that crashed, and sends the events in the outbox. Run it about every minute. It is safe to run two at
    once, or to kill one. Open incidents and a receiver that does not answer are no failure: the exit code is 0.

    \b
    Example:
      data-platform tick --json
    """
    with opened() as mesh:
        try:
            known = senders(mesh.settings)
        except BadInput:
            mesh.tick()  # a receiver without its key must not keep promises from being judged
            raise
        done = mesh.tick(known)
    if as_json:
        print_json(done)
    else:
        _tell(answer(), done, sends=bool(known))


def _tell(paper: Paper, done: Ticked, *, sends: bool) -> None:
    judged = f"{amount(done.promises, 'promise')} of {amount(done.products, 'product')}"
    paper.line(f"judged {judged}, {done.broken:,} broken")
    for verb, incidents in (("opened", done.opened), ("resolved", done.resolved), ("made graver", done.graver)):
        for incident in incidents:
            paper.line(f"{verb} {_named(incident)}")
    if done.leases:
        paper.line(f"ended {amount(done.leases, 'lease')} of publishes that died: data-platform gc makes room")
    for file in done.damaged:
        warn(f"{file.place}: {file.path} {file.why}: {file.remedy}")
    if sends or done.delivered.waiting:
        draw_delivered(paper, done.delivered)


def _named(incident: IncidentInfo) -> str:
    grave = f", {incident.severity}" if incident.severity else ""
    return f"#{incident.id} {incident.cause} on {incident.place}{grave}: {incident.summary}"
