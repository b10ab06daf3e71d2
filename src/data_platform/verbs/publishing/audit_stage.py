"""AUDIT: rules are evaluated on the staged files, and the verdict keeps its preconditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.engine.source import ParquetSource
from data_platform.errors import NotFound
from data_platform.governance.policies import ActivePolicies
from data_platform.quality.judge import judge
from data_platform.quality.protect import may_read
from data_platform.quality.score import Score
from data_platform.quality.verdict import Verdict
from data_platform.quality.verdict_score import score_verdict
from data_platform.record.catalog import products, publish_state
from data_platform.record.catalog.versions import VersionRow
from data_platform.spec.access.masks import REDACT
from data_platform.spec.product.model import Input
from data_platform.spec.rules.model import Rule
from data_platform.tables.staging.sample import RowSample
from data_platform.verbs.contracts.consumer_expectations import (
    NOT_JUDGED,
    ConsumerExpectations,
    TeamRules,
    find_expectations,
)
from data_platform.verbs.core.authorization.team_views import Registered, find_team, find_team_view
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import PublishSeal
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.core.lookup.version_lookup import find_masked_columns, find_version
from data_platform.verbs.core.lookup.version_source import open_version
from data_platform.verbs.policies.evaluate import load_active_policies
from data_platform.verbs.publishing.candidate import Candidate, open_candidate
from data_platform.verbs.publishing.rule_runner import RuleRunner, Tables, reads_input, verify_seal
from data_platform.verbs.publishing.undeclared_pii import find_sampled_columns, find_undeclared_pii

InputVersions = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class AuditedStage:
    """A verdict, its score, and its preconditions beside the contract that the target names.

    `policies` were in force at the audit, `inputs` are the versions that rules read, `consumers` the contract revisions
    of those whose expectations it judged, `warnings` name the expectations that were not judged. The caller does not
    find the products in `hidden`.
    """

    verdict: Verdict
    score: Score
    policies: ActivePolicies
    inputs: InputVersions
    consumers: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()


def audit(
    context: Context, target: Target, candidate: Candidate, sealed: PublishSeal, sample: RowSample
) -> AuditedStage:
    """Verifies the encryption, runs every rule in the worker, and looks for undeclared PII in a sample of the rows.

    Raises StorageFailed when PII is unencrypted.
    """
    schema = target.contract
    verify_seal(target.subject, schema, candidate.staged)
    tables: Tables = {(target.output.name,): open_candidate(context, schema, candidate, sealed)}
    with context.record.reading() as conn:
        state = publish_state.read(conn, target.product.name, target.output.name, target.name)
        policies = load_active_policies(context, conn, state.policy_revision)
        wanted = (
            find_expectations(conn, policies, target, context.clock())
            if state.reader_revisions
            else ConsumerExpectations()
        )
        hidden = find_visible_part(context, conn).hidden if state.reader_revisions else frozenset()
        inputs = _add_input_tables(context, conn, target, tables)
    runner = RuleRunner(context.worker, context.settings.limits.rule_seconds)
    undeclared = find_undeclared_pii(schema, sample.texts, policies.get_pii_detection(target.product.domain))
    masked = inputs.masked | find_sampled_columns(undeclared)
    rules = [rule for rule in target.rules if rule not in inputs.closed]
    verdict = runner.evaluate(tables, target.output.name, schema, rules, also_masked=masked)
    unjudged = (judge(rule, error=NOT_JUDGED) for rule in inputs.closed)
    verdict = replace(verdict, results=(*verdict.results, *unjudged, *undeclared))
    for team in wanted.teams:
        verdict = _with_expectations(runner, verdict, target, tables[(target.output.name,)], team)
    score = score_verdict(verdict, target.output.name)
    warnings = wanted.list_warnings(hidden)
    return AuditedStage(verdict, score, policies, inputs.versions, state.reader_revisions, warnings, hidden)


def _with_expectations(
    runner: RuleRunner, verdict: Verdict, target: Target, staged: ParquetSource, team: TeamRules
) -> Verdict:
    """The verdict with what a team expects; its rules see this output alone, and of it the rows that the team sees."""
    tables: Tables = {(target.output.name,): replace(staged, view=_redact(team.view))}
    expectations = runner.evaluate(tables, target.output.name, target.contract, team.rules)
    return replace(verdict, results=(*verdict.results, *expectations.results))


def _redact(view: TableView) -> TableView:
    """The view with nothing in place of masked values: no rule that reads them is judged, so no key is needed."""
    return TableView(dict.fromkeys(view.masks, REDACT), view.condition)


@dataclass(frozen=True, slots=True)
class _Inputs:
    """The versions of inputs that rules read, the columns masked in them, and the rules that read what they may not."""

    versions: InputVersions
    masked: frozenset[str]
    closed: tuple[Rule, ...]


def _add_input_tables(context: Context, conn: Connection, target: Target, tables: Tables) -> _Inputs:
    """Adds the inputs that some rule names, at the newest versions of the majors they are pinned to or follow.

    Of another product's output a rule sees the rows that the product's team may read.
    """
    versions: dict[tuple[str, str], int] = {}
    masked: set[str] = set()
    closed: list[Rule] = []
    for needed in target.product.inputs:
        rules = [rule for rule in target.rules if rule.query is not None and reads_input(rule.query, needed)]
        version = _find_newest(conn, needed) if rules else None
        if version is not None:
            personal = find_masked_columns(conn, version)
            view = _find_input_view(context, conn, target, version, personal)
            closed += [rule for rule in rules if view is None or may_read(rule, view.masks)]
            if view is not None:
                tables[(needed.data_product, needed.output)] = open_version(context, version, _redact(view))
            versions[(version.product, version.output)] = version.version
            masked |= personal
    return _Inputs(versions, frozenset(masked), tuple(closed))


def _find_input_view(
    context: Context, conn: Connection, target: Target, version: VersionRow, personal: Collection[str]
) -> TableView | None:
    """What the product's team sees of the version; who opened the home may read its files anyway."""
    if context.principal.local:
        return WHOLE_TABLE
    row = products.find(conn, target.product.name)
    if row is None:  # its first publish registers it
        registered = Registered(target.product.name, target.product.owner, context.principal.name, context.clock())
    else:
        registered = Registered(row.name, row.owner, row.registered_by, row.registered_at)
    team, names = find_team(conn, registered), (version.product, version.output)
    return find_team_view(conn, context.clock(), team, *names, version.schema, personal)


def _find_newest(conn: Connection, needed: Input) -> VersionRow | None:
    try:
        return find_version(conn, needed.data_product, str(needed.wanted))
    except NotFound:  # not published yet: the rule that reads it says so
        return None
