"""access: ask for access, decide about it, and review what was granted."""

from __future__ import annotations

import click

from data_platform.cli.lazy import Entry, LazyGroup

SECTIONS = {
    "Ask": {
        "request": Entry("access.asking:request", "Request access to outputs, with one purpose for all of them."),
        "mine": Entry("access.asking:mine", "List your requests, with the state that they are in now."),
        "renew": Entry("access.asking:renew", "Request more time for a grant."),
        "withdraw": Entry("access.asking:withdraw", "Take back a request that is not decided yet."),
        "break-glass": Entry("access.asking:break_glass", "Take access for an hour, in an emergency."),
    },
    "Decide": {
        "to-decide": Entry("access.deciding:to_decide", "List the requests that wait for you."),
        "show": Entry("access.deciding:show", "Show a request: what it opens, its decisions and its grants."),
        "approve": Entry("access.deciding:approve", "Approve a request."),
        "deny": Entry("access.deciding:deny", "Deny a request."),
        "revoke": Entry("access.deciding:revoke", "End a grant, or all grants of a request."),
        "review": Entry("access.deciding:review", "List open grants with their use, and narrow one to it."),
    },
    "Understand": {
        "explain": Entry("access.explaining:explain", "Explain what a principal sees of an output, and why."),
    },
    "Exchange": {
        "export": Entry("access.agreements:export_agreements", "Export agreements as Bitol's RFC 0056 (experimental)."),
        "import": Entry("access.agreements:import_agreements", "Request what agreements in a file say (experimental)."),
    },
}


@click.group(cls=LazyGroup, sections=SECTIONS)
def access() -> None:
    """Request access to data, decide about requests, and review grants."""
