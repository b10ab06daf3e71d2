"""Methods of Platform for access: requests, decisions about them, and grants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data_platform import verbs as _verbs
from data_platform.platform.text_lists import check_texts
from data_platform.platform.transport import Asking
from data_platform.spec.product.reference import Reference
from data_platform.spec.text.file import read_text
from data_platform.spec.text.paths import to_path
from data_platform.spec.text.report import Report
from data_platform.verbs.core.timestamps import Moment

if TYPE_CHECKING:
    from data_platform.verbs.results import (
        AccessExplanation,
        AccessRequestDetail,
        AccessRequestInfo,
        Agreements,
        BrokenGlass,
        GrantInfo,
        ReviewedGrant,
    )


class AccessMethods(Asking):
    """Requests for access, decisions about them, and grants."""

    def request_access(
        self,
        outputs: str | Sequence[str],
        purpose: str,
        *,
        columns: Sequence[str] | None = None,
        until: Moment | None = None,
        team: str | None = None,
        accept_terms: bool = False,
    ) -> AccessRequestInfo:
        """Requests access to outputs (`PRODUCT.OUTPUT`, or `PRODUCT` for each output of it), for a purpose.

        Without `columns` it asks for all of them. `until` is a moment, or a period such as `90d`. With `team` the
        access is that of a team that the caller is a member of.
        """
        names = (outputs,) if isinstance(outputs, str) else check_texts("outputs", outputs) or ()
        return self._transport.call(
            _verbs.RequestAccess(names, purpose, check_texts("columns", columns), until, team, accept_terms)
        )

    def explain_access(
        self, principal: str, product: str | Reference, output: str | None = None, *, purpose: str | None = None
    ) -> AccessExplanation:
        """Whether a principal may read an output, or each output of a product, what it sees, and which lines decide.

        The principal itself may ask, the owner of the product, a governor and an admin.
        """
        target = Reference.parse(product, output).refuse_version("an explanation of access")
        return self._transport.call(_verbs.ExplainAccess(principal, target.product, target.output_name, purpose))

    def own_access_requests(self) -> list[AccessRequestInfo]:
        """The requests that the caller made, or whose access it or a team of it has, newest first."""
        return self._transport.call(_verbs.ListOwnRequests())

    def undecided_access_requests(self) -> list[AccessRequestInfo]:
        """The requests about which the caller can decide now, newest first."""
        return self._transport.call(_verbs.ListUndecidedRequests())

    def access_request(self, id: int) -> AccessRequestDetail:
        """One request, with the columns, rows and derived products that it opens, its decisions and its grants."""
        return self._transport.call(_verbs.ShowRequest(id))

    def approve_access(
        self, id: int, note: str | None = None, *, outputs: Sequence[str] | None = None
    ) -> AccessRequestInfo:
        """Approves a request of another principal; `missing` of the answer names who has to approve yet."""
        return self._transport.call(_verbs.ApproveRequest(id, note, check_texts("outputs", outputs)))

    def deny_access(self, id: int, note: str, *, outputs: Sequence[str] | None = None) -> AccessRequestInfo:
        """Denies what is not decided yet of a request; `note` says why."""
        return self._transport.call(_verbs.DenyRequest(id, note, check_texts("outputs", outputs)))

    def withdraw_access_request(self, id: int) -> AccessRequestInfo:
        """Takes back what is not decided yet of a request of one's own."""
        return self._transport.call(_verbs.WithdrawRequest(id))

    def revoke_access(self, id: str | int) -> list[GrantInfo]:
        """Ends a grant (`12.1`), or all grants of a request (`12`)."""
        return self._transport.call(_verbs.RevokeAccess(str(id)))

    def renew_access(self, id: str | int, until: Moment, *, accept_terms: bool = False) -> AccessRequestInfo:
        """Requests another time for a grant, or for every grant of a request; once approved, it replaces them."""
        return self._transport.call(_verbs.RenewAccess(str(id), until, accept_terms))

    def review_access(self, product: str | None = None) -> list[ReviewedGrant]:
        """The open grants about which the caller may decide, with what their holders really read."""
        return self._transport.call(_verbs.ReviewGrants(product))

    def narrow_access(self, id: str) -> ReviewedGrant:
        """Narrows a grant to the columns that its holder really read; the answer is the grant that replaces it."""
        return self._transport.call(_verbs.NarrowGrant(id))

    def break_glass(self, product: str | Reference, reason: str) -> BrokenGlass:
        """Takes access to an output for one hour, personal data included; it opens an incident."""
        reference = Reference.parse(product)
        return self._transport.call(_verbs.BreakGlass(reference.product, reference.output_name or "", reason))

    def export_agreements(self, *, id: int | None = None, product: str | None = None) -> Agreements:
        """The agreements of a request, of a product, or of the caller, as Bitol's RFC 0056 has them (experimental)."""
        return self._transport.call(_verbs.ExportAgreements(id, product))

    def import_agreements(self, file: str | Path, *, accept_terms: bool = False) -> list[AccessRequestInfo]:
        """Requests what the agreements in a file say (experimental); nothing is granted without the usual approvals."""
        path = to_path(file, "the file")
        text = read_text(path, Report(str(path)))
        return self._transport.call(_verbs.ImportAgreements(text, str(path), accept_terms))
