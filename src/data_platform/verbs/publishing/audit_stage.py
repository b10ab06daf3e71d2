"""AUDIT: rules are evaluated on the staged files, and the verdict keeps its preconditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from data_platform.access.view import TableView
from data_platform.errors import NotFound
from data_platform.governance.policies import ActivePolicies
from data_platform.quality.score import Score
from data_platform.quality.verdict import Verdict
from data_platform.quality.verdict_score import score_verdict
from data_platform.record.catalog import publish_state
from data_platform.record.catalog.versions import VersionRow
from data_platform.spec.access.masks import REDACT
from data_platform.spec.product.model import Input
from data_platform.spec.rules.model import Rule
from data_platform.tables.staging.sample import RowSample
from data_platform.tables.staging.stage import Staged
from data_platform.verbs.contracts.consumer_expectations import ConsumerExpectations, find_expectations
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.publish_target import Target
from data_platform.verbs.core.version_lookup import find_masked_columns, find_version
from data_platform.verbs.core.version_source import open_version
from data_platform.verbs.policies.evaluate import load_active_policies
from data_platform.verbs.publishing.rule_runner import RuleRunner, Tables, open_staged, reads_input, verify_seal
from data_platform.verbs.publishing.undeclared_pii import find_sampled_columns, find_undeclared_pii

InputVersions = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class AuditedStage:
    """A verdict, its score, and its preconditions beside the contract that the target names.

    `policies` were in force at the audit, `inputs` are the versions that rules read, `consumers` the contract revisions
    of those whose expectations it judged, `warnings` name the expectations that were not judged.
    """

    verdict: Verdict
    score: Score
    policies: ActivePolicies
    inputs: InputVersions
    consumers: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def audit(
    context: Context, target: Target, staged: Staged, keys: Mapping[str, bytes], sample: RowSample
) -> AuditedStage:
    """Verifies the encryption, runs every rule in the worker, and looks for undeclared PII in a sample of the rows.

    Raises StorageFailed when PII is unencrypted.
    """
    schema = target.contract
    verify_seal(target.subject, schema, staged)
    tables: Tables = {(target.output.name,): open_staged(schema, staged, keys)}
    with context.record.reading() as conn:
        state = publish_state.read(conn, target.product.name, target.output.name, target.name)
        policies = load_active_policies(context, conn, state.policy_revision)
        wanted = find_expectations(conn, policies, target) if state.reader_revisions else ConsumerExpectations()
        inputs, masked = _add_input_tables(context, conn, target, tables)
    runner = RuleRunner(context.worker, context.settings.limits.rule_seconds)
    undeclared = find_undeclared_pii(schema, sample.texts, policies.get_pii_detection(target.product.domain))
    masked |= find_sampled_columns(undeclared)
    verdict = runner.evaluate(tables, target.output.name, schema, target.rules, also_masked=masked)
    verdict = replace(verdict, results=(*verdict.results, *undeclared))
    if wanted.rules:
        own: Tables = {(target.output.name,): tables[(target.output.name,)]}
        verdict = _with_expectations(runner, verdict, target, own, wanted.rules, masked)
    score = score_verdict(verdict, target.output.name)
    return AuditedStage(verdict, score, policies, inputs, state.reader_revisions, wanted.warnings)


def _with_expectations(
    runner: RuleRunner, verdict: Verdict, target: Target, own: Tables, rules: Sequence[Rule], masked: Collection[str]
) -> Verdict:
    """The verdict with what consumers expect; their rules see this output alone, and a mask for personal data."""
    schema = target.contract
    view = TableView(dict.fromkeys(schema.masked, REDACT))
    viewed = {key: replace(source, view=view) for key, source in own.items()}
    expectations = runner.evaluate(viewed, target.output.name, schema, rules, also_masked=masked)
    return replace(verdict, results=(*verdict.results, *expectations.results))


def _add_input_tables(
    context: Context, conn: Connection, target: Target, tables: Tables
) -> tuple[InputVersions, frozenset[str]]:
    """Adds the inputs that some rule names, at the newest versions of the majors they are pinned to or follow.

    Returns these versions, and the columns that are masked in them.
    """
    queries = [rule.query for rule in target.rules if rule.query is not None]
    versions: dict[tuple[str, str], int] = {}
    masked: set[str] = set()
    for needed in target.product.inputs:
        version = _find_newest(conn, needed) if any(reads_input(query, needed) for query in queries) else None
        if version is not None:
            tables[(needed.data_product, needed.output)] = open_version(context, version)
            versions[(version.product, version.output)] = version.version
            masked |= find_masked_columns(conn, version)
    return versions, frozenset(masked)


def _find_newest(conn: Connection, needed: Input) -> VersionRow | None:
    try:
        return find_version(conn, needed.data_product, str(needed.wanted))
    except NotFound:  # not published yet: the rule that reads it says so
        return None
