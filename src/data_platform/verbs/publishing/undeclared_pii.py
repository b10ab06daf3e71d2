"""Finds personal data that nobody declared: by a sample of the values that were staged, and by the names of columns.

A finding is a result of the publish's verdict. It names a column, a kind and a share, and the numbers of rows; never a
value. The annotation `not_pii` of a column silences what is found in it.
"""

from __future__ import annotations

from data_platform.governance.personal import list_personal_names
from data_platform.quality.judge import MASK
from data_platform.quality.personal_data.detect import Detection, detect
from data_platform.quality.verdict import RuleResult
from data_platform.spec.policies import PiiDetection
from data_platform.spec.rules.model import PII_DETECTION, PersonalData, Rule, Severity, Unit
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.staging.sample import SampledText

BY_NAME = "by its name"


def find_undeclared_pii(
    schema: TableSchema, texts: tuple[SampledText, ...], mode: PiiDetection
) -> tuple[RuleResult, ...]:
    """What a sample and the names of a schema's columns show: one failed result for each column, or field in one."""
    if mode is PiiDetection.OFF:
        return ()
    severity = Severity.BLOCKING if mode is PiiDetection.BLOCK else Severity.WARNING
    detections = {
        text.path: _describe_detection(text, detection, severity)
        for text in texts
        if text.owner.not_pii is None and (detection := detect(text.values)) is not None
    }
    named = {path: _describe_name(path, severity) for path in list_personal_names(schema) if path not in detections}
    return (*detections.values(), *named.values())


def find_sampled_columns(findings: tuple[RuleResult, ...]) -> frozenset[str]:
    """The columns whose values were recognised: they are masked wherever rows of this publish are shown."""
    return frozenset(column for finding in findings if finding.value is not None for column in finding.rule.columns)


def _describe_detection(text: SampledText, detection: Detection, severity: Severity) -> RuleResult:
    rows = dict.fromkeys(text.rows[place] + 1 for place in detection.places)
    note = f"{detection.share:g} % of {detection.sampled:,} sampled values look like {detection.kind}"
    return RuleResult(
        _make_rule(text.path, detection.kind, severity),
        passed=False,
        value=detection.share,
        rows=tuple({"row": row, text.path: MASK} for row in rows),
        note=note,
    )


def _describe_name(path: str, severity: Severity) -> RuleResult:
    return RuleResult(
        _make_rule(path, BY_NAME, severity), passed=False, note="its name looks like that of personal data"
    )


def _make_rule(path: str, kind: str, severity: Severity) -> Rule:
    return Rule(
        f"undeclared personal data: {path} ({kind})",
        PersonalData(kind),
        severity=severity,
        unit=Unit.PERCENT,
        dimension="conformity",
        columns=(path.split(".")[0],),
        origin=PII_DETECTION,
    )
