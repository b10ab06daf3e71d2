"""policies: what the federation and the domains demand, what it means for products, and exceptions from it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.json import plain, print_json
from data_platform.cli.console.text import amount
from data_platform.cli.formats.sarif import sarif
from data_platform.cli.options import json_option, until_option
from data_platform.cli.session import opened, warn
from data_platform.cli.views.policies import (
    draw_attestations,
    draw_checks,
    draw_history,
    draw_statuses,
    draw_waivers,
    draw_what_if,
)
from data_platform.errors import BadInput
from data_platform.governance.policies import load
from data_platform.platform import Platform
from data_platform.spec.product.files import product_files
from data_platform.spec.product.loading import load_product
from data_platform.verbs.policies.check import check_file, run_cases
from data_platform.verbs.results import Applied, PolicyCheck

file_argument = click.argument("file", type=click.Path(path_type=Path))
domain_option = click.option("--domain", metavar="DOMAIN", help="FILE may have the policies of this domain only.")
number = click.argument("id", type=click.IntRange(min=1), metavar="ID")


@click.group()
def policies() -> None:
    """Apply, check and explain policies, waive and attest them."""


@policies.command()
@file_argument
@domain_option
@click.option("--yes", is_flag=True, help="Apply without asking; for scripts.")
@click.option("--allow-weakening", is_flag=True, help="Also remove or weaken policies that block.")
@click.option("--note", help="Why, for the history.")
@json_option
def apply(file: Path, domain: str | None, yes: bool, allow_weakening: bool, note: str | None, as_json: bool) -> int:
    """Apply the policies in FILE to the levels that it has.

    `policies` replaces the global ones, each `domain_policies.D` those of the domain D; all others stay as they are.
    An empty list removes the policies of its level. The changes are shown first, and you are asked. Exit code 1 when
    you say no, or when a blocking policy would be removed or weakened without --allow-weakening. Applying the same
    file again changes nothing.

    \b
    Example:
      data-platform policies apply policies.yaml --note "data-retention is due"
      data-platform policies apply finance.yaml --domain finance
    """
    read = load(file)
    with opened(Platform.open()) as mesh:
        what_if = mesh.what_if_policies(read, domain)
        if not as_json:
            draw_what_if(notes(), what_if)
        weaker = not allow_weakening and any(each.weakens for each in what_if.changes)
        if not yes and not weaker and not _agreed(file):
            notes().line("nothing was applied")
            return 1
        done = mesh.apply_policies(read, note, what_if.revision, domain=domain, allow_weakening=allow_weakening)
    if as_json:
        print_json(done)
    else:
        _applied(done)
    return 0


@policies.command("what-if")
@file_argument
@domain_option
@json_option
def what_if(file: Path, domain: str | None, as_json: bool) -> None:
    """Show which policies FILE would change, and which products it would newly block, warn and free.

    \b
    Example:
      data-platform policies what-if policies.yaml
    """
    with opened() as mesh:
        found = mesh.what_if_policies(file, domain)
    if as_json:
        print_json(found)
    else:
        draw_what_if(answer(), found)
        if any(change.weakens for change in found.changes):
            answer().line("`apply` refuses this: it removes or weakens blocking policies; --allow-weakening allows it")


@policies.command()
@click.option("--revision", type=click.IntRange(min=1), help="An earlier revision.")
@json_option
def show(revision: int | None, as_json: bool) -> None:
    """Show the policies that hold, as they were written.

    \b
    Example:
      data-platform policies show --revision 3
    """
    with opened() as mesh:
        found = mesh.policies(revision)
    if as_json:
        print_json(found)
        return
    about = found.revision
    draw_history(notes(), [about])
    for line in found.text.splitlines():
        answer().line(line)


@policies.command()
@json_option
def history(as_json: bool) -> None:
    """List every revision of the policies, newest first.

    \b
    Example:
      data-platform policies history
    """
    with opened() as mesh:
        found = mesh.policy_history()
    if as_json:
        print_json(found)
    elif found:
        draw_history(answer(), found)
    else:
        notes().line("no policies were applied yet: data-platform policies apply FILE")


@policies.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option(
    "--policies", "against", metavar="FILE", type=click.Path(path_type=Path), help="These, and no mesh, for CI."
)
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0, which code hosts show at the line.")
@json_option
def check(paths: tuple[Path, ...], against: Path | None, as_sarif: bool, as_json: bool) -> int:
    """Judge product.yaml files by the policies that hold, before anything is registered.

    A folder stands for all product.yaml files below it. With --policies they are judged by that file without a mesh:
    what needs one (consumers, quality, changes, attestations) is left out and named. Exit code 1 when a violation
    blocks.

    \b
    Example:
      data-platform policies check domains/ --policies policies.yaml --sarif > policies.sarif
    """
    files = [load_product(path) for path in product_files(paths)]
    if against is None:
        with opened() as mesh:
            found = [mesh.check_policies(file) for file in files]
    else:
        read = load(against)
        found = [check_file(read, file, datetime.now(UTC)) for file in files]
    if as_sarif:
        print_json(sarif(found, files))
    elif as_json:
        print_json([_flat(check, index) for check in found for index in range(len(check.violations))])
    else:
        draw_checks(answer(), found)
    _unjudged(found)
    return 1 if any(violation.blocks for check in found for violation in check.violations) else 0


@policies.command("test")
@file_argument
@json_option
def test_(file: Path, as_json: bool) -> int:
    """Play the cases that FILE has beside its policies. Exit code 1 when one comes out otherwise.

    \b
    Example:
      data-platform policies test policies.yaml
    """
    read = load(file)
    played = list(run_cases(read, datetime.now(UTC)))
    if as_json:
        print_json([{**plain(each), "place": None, "line": each.place.line} for each in played])
    for each in played if not as_json else ():
        word, style = ("passed", "green") if each.passed else ("failed", "red")
        told = "" if each.passed else f": {each.message}"
        place = f"{read.origin}:{each.place.line}"
        answer().line(Styled(f"{word:<8}", style), Styled(each.policy, "bold"), f"  {place}  {each.expected}{told}")
    if not played:
        notes().line("no policy has cases: write cases: [{product: {…}, expect: violation}] below one")
    return 0 if all(each.passed for each in played) else 1


@policies.command()
@click.argument("product")
@json_option
def explain(product: str, as_json: bool) -> None:
    """Show how every policy that binds PRODUCT stands, and why.

    \b
    Example:
      data-platform policies explain orders
    """
    with opened() as mesh:
        found = mesh.explain_policies(product)
    if as_json:
        print_json(found)
    elif found:
        draw_statuses(answer(), found)
    else:
        notes().line(f"no policy binds {product}")


@policies.command()
@click.argument("product")
@click.argument("policy")
@click.option("--reason", required=True, help="Why it must be.")
@until_option("When it ends, at most a year from now")
@click.option("--subject", help="One column or output of it, such as orders_fact.email; otherwise all of it.")
@json_option
def waive(product: str, policy: str, reason: str, until: str, subject: str | None, as_json: bool) -> None:
    """Ask for leave that PRODUCT breaks POLICY for a while; somebody else approves it.

    \b
    Example:
      data-platform policies waive orders pii-encryption --reason "the key service moves" --until 2027-01-31
    """
    with opened() as mesh:
        done = mesh.waive_policy(product, policy, reason, until, subject)
    if as_json:
        print_json(done)
    else:
        draw_waivers(answer(), [done])
        notes().line(f"somebody else approves it: data-platform policies approve {done.id}")


@policies.command()
@click.argument("product", required=False)
@json_option
def waivers(product: str | None, as_json: bool) -> None:
    """List the waivers and requests of PRODUCT, or of all products.

    \b
    Example:
      data-platform policies waivers
    """
    with opened() as mesh:
        found = mesh.waivers(product)
    if as_json:
        print_json(found)
    elif found:
        draw_waivers(answer(), found)
    else:
        notes().line("no waiver")


@policies.command()
@number
@json_option
def approve(id: int, as_json: bool) -> None:
    """Approve the waiver ID; whoever asked for it cannot.

    \b
    Example:
      data-platform policies approve 4
    """
    with opened() as mesh:
        done = mesh.approve_waiver(id)
    print_json(done) if as_json else draw_waivers(answer(), [done])


@policies.command()
@number
@json_option
def end(id: int, as_json: bool) -> None:
    """Decline the request ID, or end the waiver before its time.

    \b
    Example:
      data-platform policies end 4
    """
    with opened() as mesh:
        done = mesh.end_waiver(id)
    print_json(done) if as_json else draw_waivers(answer(), [done])


@policies.command()
@click.argument("product")
@click.argument("policy")
@click.option("--evidence", required=True, help="Where it can be seen.")
@until_option("When it ends, at most a year from now")
@json_option
def attest(product: str, policy: str, evidence: str, until: str, as_json: bool) -> None:
    """Give your word that PRODUCT keeps POLICY, which no rule can judge.

    \b
    Example:
      data-platform policies attest orders reviewed-by-legal --evidence "ticket LEGAL-7" --until 2027-06-30
    """
    with opened() as mesh:
        done = mesh.attest_policy(product, policy, evidence, until)
    print_json(done) if as_json else draw_attestations(answer(), [done])


@policies.command()
@click.argument("product", required=False)
@json_option
def attestations(product: str | None, as_json: bool) -> None:
    """List the attestations of PRODUCT, or of all products.

    \b
    Example:
      data-platform policies attestations orders
    """
    with opened() as mesh:
        found = mesh.attestations(product)
    if as_json:
        print_json(found)
    elif found:
        draw_attestations(answer(), found)
    else:
        notes().line("no attestation")


@policies.command()
@number
@json_option
def withdraw(id: int, as_json: bool) -> None:
    """Take the attestation ID back before its time.

    \b
    Example:
      data-platform policies withdraw 2
    """
    with opened() as mesh:
        done = mesh.withdraw_attestation(id)
    print_json(done) if as_json else draw_attestations(answer(), [done])


def _agreed(file: Path) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        again = f"data-platform policies apply {file} --yes"
        raise BadInput("nobody can be asked whether to apply the policies", hint=f"{again} applies without asking")
    return click.confirm("Apply?", err=True)


def _applied(done: Applied) -> None:
    if not done.changed:
        answer().line(Styled("unchanged", "dim"), f"  revision {done.revision} says the same")
        return
    told = f"{amount(done.opened, 'incident')} opened, {done.resolved:,} resolved"
    answer().line(Styled("applied", "green"), f"  revision {done.revision}: {told}")


def _flat(check: PolicyCheck, index: int) -> dict[str, object]:
    found = check.violations[index]
    return {
        "file": check.file,
        "product": check.product,
        "policy": found.policy,
        "enforcement": found.enforcement,
        "subject": found.subject,
        "reason": found.reason,
        "waived_until": plain(found.waived_until),
    }


def _unjudged(found: list[PolicyCheck]) -> None:
    names = sorted({name for check in found for name in check.unjudged})
    if names:
        warn(f"not judged here, for want of what a mesh knows: {', '.join(names)}")
