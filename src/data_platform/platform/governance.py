"""What is asked of Platform about answering for products: who owns what, how ready it is, and who did what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from data_platform import verbs
from data_platform.platform.text_lists import check_texts
from data_platform.platform.transport import Asking
from data_platform.verbs.core.attachments import Attachments, check_function

if TYPE_CHECKING:
    from data_platform.verbs.results import (
        AuditAnchor,
        AuditEntry,
        AuditVerdict,
        DepartureInfo,
        DomainInfo,
        DomainReadiness,
        DomainStatus,
        ProductStorage,
        Readiness,
        Renamed,
        TermDetail,
        TermInfo,
        TermList,
        TransferInfo,
    )


class GovernanceMethods(Asking):
    """Who owns what, how ready it is, and who did what."""

    def checklist(self, product: str) -> Readiness:
        """The nine points of the production checklist and the four anti-patterns, each measured."""
        return self._transport.call(verbs.Checklist(product))

    def readiness(self) -> list[DomainReadiness]:
        """How ready the products of each domain are."""
        return self._transport.call(verbs.ListReadiness())

    def domains(self, name: str | None = None) -> list[DomainInfo]:
        """All domains, or that one."""
        return self._transport.call(verbs.ListDomains(name))

    def storage(self, domain: str | None = None, *, limit: int | None = None) -> list[ProductStorage]:
        """The products that store most, of the domains that you answer for or of that one."""
        return self._transport.call(verbs.ListStorage(domain, limit))

    def domain_status(self, name: str) -> DomainStatus:
        """What the products of a domain are like: verdicts, promises over 30 days, incidents, readiness, readers."""
        return self._transport.call(verbs.ShowDomain(name))

    def define_domain(
        self,
        name: str,
        responsibility: str | None = None,
        owner: str | None = None,
        members: Sequence[str] | None = None,
        *,
        after: int | None = None,
    ) -> DomainInfo:
        """Creates a domain, or changes what is given of it; with `after`, only over that revision of it."""
        given = check_texts("members", members)
        return self._transport.call(verbs.DefineDomain(name, responsibility, owner, given, after))

    def terms(
        self,
        search: str = "",
        letter: str | None = None,
        domain: str | None = None,
        *,
        retired: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> TermList:
        """The terms of the glossary by name, with all words of `search`, and how many there are."""
        return self._transport.call(verbs.ListTerms(search, letter, domain, retired, limit, offset))

    def term(self, name: str) -> TermDetail:
        """A term of the glossary, with narrower terms and the columns that are linked to it."""
        return self._transport.call(verbs.ShowTerm(name))

    def define_term(
        self,
        name: str,
        definition: str | None = None,
        owner: str | None = None,
        domain: str | None = None,
        parent: str | None = None,
        synonyms: Sequence[str] | None = None,
    ) -> TermInfo:
        """Defines a term, or changes what is given of it."""
        given = check_texts("synonyms", synonyms)
        return self._transport.call(verbs.DefineTerm(name, definition, owner, domain, parent, given))

    def retire_term(self, name: str) -> TermInfo:
        """Says that a term is not to be used any more; columns that are linked to it keep it."""
        return self._transport.call(verbs.RetireTerm(name))

    def transfer(self, product: str, to: str) -> TransferInfo:
        """Offers a product to another owner."""
        return self._transport.call(verbs.OfferTransfer(product, to))

    def rename(self, product: str, to: str) -> Renamed:
        """Calls a product `to` from now on; its old name leads there for good."""
        return self._transport.call(verbs.Rename(product, to))

    def accept_transfer(self, product: str) -> TransferInfo:
        """Takes the product that was offered; product.yaml must name the new owner from then on."""
        return self._transport.call(verbs.AcceptTransfer(product))

    def withdraw_transfer(self, product: str) -> TransferInfo:
        """Takes an offer back, or declines it."""
        return self._transport.call(verbs.WithdrawTransfer(product))

    def transfers(self) -> list[TransferInfo]:
        """The products that are offered and not accepted yet."""
        return self._transport.call(verbs.ListTransfers())

    def offboard(self, principal: str, *, back: bool = False) -> DepartureInfo:
        """Records that a person has left: each of their products has an incident until it has another owner."""
        return self._transport.call(verbs.Offboard(principal, back))

    def departures(self) -> list[DepartureInfo]:
        """Everybody who is gone, with what they still own."""
        return self._transport.call(verbs.ListDepartures())

    def audit_log(
        self,
        product: str | None = None,
        *,
        by: str | None = None,
        act: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = 100,
        after: int | None = None,
    ) -> list[AuditEntry]:
        """Who did what when from where, newest first; with `after`, what is behind that number, oldest first."""
        return self._transport.call(verbs.AuditLog(product, by, act, since, until, limit, after))

    def verify_audit(
        self, anchor: AuditAnchor | None = None, watch: Callable[[int, int], None] = lambda done, of: None
    ) -> AuditVerdict:
        """Whether the audit log is as it was written, and as it was when the anchor was taken."""
        check_function("watch", watch)
        attachments = Attachments(on_progress=lambda progress: watch(progress.done, progress.total or 0))
        return self._transport.call(verbs.VerifyAudit(anchor), attachments)

    def anchor_audit(self) -> AuditAnchor:
        """What to keep of the audit log elsewhere; reads so far are sealed first."""
        return self._transport.call(verbs.AnchorAudit())
