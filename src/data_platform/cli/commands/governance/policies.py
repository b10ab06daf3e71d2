"""policies: global and domain policies, their effect on products, and exceptions."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from data_platform.cli.commands.governance.policy_exceptions import (
    approve,
    attest,
    attestations,
    end,
    waive,
    waivers,
    withdraw,
)
from data_platform.cli.commands.governance.policy_matrix import matrix, violations
from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.formats.sarif import build_sarif
from data_platform.cli.options import json_option
from data_platform.cli.path_types import InputPath
from data_platform.cli.session import open_platform, warn
from data_platform.cli.views.policies import (
    draw_checks,
    draw_history,
    draw_statuses,
    draw_what_if,
)
from data_platform.errors import BadInput
from data_platform.governance.policies import load
from data_platform.platform import Platform
from data_platform.spec.product.files import find_product_files
from data_platform.spec.product.loading import load_product
from data_platform.spec.text.json_values import to_json_value
from data_platform.verbs.policies.check import check_file, run_cases
from data_platform.verbs.results import Applied, PolicyCheck

file_argument = click.argument("file", type=InputPath())
domain_option = click.option("--domain", metavar="DOMAIN", help="Require that FILE has only policies of this domain.")


@click.group()
def policies() -> None:
    """Apply, check and explain policies; manage exceptions."""


@policies.command()
@file_argument
@domain_option
@click.option("--yes", is_flag=True, help="Apply without confirmation, for scripts.")
@click.option("--allow-weakening", is_flag=True, help="Allow removing and weakening blocking policies.")
@click.option("--note", help="The reason, for the history.")
@json_option
def apply(file: Path, domain: str | None, yes: bool, allow_weakening: bool, note: str | None, as_json: bool) -> int:
    """Apply the policies in FILE.

    `policies` replaces the global policies, and `domain_policies.D` those of the domain D; other levels do not change.
    An empty list removes the policies of its level. The changes are shown, and must be confirmed. The exit code is 1
    if you decline, if a test case in FILE fails, or if a blocking policy would be removed or weakened without
    --allow-weakening. Applying the same file again has no effect.

    \b
    Example:
      data-platform policies apply policies.yaml --note "data-retention is due"
      data-platform policies apply finance.yaml --domain finance
    """
    read = load(file)
    with open_platform(Platform.open()) as mesh:
        what_if = mesh.what_if_policies(read, domain)
        if not as_json:
            draw_what_if(stderr_console(), what_if)
        weaker = not allow_weakening and any(change.weakens for change in what_if.changes)
        failing = any(not case.passed for case in run_cases(read, datetime.now(UTC)))
        if not yes and not weaker and not failing and not _request_confirmation(file):
            stderr_console().write_line("not applied")
            return 1
        done = mesh.apply_policies(read, note, what_if.revision, domain=domain, allow_weakening=allow_weakening)
    if as_json:
        print_json(done)
    else:
        _print_applied(done)
    return 0


@policies.command("what-if")
@file_argument
@domain_option
@json_option
def what_if(file: Path, domain: str | None, as_json: bool) -> None:
    """Show the effects of applying FILE.

    The effects are the changed policies, and the products that would be newly blocked, warned or unblocked.

    \b
    Example:
      data-platform policies what-if policies.yaml
    """
    with open_platform() as mesh:
        effect = mesh.what_if_policies(file, domain)
    if as_json:
        print_json(effect)
    else:
        draw_what_if(stdout_console(), effect)
        if any(change.weakens for change in effect.changes):
            stdout_console().write_line(
                "`apply` refuses this: it removes or weakens blocking policies; --allow-weakening allows it"
            )


@policies.command()
@click.option("--revision", type=click.IntRange(min=1), help="Show an earlier revision.")
@json_option
def show(revision: int | None, as_json: bool) -> None:
    """Show the policies in force, as they were written.

    \b
    Example:
      data-platform policies show --revision 3
    """
    with open_platform() as mesh:
        content = mesh.policies(revision)
    if as_json:
        print_json(content)
        return
    draw_history(stderr_console(), [content.revision])
    for line in content.text.splitlines():
        stdout_console().write_line(line)


@policies.command()
@json_option
def history(as_json: bool) -> None:
    """List every revision of the policies, newest first.

    \b
    Example:
      data-platform policies history
    """
    with open_platform() as mesh:
        revisions = mesh.policy_history()
    if as_json:
        print_json(revisions)
    elif revisions:
        draw_history(stdout_console(), revisions)
    else:
        stderr_console().write_line("no policies were applied yet: data-platform policies apply FILE")


@policies.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=InputPath())
@click.option(
    "--policies",
    "against",
    metavar="FILE",
    type=InputPath(),
    help="Check against the policies in FILE, without a mesh, for CI.",
)
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0, which code hosts show beside the code.")
@json_option
def check(paths: tuple[Path, ...], against: Path | None, as_sarif: bool, as_json: bool) -> int:
    """Check product.yaml files against the policies.

    The policies are those in force; nothing is registered. PATH is a product.yaml file, or a folder with such files at
    any depth. With --policies no mesh is needed; conditions that need one (consumers, quality, changes, attestations)
    are skipped and listed. The exit code is 1 if a blocking policy is violated.

    \b
    Example:
      data-platform policies check domains/ --policies policies.yaml --sarif > policies.sarif
    """
    files = [load_product(path) for path in find_product_files(paths)]
    if against is None:
        with open_platform() as mesh:
            checks = [mesh.check_policies(file) for file in files]
    else:
        read = load(against)
        checks = [check_file(read, file, datetime.now(UTC)) for file in files]
    if as_sarif:
        print_json(build_sarif(checks, files))
    elif as_json:
        print_json([_flatten_violation(check, index) for check in checks for index in range(len(check.violations))])
    else:
        draw_checks(stdout_console(), checks)
    _warn_of_unjudged(checks)
    return 1 if any(violation.blocks for check in checks for violation in check.violations) else 0


@policies.command("test")
@file_argument
@json_option
def test_(file: Path, as_json: bool) -> int:
    """Run the test cases of the policies in FILE. The exit code is 1 if one fails.

    \b
    Example:
      data-platform policies test policies.yaml
    """
    read = load(file)
    played = list(run_cases(read, datetime.now(UTC)))
    if as_json:
        print_json([{**to_json_value(case), "place": None, "line": case.place.line} for case in played])
    for case in played if not as_json else ():
        word, style = ("passed", "green") if case.passed else ("failed", "red")
        message = "" if case.passed else f": {case.message}"
        place = f"{read.origin}:{case.place.line}"
        stdout_console().write_line(
            Styled(f"{word:<8}", style), Styled(case.policy, "bold"), f"  {place}  {case.expected}{message}"
        )
    if not played:
        stderr_console().write_line(
            "no policy has test cases; add to a policy: cases: [{product: {…}, expect: violation}]"
        )
    return 0 if all(case.passed for case in played) else 1


@policies.command()
@click.argument("product")
@json_option
def explain(product: str, as_json: bool) -> None:
    """Show the status of each policy of PRODUCT, with the reason.

    \b
    Example:
      data-platform policies explain orders
    """
    with open_platform() as mesh:
        statuses = mesh.explain_policies(product)
    if as_json:
        print_json(statuses)
    elif statuses:
        draw_statuses(stdout_console(), statuses)
    else:
        stderr_console().write_line(f"no policy applies to {product}")


def _request_confirmation(file: Path) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        again = f"data-platform policies apply {file} --yes"
        raise BadInput(
            "the policies cannot be confirmed, because stdin is not a terminal",
            hint=f"to apply without confirmation: {again}",
        )
    return click.confirm("Apply?", err=True)


def _print_applied(done: Applied) -> None:
    if not done.changed:
        stdout_console().write_line(Styled("unchanged", "dim"), f"  same as revision {done.revision}")
        return
    incidents = f"{format_count(done.opened, 'incident')} opened, {done.resolved:,} resolved"
    stdout_console().write_line(Styled("applied", "green"), f"  revision {done.revision}: {incidents}")


def _flatten_violation(check: PolicyCheck, index: int) -> dict[str, object]:
    violation = check.violations[index]
    return {
        "file": check.file,
        "product": check.product,
        "policy": violation.policy,
        "enforcement": violation.enforcement,
        "subject": violation.subject,
        "reason": violation.reason,
        "waived_until": to_json_value(violation.waived_until),
    }


def _warn_of_unjudged(checks: list[PolicyCheck]) -> None:
    names = sorted({name for check in checks for name in check.unjudged})
    if names:
        warn(f"not checked, because they need a mesh: {', '.join(names)}")


for command in (waive, waivers, approve, end, attest, attestations, withdraw, matrix, violations):
    policies.add_command(command)
