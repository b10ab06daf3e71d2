"""What is asked of Platform about policies, and about exceptions from them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data_platform import verbs
from data_platform.platform.transport import Asking

if TYPE_CHECKING:
    from data_platform.spec.policies import PolicyFile
    from data_platform.spec.product.loading import ProductFile
    from data_platform.verbs.results import (
        AnonymisationInfo,
        Applied,
        AttestationInfo,
        PolicyCheck,
        PolicyFileInfo,
        PolicyRevisionInfo,
        PolicyStanding,
        PolicyStatus,
        ViolationInfo,
        WaiverInfo,
        WhatIf,
    )


class PolicyMethods(Asking):
    """What a platform can be asked about policies."""

    def policies(self, revision: int | None = None) -> PolicyFileInfo:
        """The policies that hold, or those of a revision, as they were written."""
        return self._transport.call(verbs.ShowPolicies(revision))

    def policy_history(self) -> list[PolicyRevisionInfo]:
        """Every revision of the policies, newest first: who applied it when, and why."""
        return self._transport.call(verbs.PolicyHistory())

    def what_if_policies(self, file: str | Path | PolicyFile, domain: str | None = None) -> WhatIf:
        """Which policies a file would change, and which products it would newly block, warn and free."""
        return self._transport.call(verbs.WhatIfPolicies.of(file, domain))

    def apply_policies(
        self,
        file: str | Path | PolicyFile,
        note: str | None = None,
        after: int | None = None,
        *,
        domain: str | None = None,
        allow_weakening: bool = False,
    ) -> Applied:
        """Replaces the levels that a policies file holds; `after` is the revision beside which its what-if was judged.

        With `domain` the file may hold that domain's policies alone. Removing or weakening a blocking policy is refused
        without `allow_weakening`.
        """
        request = verbs.ApplyPolicies.of(file, note, after, domain, allow_weakening)
        if self._transport.url is not None:  # a server opens no file that a case names
            # imported here: it loads the policy language, and most commands need none of it
            from data_platform.verbs.policies.check import refuse_failing_cases

            refuse_failing_cases(request.file, datetime.now(UTC))
        return self._transport.call(request)

    def check_policies(self, product: str | Path | ProductFile) -> PolicyCheck:
        """What the policies that hold would say, if the product.yaml were registered."""
        return self._transport.call(verbs.CheckPolicies.of(product))

    def explain_policies(self, product: str) -> list[PolicyStatus]:
        """The status of every policy that binds a product, and why."""
        return self._transport.call(verbs.ExplainPolicies(product))

    def policy_matrix(self) -> list[PolicyStanding]:
        """How many products of each domain keep each policy that binds them."""
        return self._transport.call(verbs.PolicyMatrix())

    def violations(
        self,
        policy: str | None = None,
        domain: str | None = None,
        product: str | None = None,
        limit: int | None = None,
    ) -> list[ViolationInfo]:
        """What breaks a policy now, newest first: of a policy, a domain or a product, or all."""
        return self._transport.call(verbs.ListViolations(policy, domain, product, limit))

    def waive_policy(
        self, product: str, policy: str, reason: str, until: datetime | date | str, subject: str | None = None
    ) -> WaiverInfo:
        """Requests a waiver of a policy until then; it has no effect until another principal approves it."""
        return self._transport.call(verbs.WaivePolicy(product, policy, reason, until, subject))

    def waivers(self, product: str | None = None) -> list[WaiverInfo]:
        """The waivers and requests of a product, or of all, newest first."""
        return self._transport.call(verbs.ListWaivers(product))

    def approve_waiver(self, id: int) -> WaiverInfo:
        """Approves the request of another principal."""
        return self._transport.call(verbs.ApproveWaiver(id))

    def end_waiver(self, id: int) -> WaiverInfo:
        """Declines a request, or ends a waiver before its time."""
        return self._transport.call(verbs.EndWaiver(id))

    def anonymisations(self, product: str | None = None) -> list[AnonymisationInfo]:
        """What the contract of a product, or of all, declares anonymous, newest first, with a governor's verdict."""
        return self._transport.call(verbs.ListAnonymisations(product))

    def approve_anonymisation(self, id: int, note: str | None = None) -> AnonymisationInfo:
        """Approves what another principal declared: the column is no personal data from the next publish on."""
        return self._transport.call(verbs.ApproveAnonymisation(id, note))

    def refuse_anonymisation(self, id: int, note: str) -> AnonymisationInfo:
        """Refuses a declaration, or withdraws its approval."""
        return self._transport.call(verbs.RefuseAnonymisation(id, note))

    def attest_policy(self, product: str, policy: str, evidence: str, until: datetime | date | str) -> AttestationInfo:
        """Gives your word, until then, that a product keeps a policy which no rule can judge."""
        return self._transport.call(verbs.AttestPolicy(product, policy, evidence, until))

    def attestations(self, product: str | None = None) -> list[AttestationInfo]:
        """The attestations of a product, or of all, newest first."""
        return self._transport.call(verbs.ListAttestations(product))

    def withdraw_attestation(self, id: int) -> AttestationInfo:
        """Takes an attestation back before its time."""
        return self._transport.call(verbs.WithdrawAttestation(id))
