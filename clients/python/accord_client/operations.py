"""Every operation of the API, by its tag. Made by dev/client/generate.py from /api/v1/openapi.json; not edited by hand."""

from __future__ import annotations

from typing import Literal

from accord_client import models as m
from accord_client.transport import Transport


class Agencies:
    """Operations tagged `agencies`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def directory(
        self,
        *,
        q: str | None = None,
        offence: str | None = None,
        kind: str | None = None,
        open_now: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageAgency:
        """The directory of agencies. Agencies by name, or those that answer for what is asked. `q` is a name, or the code of a place (17031, US-IL, MX): then those that answer for the whole of it come first. `offence` is an offence group, `kind` a kind of agency."""
        answer: m.PageAgency = self._transport.json(
            "GET",
            "/agencies",
            query={
                "q": q,
                "offence": offence,
                "kind": kind,
                "open_now": open_now,
                "after": after,
                "limit": limit,
            },
        )
        return answer

    def one_agency(self, agency_id: str) -> m.Agency:
        """One agency. One agency with its territory, competence and duty desk."""
        answer: m.Agency = self._transport.json(
            "GET", f"/agencies/{self._transport.step(agency_id)}"
        )
        return answer

    def agency_keys(
        self, agency_id: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageAgencyKeyOut:
        """Signing keys of an agency. Every key that it signed with, the newest first: a signature is judged by its moment."""
        answer: m.PageAgencyKeyOut = self._transport.json(
            "GET",
            f"/agencies/{self._transport.step(agency_id)}/keys",
            query={"after": after, "limit": limit},
        )
        return answer

    def propose_agency_change(self, agency_id: str, body: m.AgencyChangeIn) -> m.AgencyChangeOut:
        """Propose what your agency says of itself. Proposes another territory, competence, duty desk or key; another administrator approves it. A key that is revoked from now on is revoked at once (200)."""
        answer: m.AgencyChangeOut = self._transport.json(
            "POST",
            f"/agencies/{self._transport.step(agency_id)}/changes",
            body=body,
            purpose="system-administration",
        )
        return answer

    def list_agency_changes(
        self,
        agency_id: str,
        *,
        waiting: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageAgencyChangeOut:
        """Changes of your agency's entry. What waits for a second administrator; with `waiting=false` everything, the newest first."""
        answer: m.PageAgencyChangeOut = self._transport.json(
            "GET",
            f"/agencies/{self._transport.step(agency_id)}/changes",
            query={"waiting": waiting, "after": after, "limit": limit},
            purpose="system-administration",
        )
        return answer

    def approve_agency_change(self, change_id: str) -> m.AgencyChangeOut:
        """Approve a change of your agency's entry. Puts in force what another administrator proposed."""
        answer: m.AgencyChangeOut = self._transport.json(
            "POST",
            f"/agency-changes/{self._transport.step(change_id)}/approval",
            purpose="system-administration",
        )
        return answer

    def withdraw_agency_change(self, change_id: str) -> m.AgencyChangeOut:
        """Withdraw a change of your agency's entry. Takes a proposal back; any administrator of your agency may."""
        answer: m.AgencyChangeOut = self._transport.json(
            "POST",
            f"/agency-changes/{self._transport.step(change_id)}/withdrawal",
            purpose="system-administration",
        )
        return answer


class Agreements:
    """Operations tagged `agreements`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def simulate(self, body: m.SimulationIn) -> m.SimulationOut:
        """Try the agreements. Says what would be allowed, by which clause, and what would be missing; asks nobody. Records are of your own agency and open to you in this context; all else is not found."""
        answer: m.SimulationOut = self._transport.json("POST", "/agreements/simulations", body=body)
        return answer

    def who_can_see(self, record_id: str) -> m.AudienceOut:
        """Who can see this. For a record of your own agency: every agency that can reach one of its parts, and how."""
        answer: m.AudienceOut = self._transport.json(
            "GET", f"/records/{self._transport.step(record_id)}/who-can-see"
        )
        return answer

    def impact(self, content_hash: str) -> m.ImpactOut:
        """What a version changes. Compares the set in force with the set in which this version stands; counts your own only."""
        answer: m.ImpactOut = self._transport.json(
            "GET",
            f"/agreements/{self._transport.step(content_hash)}/impact",
            purpose="records-administration",
        )
        return answer

    def impact_of_draft(self, draft_id: str) -> m.ImpactOut:
        """What a draft would change. The draft as it stands beside the set in force; only the agency that writes it reads this."""
        answer: m.ImpactOut = self._transport.json(
            "GET",
            f"/agreement-drafts/{self._transport.step(draft_id)}/impact",
            purpose="records-administration",
        )
        return answer

    def list_versions(
        self,
        *,
        state: str | None = None,
        agreement: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageAgreementLine:
        """Agreements on this node. Every version, by agreement and age; agreements are read by every member."""
        answer: m.PageAgreementLine = self._transport.json(
            "GET",
            "/agreements",
            query={"state": state, "agreement": agreement, "after": after, "limit": limit},
        )
        return answer

    def propose(self, body: m.Propose) -> m.Proposed:
        """Propose an agreement. Stores a version; it decides nothing until every party signed it and it is activated. Every fault names file, line, field or clause, and the rule."""
        answer: m.Proposed = self._transport.json("POST", "/agreements", body=body)
        return answer

    def in_force(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageAgreementLine:
        """What decides now. The signed and activated versions whose time it is."""
        answer: m.PageAgreementLine = self._transport.json(
            "GET", "/agreements/in-force", query={"after": after, "limit": limit}
        )
        return answer

    def one_version(self, content_hash: str) -> m.AgreementOut:
        """One version, whole. Text, clauses with plain language, signatures, and the canonical form that is signed."""
        answer: m.AgreementOut = self._transport.json(
            "GET", f"/agreements/{self._transport.step(content_hash)}"
        )
        return answer

    def versions(
        self, content_hash: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageAgreementLine:
        """Every version of an agreement. The versions of the agreement of which this hash names one, by age."""
        answer: m.PageAgreementLine = self._transport.json(
            "GET",
            f"/agreements/{self._transport.step(content_hash)}/versions",
            query={"after": after, "limit": limit},
        )
        return answer

    def canonical(
        self,
        content_hash: str,
        *,
        step: Literal["activate", "suspend", "resume", "terminate"] | None = None,
        at: str | None = None,
        reason: str | None = None,
    ) -> m.ToSign:
        """What to sign. The canonical form (RFC 8785) of the version, or of a step that is about to be taken."""
        answer: m.ToSign = self._transport.json(
            "GET",
            f"/agreements/{self._transport.step(content_hash)}/canonical",
            query={"step": step, "at": at, "reason": reason},
        )
        return answer

    def sign(self, content_hash: str, body: m.Sign) -> m.AgreementLine:
        """Sign. Adds the signature of the member's agency, checked under that agency's public key."""
        answer: m.AgreementLine = self._transport.json(
            "POST", f"/agreements/{self._transport.step(content_hash)}/signatures", body=body
        )
        return answer

    def list_member_signatures(
        self, content_hash: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageMemberSignatureLine:
        """Signatures of members. What members signed with passkeys about this version, beside their agencies' signatures."""
        answer: m.PageMemberSignatureLine = self._transport.json(
            "GET",
            f"/agreements/{self._transport.step(content_hash)}/signatures",
            query={"after": after, "limit": limit},
        )
        return answer

    def withdraw(self, content_hash: str, body: m.Withdraw) -> m.AgreementLine:
        """Withdraw a proposal. Takes back what the member's agency proposed, while it is not in force; this is final."""
        answer: m.AgreementLine = self._transport.json(
            "POST", f"/agreements/{self._transport.step(content_hash)}/withdrawal", body=body
        )
        return answer

    def activate(self, content_hash: str, body: m.Attest | None) -> m.AgreementLine:
        """Put in force. Puts a version in force once every party signed; an amendment replaces its parent. What will then decide is proven first: the compiled form against the source, and every invariant that a party keeps. Without z3 on the node this is refused."""
        answer: m.AgreementLine = self._transport.json(
            "POST", f"/agreements/{self._transport.step(content_hash)}/activation", body=body
        )
        return answer

    def suspend(self, content_hash: str, body: m.Because) -> m.AgreementLine:
        """Suspend. Holds the whole agreement back, from the next request on; any party may, at once."""
        answer: m.AgreementLine = self._transport.json(
            "POST", f"/agreements/{self._transport.step(content_hash)}/suspension", body=body
        )
        return answer

    def resume(self, content_hash: str, body: m.Because) -> m.AgreementLine:
        """Resume. Ends the suspension by the member's agency; in force again once nobody else suspends it."""
        answer: m.AgreementLine = self._transport.json(
            "POST", f"/agreements/{self._transport.step(content_hash)}/resumption", body=body
        )
        return answer

    def terminate(self, content_hash: str, body: m.Because) -> m.AgreementLine:
        """Terminate. Ends the agreement for every party, from the next request on; this is final."""
        answer: m.AgreementLine = self._transport.json(
            "POST", f"/agreements/{self._transport.step(content_hash)}/termination", body=body
        )
        return answer

    def member_signature(self, content_hash: str, signature_id: str) -> m.MemberSignatureBundle:
        """A signature to verify. One signature of a member with all that proves it, to be checked without this node."""
        answer: m.MemberSignatureBundle = self._transport.json(
            "GET",
            f"/agreements/{self._transport.step(content_hash)}/signatures/{self._transport.step(signature_id)}",
        )
        return answer

    def list_drafts(self, *, after: str | None = None, limit: int | None = None) -> m.PageDraftLine:
        """Your agency's drafts. What the member's agency is writing, the latest edit first."""
        answer: m.PageDraftLine = self._transport.json(
            "GET", "/agreement-drafts", query={"after": after, "limit": limit}
        )
        return answer

    def begin(self, body: m.DraftIn) -> m.DraftOut:
        """Begin a draft. Stores a text that may be unfinished; it is checked when it is proposed, or by a check."""
        answer: m.DraftOut = self._transport.json("POST", "/agreement-drafts", body=body)
        return answer

    def check(self, body: m.TextIn) -> m.Checked:
        """Check a text. Every fault with its line and rule, and every caution; nothing is stored."""
        answer: m.Checked = self._transport.json("POST", "/agreement-checks", body=body)
        return answer

    def one_draft(self, draft_id: str) -> m.DraftOut:
        """One draft. The draft with its text; another agency's draft is absent."""
        answer: m.DraftOut = self._transport.json(
            "GET", f"/agreement-drafts/{self._transport.step(draft_id)}"
        )
        return answer

    def edit(self, draft_id: str, body: m.Edit) -> m.DraftOut:
        """Edit a draft. Keeps an edit; 409 when somebody else edited the draft since `based_on`, and nothing changes."""
        answer: m.DraftOut = self._transport.json(
            "POST", f"/agreement-drafts/{self._transport.step(draft_id)}/revisions", body=body
        )
        return answer

    def discard(self, draft_id: str, body: m.Revision) -> None:
        """Discard a draft. Throws the draft away, unless somebody edited it since `based_on`."""
        self._transport.nothing(
            "POST", f"/agreement-drafts/{self._transport.step(draft_id)}/discarding", body=body
        )

    def propose_draft(self, draft_id: str, body: m.Revision) -> m.ProposedDraft:
        """Propose a draft. Proposes what the draft says and ends the draft; faults are named, and nothing changes."""
        answer: m.ProposedDraft = self._transport.json(
            "POST", f"/agreement-drafts/{self._transport.step(draft_id)}/proposal", body=body
        )
        return answer

    def comparison(self, content_hash: str, *, against: str | None = None) -> m.ComparisonOut:
        """Compare versions. Narrower, wider, equal or incomparable, proven over every question; 403 without z3."""
        answer: m.ComparisonOut = self._transport.json(
            "GET",
            f"/agreements/{self._transport.step(content_hash)}/comparison",
            query={"against": against},
        )
        return answer

    def proof(self, content_hash: str) -> m.ProofOut:
        """Prove the invariants. Whether what its parties want never to follow can follow beside all that is in force."""
        answer: m.ProofOut = self._transport.json(
            "GET", f"/agreements/{self._transport.step(content_hash)}/invariants"
        )
        return answer


class Assistance:
    """Operations tagged `assistance`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ask(self, body: m.AssistanceNeed) -> m.AssistanceAsked:
        """Ask for assistance. Asks one agency, or each that offers it; none learns of the others."""
        answer: m.AssistanceAsked = self._transport.json("POST", "/assistance", body=body)
        return answer

    def list_requests(
        self,
        *,
        side: Literal["received", "sent"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageAssistanceLine:
        """Requests for assistance. Requests without their texts, overdue first."""
        answer: m.PageAssistanceLine = self._transport.json(
            "GET",
            "/assistance",
            query={"side": side, "after": after, "limit": limit},
            purpose="case-administration",
        )
        return answer

    def one_request(self, assistance_id: str) -> m.AssistanceOut:
        """One request. One request with what was said and done."""
        answer: m.AssistanceOut = self._transport.json(
            "GET",
            f"/assistance/{self._transport.step(assistance_id)}",
            purpose="case-administration",
        )
        return answer

    def acknowledge(self, assistance_id: str) -> m.AssistanceOut:
        """Acknowledge. Says that the request was read; the deadline goes on."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/acknowledgement",
            purpose="case-administration",
        )
        return answer

    def accept(self, assistance_id: str, body: m.Acceptance) -> m.AssistanceOut:
        """Accept. Accepts for the asked agency. A name shows where that member agreed, and while they do."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/acceptance",
            body=body,
            purpose="case-administration",
        )
        return answer

    def decline(self, assistance_id: str, body: m.AssistanceText) -> m.AssistanceOut:
        """Decline. Declines with a reason, also what was accepted and cannot be kept."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/refusal",
            body=body,
            purpose="case-administration",
        )
        return answer

    def pass_on(self, assistance_id: str, body: m.PassingOn) -> m.AssistanceOut:
        """Pass on. Names another agency. The asker sends it there, or does not."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/passing-on",
            body=body,
            purpose="case-administration",
        )
        return answer

    def escalate(self, assistance_id: str) -> m.AssistanceOut:
        """Escalate. Escalates what is overdue: a supervisor of the asked agency answers."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/escalation",
            purpose="case-administration",
        )
        return answer

    def remark(self, assistance_id: str, body: m.AssistanceText) -> m.AssistanceOut:
        """Remark. Adds a short remark that both sides read."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/remarks",
            body=body,
            purpose="case-administration",
        )
        return answer

    def complete(self, assistance_id: str) -> m.AssistanceOut:
        """Say it is done. Says, as either side, that the help was given."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/completion",
            purpose="case-administration",
        )
        return answer

    def withdraw(self, assistance_id: str) -> m.AssistanceOut:
        """Withdraw. Takes a request back, as who asked or a supervisor of the asking agency."""
        answer: m.AssistanceOut = self._transport.json(
            "POST",
            f"/assistance/{self._transport.step(assistance_id)}/withdrawal",
            purpose="case-administration",
        )
        return answer


class Cases:
    """Operations tagged `cases`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_cases(self, *, after: str | None = None, limit: int | None = None) -> m.PageCaseLine:
        """My cases. The cases that the member works on or supervises, newest first."""
        answer: m.PageCaseLine = self._transport.json(
            "GET", "/cases", query={"after": after, "limit": limit}
        )
        return answer

    def open_case(self, body: m.OpenCase) -> m.CaseOut:
        """Open a case. Only a supervisor opens a case, because opening it fixes its purposes."""
        answer: m.CaseOut = self._transport.json("POST", "/cases", body=body)
        return answer

    def get_case(self, number: str) -> m.CaseOut:
        """One case. The case and who works on it; its title where a clause lets the member read that."""
        answer: m.CaseOut = self._transport.json("GET", f"/cases/{self._transport.step(number)}")
        return answer

    def admit(self, number: str, body: m.AdmitMember) -> m.CaseMemberOut:
        """Admit a member. A supervisor of the lead agency decides who works on a case."""
        answer: m.CaseMemberOut = self._transport.json(
            "POST", f"/cases/{self._transport.step(number)}/members", body=body
        )
        return answer

    def release(self, number: str, membership: str) -> None:
        """Release a member. Ends a member's need to know; effective on that member's next request."""
        self._transport.nothing(
            "DELETE",
            f"/cases/{self._transport.step(number)}/members/{self._transport.step(membership)}",
        )

    def placed(
        self, number: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PagePlaced:
        """What is placed in a case. The records in the case that the member may see, newest first."""
        answer: m.PagePlaced = self._transport.json(
            "GET",
            f"/cases/{self._transport.step(number)}/records",
            query={"after": after, "limit": limit},
        )
        return answer

    def place(self, number: str, body: m.PlaceRecord) -> None:
        """Place a record in a case. Places one of the agency's own records: what clauses open in a case opens to its members."""
        self._transport.nothing("POST", f"/cases/{self._transport.step(number)}/records", body=body)

    def withdraw(self, number: str, record: str) -> None:
        """Take a record out. Takes one of the agency's own records out of a case; effective on the next request."""
        self._transport.nothing(
            "DELETE",
            f"/cases/{self._transport.step(number)}/records/{self._transport.step(record)}",
        )

    def notes(
        self, number: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageNoteOut:
        """The notes of a case. The newest revision of every note, newest first; two when two people edited at once."""
        answer: m.PageNoteOut = self._transport.json(
            "GET",
            f"/cases/{self._transport.step(number)}/notes",
            query={"after": after, "limit": limit},
        )
        return answer

    def write_note(self, number: str, body: m.WriteNote) -> m.NoteWritten:
        """Write or edit a note. Writes a note, or with `based_on` a new revision of one; an edit overwrites nothing."""
        answer: m.NoteWritten = self._transport.json(
            "POST", f"/cases/{self._transport.step(number)}/notes", body=body
        )
        return answer

    def note_history(
        self, number: str, note: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageNoteOut:
        """Every revision of a note. Every revision that the member may read, oldest first."""
        answer: m.PageNoteOut = self._transport.json(
            "GET",
            f"/cases/{self._transport.step(number)}/notes/{self._transport.step(note)}",
            query={"after": after, "limit": limit},
        )
        return answer

    def close(self, number: str) -> m.CaseLine:
        """Close a case. A supervisor of the lead agency closes a case; nothing is lost by closing."""
        answer: m.CaseLine = self._transport.json(
            "POST", f"/cases/{self._transport.step(number)}/close"
        )
        return answer

    def reopen(self, number: str) -> m.CaseLine:
        """Reopen a case. A supervisor of the lead agency opens a closed case again."""
        answer: m.CaseLine = self._transport.json(
            "POST", f"/cases/{self._transport.step(number)}/reopen"
        )
        return answer


class Custody:
    """Operations tagged `custody`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_custody(
        self,
        *,
        view: Literal["offered", "held", "had"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageCustodyLine:
        """Exhibits in custody. Exhibits of your agency's custody, the last step first."""
        answer: m.PageCustodyLine = self._transport.json(
            "GET",
            "/custody",
            query={"view": view, "after": after, "limit": limit},
            purpose="case-administration",
        )
        return answer

    def list_alarms(self, *, after: str | None = None, limit: int | None = None) -> m.PageAlarmOut:
        """Alarms of stored files. Alarms that your agency's exhibits, or those in its custody, raised."""
        answer: m.PageAlarmOut = self._transport.json(
            "GET",
            "/custody/alarms",
            query={"after": after, "limit": limit},
            purpose="case-administration",
        )
        return answer

    def one_chain(self, exhibit_id: str) -> m.CustodyOut:
        """One chain of custody. The chain of one exhibit, replayed, with everything that is wrong with it."""
        answer: m.CustodyOut = self._transport.json(
            "GET", f"/custody/{self._transport.step(exhibit_id)}", purpose="case-administration"
        )
        return answer

    def custody_file(self, exhibit_id: str) -> m.CustodyFile:
        """A chain, to be verified. The file `accord-custody/1`: events, signatures and receipts, for accord-verify."""
        answer: m.CustodyFile = self._transport.json(
            "GET",
            f"/custody/{self._transport.step(exhibit_id)}/file",
            purpose="case-administration",
        )
        return answer

    def take_step(self, exhibit_id: str, body: m.CustodyStep) -> m.CustodyEventOut:
        """Take a step. Takes a step, dated now. Offer, return, accept, decline, release and disposal take a passkey."""
        answer: m.CustodyEventOut = self._transport.json(
            "POST",
            f"/custody/{self._transport.step(exhibit_id)}/steps",
            body=body,
            purpose="case-administration",
        )
        return answer

    def one_alarm(self, alarm_id: str) -> m.AlarmOut:
        """One alarm. One alarm, with what its owner's people said."""
        answer: m.AlarmOut = self._transport.json(
            "GET",
            f"/custody/alarms/{self._transport.step(alarm_id)}",
            purpose="case-administration",
        )
        return answer

    def explain(self, alarm_id: str, body: m.AlarmReason) -> m.AlarmOut:
        """Explain an alarm. Says, for the owner, why the exhibit may be handed on again."""
        answer: m.AlarmOut = self._transport.json(
            "POST",
            f"/custody/alarms/{self._transport.step(alarm_id)}/explanation",
            body=body,
            purpose="case-administration",
        )
        return answer

    def confirm(self, alarm_id: str, body: m.AlarmReason) -> m.AlarmOut:
        """End an alarm. Confirms, as a second person of the owner, what the first one said: the alarm ends."""
        answer: m.AlarmOut = self._transport.json(
            "POST",
            f"/custody/alarms/{self._transport.step(alarm_id)}/resolution",
            body=body,
            purpose="case-administration",
        )
        return answer


class Directory:
    """Operations tagged `directory`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_members(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageDirectoryMember:
        """Members of your agency. Every membership of your agency, what ends first first; for administrators and oversight."""
        answer: m.PageDirectoryMember = self._transport.json(
            "GET",
            "/members",
            query={"after": after, "limit": limit},
            purpose="system-administration",
        )
        return answer

    def propose_member(self, body: m.NewMemberIn) -> m.MemberChangeOut:
        """Propose a member. Proposes a new member; another administrator approves it within seven days."""
        answer: m.MemberChangeOut = self._transport.json(
            "POST", "/members", body=body, purpose="system-administration"
        )
        return answer

    def one_member(self, membership: str) -> m.DirectoryMember:
        """One member. One membership of your agency, in force or over."""
        answer: m.DirectoryMember = self._transport.json(
            "GET", f"/members/{self._transport.step(membership)}", purpose="system-administration"
        )
        return answer

    def change_member(self, membership: str, body: m.MemberChangeIn) -> m.MemberChangeOut:
        """Change a membership. What takes away is in force at once (200); what gives more waits for a second person (202)."""
        answer: m.MemberChangeOut = self._transport.json(
            "POST",
            f"/members/{self._transport.step(membership)}/changes",
            body=body,
            purpose="system-administration",
        )
        return answer

    def list_changes(
        self, *, waiting: bool | None = None, after: str | None = None, limit: int | None = None
    ) -> m.PageMemberChangeOut:
        """Changes of members. What waits for a second person, the oldest first; with `waiting=false` everything."""
        answer: m.PageMemberChangeOut = self._transport.json(
            "GET",
            "/member-changes",
            query={"waiting": waiting, "after": after, "limit": limit},
            purpose="system-administration",
        )
        return answer

    def one_change(self, change_id: str) -> m.MemberChangeOut:
        """One change. One change of a membership of your agency."""
        answer: m.MemberChangeOut = self._transport.json(
            "GET",
            f"/member-changes/{self._transport.step(change_id)}",
            purpose="system-administration",
        )
        return answer

    def approve_change(self, change_id: str) -> m.MemberChangeApplied:
        """Approve a change. Puts in force what another administrator proposed about a third person."""
        answer: m.MemberChangeApplied = self._transport.json(
            "POST",
            f"/member-changes/{self._transport.step(change_id)}/approval",
            purpose="system-administration",
        )
        return answer

    def make_code(self, change_id: str) -> m.LinkCode:
        """Code of a link. Makes the code beside the link of a change that you proposed and another approved. The member needs both; the code before it opens nothing any more."""
        answer: m.LinkCode = self._transport.json(
            "POST",
            f"/member-changes/{self._transport.step(change_id)}/code",
            purpose="system-administration",
        )
        return answer

    def withdraw_change(self, change_id: str) -> m.MemberChangeOut:
        """Withdraw a change. Takes a proposal back; any administrator of your agency may."""
        answer: m.MemberChangeOut = self._transport.json(
            "POST",
            f"/member-changes/{self._transport.step(change_id)}/withdrawal",
            purpose="system-administration",
        )
        return answer


class Exhibits:
    """Operations tagged `exhibits`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def begin(self) -> None:
        """Begin to send a file (tus). tus creation: `Upload-Length`; in `Upload-Metadata` filename, filetype and, perhaps, sha256. `Location` says where to send the pieces. Any tus 1.0 client does all of this."""
        self._transport.nothing("POST", "/exhibits/uploads")

    def list_uploads(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageUploadOut:
        """Your files on their way in. Those of this case that are not exhibits yet, the newest first."""
        answer: m.PageUploadOut = self._transport.json(
            "GET", "/exhibits/uploads", query={"after": after, "limit": limit}
        )
        return answer

    def one_upload(self, upload_id: str) -> m.UploadOut:
        """One file on its way in. How far it has come, and its hashes once it is whole. Others' files are not found."""
        answer: m.UploadOut = self._transport.json(
            "GET", f"/exhibits/uploads/{self._transport.step(upload_id)}"
        )
        return answer

    def where(self, upload_id: str) -> None:
        """Where it goes on. tus: `Upload-Offset` says how many bytes are here. Nothing of this is logged."""
        self._transport.nothing("HEAD", f"/exhibits/uploads/{self._transport.step(upload_id)}")

    def send(self, upload_id: str) -> None:
        """Send the next piece. tus: `Upload-Offset`, bytes of `application/offset+octet-stream`, perhaps `Upload-Checksum`. A piece of up to 48 MiB; 8 MiB is a good size. It is durable when this answers 204. 409 where it does not begin at the offset, 423 while another is being sent, 460 where the checksum differs."""
        self._transport.nothing("PATCH", f"/exhibits/uploads/{self._transport.step(upload_id)}")

    def discard(self, upload_id: str) -> None:
        """Discard a file. tus termination: nothing of it stays."""
        self._transport.nothing("DELETE", f"/exhibits/uploads/{self._transport.step(upload_id)}")

    def acquire(self, body: m.AcquireIn) -> m.Acquired:
        """Acquire an exhibit. Make an exhibit of a whole upload: it gets the next number of your agency in this case. It is your agency's alone until it is placed in the case like any record."""
        answer: m.Acquired = self._transport.json("POST", "/exhibits", body=body)
        return answer

    def list_exhibits(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageExhibitOut:
        """Exhibits of the case. Acquired in it, or placed in it, as far as they are open to you."""
        answer: m.PageExhibitOut = self._transport.json(
            "GET", "/exhibits", query={"after": after, "limit": limit}
        )
        return answer

    def one_exhibit(self, record_id: str) -> m.ExhibitOut:
        """One exhibit. With what is sealed in it, where that is open. Its parts are at `/records/{record}`."""
        answer: m.ExhibitOut = self._transport.json(
            "GET", f"/exhibits/{self._transport.step(record_id)}"
        )
        return answer

    def record_basis(self, record_id: str, body: m.BasisIn) -> m.GroundedOut:
        """Record the legal basis. Of your own exhibit, by a revision. `unrecorded` takes it from everybody else at once. What your agency made of it and stands on the same ground loses it too."""
        answer: m.GroundedOut = self._transport.json(
            "POST", f"/exhibits/{self._transport.step(record_id)}/basis", body=body
        )
        return answer

    def take_file(self, record_id: str, body: m.FileAsked) -> None:
        """Take the file. The bytes as they came, alone or in a ZIP with the sheet that stamps them; a disclosure. `Accord-Ledger-Entry` names its entry in the ledger."""
        self._transport.nothing(
            "POST", f"/exhibits/{self._transport.step(record_id)}/file", body=body
        )

    def one_reading(self, record_id: str) -> m.ReadingOut:
        """What was read of its file. Its kind, what it says of itself, previews, files inside; the text is apart. Not found where the file is not open to you, or nobody asked for a reading. Of a sealed file this, its text and its previews ask for a proof of the last ten minutes."""
        answer: m.ReadingOut = self._transport.json(
            "GET", f"/exhibits/{self._transport.step(record_id)}/reading"
        )
        return answer

    def read_again(self, record_id: str) -> m.ReadingOut:
        """Have its file read. Of your own exhibit, again where it was read: after tesseract was installed, say. What is known of it so far comes along, unless it is sealed and your proof is an old one."""
        answer: m.ReadingOut = self._transport.json(
            "POST", f"/exhibits/{self._transport.step(record_id)}/reading"
        )
        return answer

    def text(
        self,
        record_id: str,
        *,
        find_text: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PagePassageOut:
        """Text in its file. By page, sheet or message; with `find_text` the places where that stands, whatever its case."""
        answer: m.PagePassageOut = self._transport.json(
            "GET",
            f"/exhibits/{self._transport.step(record_id)}/text",
            query={"find_text": find_text, "after": after, "limit": limit},
        )
        return answer

    def preview(self, record_id: str, picture: str) -> None:
        """A preview (WebP, Ogg, WebM). A picture drawn or a stretch encoded anew from the file; no byte of the file itself. One range of bytes may be asked for."""
        self._transport.nothing(
            "GET",
            f"/exhibits/{self._transport.step(record_id)}/previews/{self._transport.step(picture)}",
        )

    def derive(self, record_id: str, body: m.DeriveIn) -> m.DerivationOut:
        """Derive from it. Ask for an exhibit made of this one; the source is only read. Ask again how far it has come. A derivation is a copy: whoever may not take one, or has no custody of the exhibit, is refused."""
        answer: m.DerivationOut = self._transport.json(
            "POST", f"/exhibits/{self._transport.step(record_id)}/derivations", body=body
        )
        return answer

    def list_derived(
        self, record_id: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageDerivedOut:
        """What was made of it. The exhibits made of this one that are open to you."""
        answer: m.PageDerivedOut = self._transport.json(
            "GET",
            f"/exhibits/{self._transport.step(record_id)}/derivations",
            query={"after": after, "limit": limit},
        )
        return answer

    def one_derivation(self, derivation_id: str) -> m.DerivationOut:
        """How far a derivation has come. One of yours; others' are not found."""
        answer: m.DerivationOut = self._transport.json(
            "GET", f"/exhibits/derivations/{self._transport.step(derivation_id)}"
        )
        return answer

    def cancel_derivation(self, derivation_id: str) -> m.DerivationOut:
        """Cancel a derivation. One of yours that is not done; nothing of it is kept."""
        answer: m.DerivationOut = self._transport.json(
            "POST", f"/exhibits/derivations/{self._transport.step(derivation_id)}/cancel"
        )
        return answer

    def plan_bundle(self) -> m.BundlePlan:
        """What a bundle would hold. Exhibits of the case that can be taken together, and those that cannot with the reason."""
        answer: m.BundlePlan = self._transport.json("GET", "/exhibits/bundle")
        return answer

    def take_bundle(self, body: m.BundleAsked) -> None:
        """Take a bundle. A ZIP with files, custody, CASE/UCO graph, certificate draft and manifest; a disclosure. `accord-verify` checks it. `Accord-Ledger-Entry` names its entry in the ledger, which holds the SHA-256 of the manifest."""
        self._transport.nothing("POST", "/exhibits/bundle", body=body)


class Expertise:
    """Operations tagged `expertise`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def look(
        self,
        *,
        discipline: str | None = None,
        language: str | None = None,
        agency: str | None = None,
        place: str | None = None,
        level: Literal["aware", "practitioner", "expert", "court-qualified"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageExpertiseOut:
        """Look in the directory. What agencies that share an agreement with yours offer now, and your own agency."""
        answer: m.PageExpertiseOut = self._transport.json(
            "GET",
            "/expertise",
            query={
                "discipline": discipline,
                "language": language,
                "agency": agency,
                "place": place,
                "level": level,
                "after": after,
                "limit": limit,
            },
            purpose="case-administration",
        )
        return answer

    def propose(self, body: m.ExpertiseProposal) -> m.ExpertiseProposed:
        """Propose an entry. Listed once your agency attests it."""
        answer: m.ExpertiseProposed = self._transport.json(
            "POST", "/expertise", body=body, purpose="case-administration"
        )
        return answer

    def mine(self, *, after: str | None = None, limit: int | None = None) -> m.PageExpertiseOut:
        """Your own entries. What you proposed, in every state."""
        answer: m.PageExpertiseOut = self._transport.json(
            "GET",
            "/expertise/mine",
            query={"after": after, "limit": limit},
            purpose="case-administration",
        )
        return answer

    def of_agency(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageExpertiseOut:
        """Your agency's entries. What waits to be attested and what was, for who attests."""
        answer: m.PageExpertiseOut = self._transport.json(
            "GET",
            "/expertise/agency",
            query={"after": after, "limit": limit},
            purpose="case-administration",
        )
        return answer

    def attest(self, expertise_id: str, body: m.Attestation) -> m.ExpertiseOut:
        """Attest. Attests an entry of your agency, as a supervisor or administrator; nobody's own."""
        answer: m.ExpertiseOut = self._transport.json(
            "POST",
            f"/expertise/{self._transport.step(expertise_id)}/attestation",
            body=body,
            purpose="case-administration",
        )
        return answer

    def withdraw(self, expertise_id: str) -> m.ExpertiseOut:
        """Withdraw an entry. Takes an entry out, as its member or as who attests."""
        answer: m.ExpertiseOut = self._transport.json(
            "POST",
            f"/expertise/{self._transport.step(expertise_id)}/withdrawal",
            purpose="case-administration",
        )
        return answer

    def set_named(self, expertise_id: str, body: m.Naming) -> m.ExpertiseOut:
        """Be named or not. Says whether your name is shown; nobody says it for you."""
        answer: m.ExpertiseOut = self._transport.json(
            "POST",
            f"/expertise/{self._transport.step(expertise_id)}/naming",
            body=body,
            purpose="case-administration",
        )
        return answer


class Intake:
    """Operations tagged `intake`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def contribute_record(self, body: m.RecordIn) -> m.Contributed:
        """Contribute a record. Adds a record of your agency, or the next revision of it; the same content is no change."""
        answer: m.Contributed = self._transport.json("POST", "/records", body=body)
        return answer

    def push(self, body: m.Pushed) -> m.BatchAnswer:
        """Push records. Takes up to 500 records from your records-management system, each known by its source reference. A batch may be sent again: the same content is no change, other content is a revision. A record that breaks a rule is refused alone, with every rule that it broke; nothing of it is kept."""
        answer: m.BatchAnswer = self._transport.json(
            "POST", "/records/batches", body=body, purpose="records-administration"
        )
        return answer

    def send_file(
        self,
        *,
        file: tuple[str, bytes],
        mapping: str | None = None,
        mapping_name: str | None = None,
        format: str | None = None,
        basis: str | None = None,
        wait: bool | None = None,
    ) -> m.RunOut:
        """Send a file. Takes CSV, a spreadsheet, JSON lines, NIBRS, CASE/UCO or followthemoney, after checking its form. The format is recognised by content unless it is named. A table needs `mapping` (YAML), or the `mapping_name` of a saved one, or a saved one that fits its header. CASE/UCO and followthemoney need `basis`. With `wait` a table without a mapping waits a day for one. A worker brings the rows in."""
        answer: m.RunOut = self._transport.json(
            "POST",
            "/intake-runs",
            form={
                "file": file,
                "mapping": mapping,
                "mapping_name": mapping_name,
                "format": format,
                "basis": basis,
                "wait": wait,
            },
            purpose="records-administration",
        )
        return answer

    def list_runs(self, *, after: str | None = None, limit: int | None = None) -> m.PageRunOut:
        """The latest files. Your agency's files, newest first."""
        answer: m.PageRunOut = self._transport.json(
            "GET",
            "/intake-runs",
            query={"after": after, "limit": limit},
            purpose="records-administration",
        )
        return answer

    def one_run(self, run_id: str) -> m.RunOut:
        """One file. How far a file has come."""
        answer: m.RunOut = self._transport.json(
            "GET", f"/intake-runs/{self._transport.step(run_id)}", purpose="records-administration"
        )
        return answer

    def quarantine(
        self, run_id: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageRefusedRow:
        """Rows set apart. The rows that broke a rule, by line."""
        answer: m.PageRefusedRow = self._transport.json(
            "GET",
            f"/intake-runs/{self._transport.step(run_id)}/quarantine",
            query={"after": after, "limit": limit},
            purpose="records-administration",
        )
        return answer

    def cancel(self, run_id: str) -> m.RunOut:
        """Stop a file. Stops before the next batch; what was loaded stays."""
        answer: m.RunOut = self._transport.json(
            "POST",
            f"/intake-runs/{self._transport.step(run_id)}/cancel",
            purpose="records-administration",
        )
        return answer

    def resolve(self, entry_id: str) -> None:
        """Mark a row as mended. Says that the record of a refused row came in another way."""
        self._transport.nothing(
            "POST",
            f"/quarantine/{self._transport.step(entry_id)}/resolve",
            purpose="records-administration",
        )

    def list_mappings(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageMappingOut:
        """Saved mappings. The newest version of each mapping of your agency, by name."""
        answer: m.PageMappingOut = self._transport.json(
            "GET",
            "/intake-mappings",
            query={"after": after, "limit": limit},
            purpose="records-administration",
        )
        return answer

    def save(self, body: m.MappingIn) -> m.MappingOut:
        """Save a mapping. Keeps a mapping under a name, as its next version; the same text makes none."""
        answer: m.MappingOut = self._transport.json(
            "POST", "/intake-mappings", body=body, purpose="records-administration"
        )
        return answer

    def one_mapping(self, name: str, *, version: int | None = None) -> m.MappingOut:
        """One mapping. Its newest version, or the one you ask for."""
        answer: m.MappingOut = self._transport.json(
            "GET",
            f"/intake-mappings/{self._transport.step(name)}",
            query={"version": version},
            purpose="records-administration",
        )
        return answer

    def columns(self, run_id: str) -> m.Columns:
        """Columns of a file. The columns of a file that you sent and that waits for its mapping, with guesses."""
        answer: m.Columns = self._transport.json(
            "GET",
            f"/intake-runs/{self._transport.step(run_id)}/columns",
            purpose="records-administration",
        )
        return answer

    def try_mapping(self, run_id: str, body: m.Try) -> m.Tried:
        """Try a mapping. What the first 20 rows of a file that waits would become; nothing is written."""
        answer: m.Tried = self._transport.json(
            "POST",
            f"/intake-runs/{self._transport.step(run_id)}/previews",
            body=body,
            purpose="records-administration",
        )
        return answer

    def use_mapping(self, run_id: str, body: m.Use) -> None:
        """Map a file. Lets a file that waits come in under a mapping; a worker brings its rows in."""
        self._transport.nothing(
            "POST",
            f"/intake-runs/{self._transport.step(run_id)}/mapping",
            body=body,
            purpose="records-administration",
        )


class Ledger:
    """Operations tagged `ledger`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def checkpoint(self) -> m.SignedHead:
        """The newest signed head (public). Needs no token: the tree's size and root are public, and say nothing of what was logged."""
        answer: m.SignedHead = self._transport.json("GET", "/ledger/checkpoint")
        return answer

    def own_entries(
        self,
        *,
        kind: m.Kind | None = None,
        case: str | None = None,
        record: str | None = None,
        clause: str | None = None,
        actor: str | None = None,
        since: str | None = None,
        until: str | None = None,
        whole_agency: bool | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageLedgerLine:
        """What I did. The member's own entries, newest first; reading them is itself logged."""
        answer: m.PageLedgerLine = self._transport.json(
            "GET",
            "/ledger/entries",
            query={
                "kind": kind,
                "case": case,
                "record": record,
                "clause": clause,
                "actor": actor,
                "since": since,
                "until": until,
                "whole_agency": whole_agency,
                "after": after,
                "limit": limit,
            },
        )
        return answer

    def owner_entries(
        self,
        *,
        kind: m.Kind | None = None,
        record: str | None = None,
        actor: str | None = None,
        agency: str | None = None,
        clause: str | None = None,
        since: str | None = None,
        until: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageLedgerLine:
        """What was done with our records. Who saw which record of the member's agency, when and under which clause, newest first."""
        answer: m.PageLedgerLine = self._transport.json(
            "GET",
            "/ledger/records",
            query={
                "kind": kind,
                "record": record,
                "actor": actor,
                "agency": agency,
                "clause": clause,
                "since": since,
                "until": until,
                "after": after,
                "limit": limit,
            },
        )
        return answer

    def export_disclosures(
        self,
        *,
        kind: m.Kind | None = None,
        record: str | None = None,
        actor: str | None = None,
        agency: str | None = None,
        clause: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> bytes:
        """What was done with our records, as a file with every proof. A line for each entry with its receipt, newest first; 409 for more than 5,000 of them."""
        answer: bytes = self._transport.raw(
            "GET",
            "/ledger/records/export",
            query={
                "kind": kind,
                "record": record,
                "actor": actor,
                "agency": agency,
                "clause": clause,
                "since": since,
                "until": until,
            },
        )
        return answer

    def one_entry(self, entry_id: str) -> m.LedgerEntry:
        """One entry. Complete for its actor and the oversight of the actor's agency; else the owner's view."""
        answer: m.LedgerEntry = self._transport.json(
            "GET", f"/ledger/entries/{self._transport.step(entry_id)}"
        )
        return answer

    def receipt(
        self,
        entry_id: str,
        *,
        item: int | None = None,
        record: str | None = None,
        view: Literal["acting", "owning"] | None = None,
    ) -> m.Receipt:
        """The proof of one. A proof that verifies without this node; 409 until the entry has its place."""
        answer: m.Receipt = self._transport.json(
            "GET",
            f"/ledger/entries/{self._transport.step(entry_id)}/receipt",
            query={"item": item, "record": record, "view": view},
        )
        return answer

    def export(self) -> bytes:
        """The whole ledger, as one file. Every leaf and signed head, with the bodies that the member may read."""
        answer: bytes = self._transport.raw("GET", "/ledger/export")
        return answer

    def propose_erasure(self, entry_id: str, body: m.ErasureIn) -> m.ErasureOut:
        """Propose to erase an entry's body. Proposes as the first person that what your agency holds of an entry be erased. 403 for whoever acted in it, under a legal hold, and where a duty, a chain of custody or a recall still needs it; 409 where it is proposed or erased already."""
        answer: m.ErasureOut = self._transport.json(
            "POST",
            f"/ledger/entries/{self._transport.step(entry_id)}/erasure-proposals",
            body=body,
            purpose="records-administration",
        )
        return answer

    def list_erasures(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageErasureOut:
        """Proposals to erase. What people of your agency proposed to erase, and what became of it, newest first."""
        answer: m.PageErasureOut = self._transport.json(
            "GET",
            "/ledger/erasures",
            query={"after": after, "limit": limit},
            purpose="records-administration",
        )
        return answer

    def one_erasure(self, erasure_id: str) -> m.ErasureOut:
        """One proposal to erase. One proposal, for those of your agency who may decide about it."""
        answer: m.ErasureOut = self._transport.json(
            "GET",
            f"/ledger/erasures/{self._transport.step(erasure_id)}",
            purpose="records-administration",
        )
        return answer

    def approve_erasure(self, erasure_id: str) -> m.ErasureOut:
        """Erase an entry's body. Erases as the second person what another proposed; it cannot be undone. The entry keeps its place in the tree. Backups keep the body until they expire."""
        answer: m.ErasureOut = self._transport.json(
            "POST",
            f"/ledger/erasures/{self._transport.step(erasure_id)}/approval",
            purpose="records-administration",
        )
        return answer

    def withdraw_erasure(self, erasure_id: str) -> m.ErasureOut:
        """Withdraw a proposal to erase. Takes a proposal back; anybody of your agency who may decide about it may."""
        answer: m.ErasureOut = self._transport.json(
            "POST",
            f"/ledger/erasures/{self._transport.step(erasure_id)}/withdrawal",
            purpose="records-administration",
        )
        return answer


class Members:
    """Operations tagged `members`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> m.Me:
        """The member that the token stands for. Name, agency, roles, clearance and training, with what is no longer valid marked so."""
        answer: m.Me = self._transport.json("GET", "/me")
        return answer

    def contexts(self) -> m.Contexts:
        """In which contexts the member may ask. Every purpose and legal basis of the vocabulary, and the member's own cases."""
        answer: m.Contexts = self._transport.json("GET", "/contexts")
        return answer


class Obligations:
    """Operations tagged `obligations`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_obligations(
        self,
        *,
        side: Literal["ours", "owed"] | None = None,
        state: m.DutyState | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageObligationOut:
        """Obligations. Obligations of your own reading (all of the agency's for oversight) or towards your agency."""
        answer: m.PageObligationOut = self._transport.json(
            "GET",
            "/obligations",
            query={"side": side, "state": state, "after": after, "limit": limit},
        )
        return answer

    def one_obligation(self, duty_id: str) -> m.ObligationOut:
        """One obligation. One obligation, for whoever owes it and whoever it is owed to."""
        answer: m.ObligationOut = self._transport.json(
            "GET", f"/obligations/{self._transport.step(duty_id)}"
        )
        return answer

    def discharge(self, duty_id: str, body: m.Discharge) -> m.ObligationOut:
        """Discharge. Tells the owner now, attests what became of copies, or takes note of a notice."""
        answer: m.ObligationOut = self._transport.json(
            "POST", f"/obligations/{self._transport.step(duty_id)}/discharge", body=body
        )
        return answer

    def list_copies(
        self,
        *,
        side: Literal["ours", "owed"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageCopyOut:
        """Copies taken. Copies in your agency's hands that you took, or copies of your agency's records."""
        answer: m.PageCopyOut = self._transport.json(
            "GET", "/exports", query={"side": side, "after": after, "limit": limit}
        )
        return answer

    def take_copy(self, record_id: str, body: m.CopyAsked) -> None:
        """Take a copy of a record. What is open to you for `export`, part by part, stamped; as a file, logged as a disclosure."""
        self._transport.nothing(
            "POST", f"/records/{self._transport.step(record_id)}/export", body=body
        )


class QuickChecks:
    """Operations tagged `quick checks`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_checks(
        self,
        *,
        which: Literal["mine", "review"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageQuickCheckOut:
        """Quick checks. Your own quick checks; for supervisors and oversight officers also those to review."""
        answer: m.PageQuickCheckOut = self._transport.json(
            "GET",
            "/quick-checks",
            query={"which": which, "after": after, "limit": limit},
            purpose="oversight",
        )
        return answer

    def review(self, check_id: str, body: m.VerdictIn) -> m.QuickCheckOut:
        """Review. Says of a sampled check of a colleague whether it was justified; once."""
        answer: m.QuickCheckOut = self._transport.json(
            "POST",
            f"/quick-checks/{self._transport.step(check_id)}/verdict",
            body=body,
            purpose="oversight",
        )
        return answer


class Recalls:
    """Operations tagged `recalls`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def recall_record(self, record_id: str, body: m.RecallAsked) -> m.Recalled:
        """Recall a record. Ends everything that was given of an own record, and asks every recipient about copies."""
        answer: m.Recalled = self._transport.json(
            "POST", f"/records/{self._transport.step(record_id)}/recall", body=body
        )
        return answer

    def list_recalls(
        self,
        *,
        side: Literal["ours", "from-us"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageRecallOut:
        """Recalls. Recalls of your agency or from it, overdue first, for those who follow them up."""
        answer: m.PageRecallOut = self._transport.json(
            "GET", "/recalls", query={"side": side, "after": after, "limit": limit}
        )
        return answer

    def one_recall(self, notice_id: str) -> m.RecallOut:
        """One recall. One notice with what was said about it."""
        answer: m.RecallOut = self._transport.json(
            "GET", f"/recalls/{self._transport.step(notice_id)}"
        )
        return answer

    def answer(self, notice_id: str, body: m.RecallReceiptIn) -> m.RecallOut:
        """Send the receipt. Says, signed where the key is here, what became of copies."""
        answer: m.RecallOut = self._transport.json(
            "POST", f"/recalls/{self._transport.step(notice_id)}/receipt", body=body
        )
        return answer

    def hold(self, notice_id: str, body: m.Held) -> m.RecallOut:
        """State a legal hold. Says that a legal hold of the recipient keeps the copies; the recall stays open."""
        answer: m.RecallOut = self._transport.json(
            "POST", f"/recalls/{self._transport.step(notice_id)}/held", body=body
        )
        return answer

    def escalate(self, notice_id: str) -> m.RecallOut:
        """Escalate. Escalates an overdue recall to the recipient's duty desk."""
        answer: m.RecallOut = self._transport.json(
            "POST", f"/recalls/{self._transport.step(notice_id)}/escalation"
        )
        return answer

    def note(self, notice_id: str) -> m.RecallOut:
        """Take note. Takes note of a receipt as the owner, which closes the recall towards that recipient."""
        answer: m.RecallOut = self._transport.json(
            "POST", f"/recalls/{self._transport.step(notice_id)}/closing"
        )
        return answer


class Records:
    """Operations tagged `records`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_latest(
        self, *, schema: str | None = None, after: str | None = None, limit: int | None = None
    ) -> m.PageRecordLine:
        """The latest records. The records that you may see, newest first; there is no total."""
        answer: m.PageRecordLine = self._transport.json(
            "GET", "/records", query={"schema": schema, "after": after, "limit": limit}
        )
        return answer

    def one_record(self, record_id: str) -> m.RecordOut:
        """One record. A record with every part that is open to you, each with the clause that opens it."""
        answer: m.RecordOut = self._transport.json(
            "GET", f"/records/{self._transport.step(record_id)}"
        )
        return answer

    def revisions(
        self, record_id: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PagePartOut:
        """Every revision of a record. Every revision of every part that is open to you, newest first. An older revision is judged under its own label and under the newest one."""
        answer: m.PagePartOut = self._transport.json(
            "GET",
            f"/records/{self._transport.step(record_id)}/history",
            query={"after": after, "limit": limit},
        )
        return answer


class Requests:
    """Operations tagged `requests`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ask(self, handle: str, body: m.Reason) -> m.Asked:
        """Ask the owner of a hit. Asks the owner to disclose the record behind a hit, in the context of this request."""
        answer: m.Asked = self._transport.json(
            "POST", f"/hits/{self._transport.step(handle)}/requests", body=body
        )
        return answer

    def list_requests(
        self,
        *,
        side: Literal["sent", "received"] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageRequestLineOut:
        """Disclosure requests. Requests without their texts."""
        answer: m.PageRequestLineOut = self._transport.json(
            "GET", "/requests", query={"side": side, "after": after, "limit": limit}
        )
        return answer

    def one_request(self, request_id: str) -> m.RequestOut:
        """One disclosure request. One request with its reason and answer, as far as clauses let you read them."""
        answer: m.RequestOut = self._transport.json(
            "GET", f"/requests/{self._transport.step(request_id)}"
        )
        return answer

    def answer(self, request_id: str, body: m.Answering) -> m.RequestOut:
        """Answer. Answers as a person of the owning agency: what is granted opens through a key on the part."""
        answer: m.RequestOut = self._transport.json(
            "POST", f"/requests/{self._transport.step(request_id)}/answer", body=body
        )
        return answer

    def withdraw(self, request_id: str) -> m.RequestOut:
        """Withdraw. Takes back one's own question while it is open."""
        answer: m.RequestOut = self._transport.json(
            "POST", f"/requests/{self._transport.step(request_id)}/withdraw"
        )
        return answer

    def revoke(self, request_id: str) -> m.RequestOut:
        """Revoke. Takes back what was granted, effective on the next request."""
        answer: m.RequestOut = self._transport.json(
            "POST", f"/requests/{self._transport.step(request_id)}/revoke"
        )
        return answer


class Retention:
    """Operations tagged `retention`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_queue(self, *, after: str | None = None, limit: int | None = None) -> m.PageKeptOut:
        """Records to review. Own records whose review or last day comes within 30 days, for those who keep them."""
        answer: m.PageKeptOut = self._transport.json(
            "GET", "/retention/queue", query={"after": after, "limit": limit}
        )
        return answer

    def one_record(self, record_id: str) -> m.ReviewedOut:
        """One review. How long an own record is kept, and every part that a purge of it removes."""
        answer: m.ReviewedOut = self._transport.json(
            "GET", f"/retention/records/{self._transport.step(record_id)}"
        )
        return answer

    def validate(self, record_id: str, body: m.Validation) -> m.ReviewedOut:
        """Keep a record. Keeps a record after its review, with new days and never beyond the legal maximum."""
        answer: m.ReviewedOut = self._transport.json(
            "POST", f"/retention/records/{self._transport.step(record_id)}/validation", body=body
        )
        return answer

    def propose(self, record_id: str, body: m.Proposal) -> m.ReviewOut:
        """Propose a purge. Proposes as the first person that a record be purged; it stays until a second one approves."""
        answer: m.ReviewOut = self._transport.json(
            "POST",
            f"/retention/records/{self._transport.step(record_id)}/purge-proposals",
            body=body,
        )
        return answer

    def list_purges(self, *, after: str | None = None, limit: int | None = None) -> m.PageReviewOut:
        """Purges proposed. What one person of your agency proposed to purge, and no second has decided."""
        answer: m.PageReviewOut = self._transport.json(
            "GET", "/retention/purges", query={"after": after, "limit": limit}
        )
        return answer

    def approve(self, review_id: str, body: m.Approval) -> m.ReviewOut:
        """Purge a record. Purges as the second person what another proposed; it cannot be undone."""
        answer: m.ReviewOut = self._transport.json(
            "POST", f"/retention/purges/{self._transport.step(review_id)}/approval", body=body
        )
        return answer

    def withdraw(self, review_id: str) -> m.ReviewOut:
        """Keep it after all. Takes a proposal to purge back; the record stays."""
        answer: m.ReviewOut = self._transport.json(
            "POST", f"/retention/purges/{self._transport.step(review_id)}/refusal"
        )
        return answer

    def list_tombstones(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageTombstoneOut:
        """What was purged. What your agency purged: that a record was here, and nothing of what it said."""
        answer: m.PageTombstoneOut = self._transport.json(
            "GET", "/retention/tombstones", query={"after": after, "limit": limit}
        )
        return answer

    def hold(self, record_id: str, body: m.HoldAsked) -> None:
        """Legal hold. Puts an own record under a legal hold, which beats purge and recall, or ends the hold. What was gone before no hold keeps: `gone` of `/retention/records/...` says what that is."""
        self._transport.nothing(
            "POST", f"/records/{self._transport.step(record_id)}/legal-hold", body=body
        )

    def last_day(self, record_id: str, body: m.LastDay) -> None:
        """Set the last day. Sets the last day of an own record, never beyond the legal maximum."""
        self._transport.nothing(
            "POST", f"/records/{self._transport.step(record_id)}/last-day", body=body
        )

    def relabel(self, part_id: str, body: m.LabelAsked) -> m.Relabelled:
        """Change a label. Gives the current part of an own record another label; a stricter one starts a recall."""
        answer: m.Relabelled = self._transport.json(
            "POST", f"/parts/{self._transport.step(part_id)}/label", body=body
        )
        return answer


class Search:
    """Operations tagged `search`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ask(self, body: m.Ask) -> m.Answer:
        """Search. Searches everything that you may see, and asks other agencies hit or no hit. A question that knows too little is answered from what you may see alone. Questions to other agencies, and hits, are on a quota an hour."""
        answer: m.Answer = self._transport.json("POST", "/search", body=body)
        return answer

    def list_searches(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageSavedOut:
        """Saved searches. Yours, of this working context."""
        answer: m.PageSavedOut = self._transport.json(
            "GET", "/searches", query={"after": after, "limit": limit}
        )
        return answer

    def save_search(self, body: m.SaveIn) -> m.SavedOut:
        """Save a search. Keeps the question; nothing of its answer counts as seen until you say so."""
        answer: m.SavedOut = self._transport.json("POST", "/searches", body=body)
        return answer

    def run_search(self, search_id: str) -> m.NewAnswer:
        """Run a saved search. Asks again, under what is open to you now, and is logged like any search."""
        answer: m.NewAnswer = self._transport.json(
            "GET", f"/searches/{self._transport.step(search_id)}/answer"
        )
        return answer

    def mark_seen(self, search_id: str, body: m.SeenIn) -> m.SavedOut:
        """Mark as seen. What was shown is no longer new."""
        answer: m.SavedOut = self._transport.json(
            "POST", f"/searches/{self._transport.step(search_id)}/seen", body=body
        )
        return answer

    def rename(self, search_id: str, body: m.NameIn) -> m.SavedOut:
        """Rename. Gives it another name."""
        answer: m.SavedOut = self._transport.json(
            "POST", f"/searches/{self._transport.step(search_id)}/name", body=body
        )
        return answer

    def delete(self, search_id: str) -> m.SavedOut:
        """Delete. Takes it away; for a day it can be brought back."""
        answer: m.SavedOut = self._transport.json(
            "POST", f"/searches/{self._transport.step(search_id)}/deletion"
        )
        return answer

    def restore(self, search_id: str) -> m.SavedOut:
        """Bring back. Undoes a deletion of the last day."""
        answer: m.SavedOut = self._transport.json(
            "POST", f"/searches/{self._transport.step(search_id)}/restoration"
        )
        return answer


class Statements:
    """Operations tagged `statements`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_statements(
        self,
        *,
        state: m.StatementState | None = None,
        kind: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageStatementLine:
        """Statements of your agency. Consents and determinations that your agency gave and you may read, newest first."""
        answer: m.PageStatementLine = self._transport.json(
            "GET",
            "/statements",
            query={"state": state, "kind": kind, "after": after, "limit": limit},
        )
        return answer

    def list_notices(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageNoticeOut:
        """Statements of others for yours. What other agencies stated for yours, and emergencies that may open records of yours."""
        answer: m.PageNoticeOut = self._transport.json(
            "GET", "/statements/towards-us", query={"after": after, "limit": limit}
        )
        return answer

    def one_statement(self, statement_id: str) -> m.StatementOut:
        """One statement. One statement of your agency with its signatures verified, its history and its clauses."""
        answer: m.StatementOut = self._transport.json(
            "GET", f"/statements/{self._transport.step(statement_id)}"
        )
        return answer

    def give_consent(self, body: m.ConsentIn) -> m.StatementOut:
        """Record a consent. Opens the named parts to that agency for that purpose, where clauses ask for consent."""
        answer: m.StatementOut = self._transport.json("POST", "/statements/consents", body=body)
        return answer

    def give_determination(self, body: m.DeterminationIn) -> m.StatementOut:
        """Make a determination. Opens the named parts to that agency where clauses ask for such a determination."""
        answer: m.StatementOut = self._transport.json(
            "POST", "/statements/determinations", body=body
        )
        return answer

    def declare(self, body: m.EmergencyIn) -> m.StatementOut:
        """Declare an emergency. Declares an emergency in the case of this request; it opens nothing until confirmed."""
        answer: m.StatementOut = self._transport.json("POST", "/statements/emergencies", body=body)
        return answer

    def list_member_signatures(
        self, statement_id: str, *, after: str | None = None, limit: int | None = None
    ) -> m.PageMemberSignatureLine:
        """Signatures of members. What members signed with passkeys about this statement, beside the agency's signatures."""
        answer: m.PageMemberSignatureLine = self._transport.json(
            "GET",
            f"/statements/{self._transport.step(statement_id)}/signatures",
            query={"after": after, "limit": limit},
        )
        return answer

    def member_signature(self, statement_id: str, signature_id: str) -> m.MemberSignatureBundle:
        """A signature to verify. One signature of a member with all that proves it, to be checked without this node."""
        answer: m.MemberSignatureBundle = self._transport.json(
            "GET",
            f"/statements/{self._transport.step(statement_id)}/signatures/{self._transport.step(signature_id)}",
        )
        return answer

    def sign_statement(self, statement_id: str, body: m.SignatureIn) -> m.StatementOut:
        """Sign. Brings the agency's signature over `canonical` to a statement that you made."""
        answer: m.StatementOut = self._transport.json(
            "POST", f"/statements/{self._transport.step(statement_id)}/signature", body=body
        )
        return answer

    def confirm(self, statement_id: str, body: m.SignatureIn) -> m.StatementOut:
        """Confirm. Confirms an emergency as the second person, with a signature over `confirmation`."""
        answer: m.StatementOut = self._transport.json(
            "POST", f"/statements/{self._transport.step(statement_id)}/confirmation", body=body
        )
        return answer

    def revoke_statement(self, statement_id: str, body: m.RevocationIn) -> m.StatementOut:
        """Take it back. Ends it now; what it opened is closed on the next request."""
        answer: m.StatementOut = self._transport.json(
            "POST", f"/statements/{self._transport.step(statement_id)}/revocation", body=body
        )
        return answer

    def review(self, statement_id: str, body: m.ReviewIn) -> m.StatementOut:
        """Review. Says as a third person how an emergency is judged."""
        answer: m.StatementOut = self._transport.json(
            "POST", f"/statements/{self._transport.step(statement_id)}/review", body=body
        )
        return answer

    def extend(self, statement_id: str, body: m.ExtensionIn) -> m.StatementOut:
        """Extend. Gives a new statement like this one with a later end, while this one still holds."""
        answer: m.StatementOut = self._transport.json(
            "POST", f"/statements/{self._transport.step(statement_id)}/extension", body=body
        )
        return answer


class Subscriptions:
    """Operations tagged `subscriptions`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def subscribe(self, body: m.SubscriptionAsked) -> m.SubscriptionMade:
        """Subscribe. Asks for a plate, a telephone or a name from now on, in the case of this request."""
        answer: m.SubscriptionMade = self._transport.json("POST", "/subscriptions", body=body)
        return answer

    def list_subscriptions(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageSubscriptionOut:
        """Your subscriptions. What you subscribe to in this purpose and case."""
        answer: m.PageSubscriptionOut = self._transport.json(
            "GET", "/subscriptions", query={"after": after, "limit": limit}
        )
        return answer

    def take_step(self, subscription_id: str, body: m.SubscriptionStep) -> m.SubscriptionOut:
        """Pause or end. Pauses, resumes or ends one of your subscriptions."""
        answer: m.SubscriptionOut = self._transport.json(
            "POST", f"/subscriptions/{self._transport.step(subscription_id)}/step", body=body
        )
        return answer

    def list_notices(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageSubscriptionNoticeOut:
        """Notices. What your subscriptions of this purpose and case met, as far as it is open to you now."""
        answer: m.PageSubscriptionNoticeOut = self._transport.json(
            "GET", "/subscription-notices", query={"after": after, "limit": limit}
        )
        return answer


class Systems:
    """Operations tagged `systems`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_systems(
        self, *, after: str | None = None, limit: int | None = None
    ) -> m.PageSystemOut:
        """Systems of your agency. Every system of the agency with its clients, for its system administrators."""
        answer: m.PageSystemOut = self._transport.json(
            "GET",
            "/systems",
            query={"after": after, "limit": limit},
            purpose="system-administration",
        )
        return answer

    def propose(self, body: m.SystemIn) -> m.SystemOut:
        """Ask for a system. It becomes a member when another administrator approves it, within seven days."""
        answer: m.SystemOut = self._transport.json(
            "POST", "/systems", body=body, purpose="system-administration"
        )
        return answer

    def approve(self, system_id: str) -> m.SystemOut:
        """Approve a system. By another administrator than the one who asked for it."""
        answer: m.SystemOut = self._transport.json(
            "POST",
            f"/systems/{self._transport.step(system_id)}/approval",
            purpose="system-administration",
        )
        return answer

    def end(self, system_id: str) -> None:
        """End a system. With its clients, and their tokens from the next request on."""
        self._transport.nothing(
            "DELETE", f"/systems/{self._transport.step(system_id)}", purpose="system-administration"
        )

    def propose_owner(self, system_id: str, body: m.OwnerIn) -> m.SystemOut:
        """Name who answers for a system. Another person answers for it once another administrator approves, within seven days."""
        answer: m.SystemOut = self._transport.json(
            "POST",
            f"/systems/{self._transport.step(system_id)}/owner",
            body=body,
            purpose="system-administration",
        )
        return answer

    def withdraw_owner(self, system_id: str) -> None:
        """Take back who was named for a system. By any administrator, while it is not approved."""
        self._transport.nothing(
            "DELETE",
            f"/systems/{self._transport.step(system_id)}/owner",
            purpose="system-administration",
        )

    def approve_owner(self, system_id: str, body: m.OwnerIn) -> m.SystemOut:
        """Approve who answers for a system. By another administrator than the one who named them, and than they are."""
        answer: m.SystemOut = self._transport.json(
            "POST",
            f"/systems/{self._transport.step(system_id)}/owner/approval",
            body=body,
            purpose="system-administration",
        )
        return answer

    def register(self, system_id: str, body: m.ClientIn) -> m.ClientOut:
        """Register a client. What a system authenticates as, and the most that it may ask a token for."""
        answer: m.ClientOut = self._transport.json(
            "POST",
            f"/systems/{self._transport.step(system_id)}/clients",
            body=body,
            purpose="system-administration",
        )
        return answer

    def add_secret(self, client_id: str, body: m.SecretIn) -> m.SecretOut:
        """A secret of a client. Shown once; it opens nothing until another administrator approves it. Two are valid at a time, so that the system can change from one to the other."""
        answer: m.SecretOut = self._transport.json(
            "POST",
            f"/clients/{self._transport.step(client_id)}/secrets",
            body=body,
            purpose="system-administration",
        )
        return answer

    def add_key(self, client_id: str, body: m.KeyIn) -> m.ClientOut:
        """A key of a client. A public key, which another administrator approves; the private one stays in the system."""
        answer: m.ClientOut = self._transport.json(
            "POST",
            f"/clients/{self._transport.step(client_id)}/keys",
            body=body,
            purpose="system-administration",
        )
        return answer

    def approve_credential(self, credential_id: str) -> m.ClientOut:
        """Approve a secret or key. By an administrator who neither made it, registered its client nor answers for the system. It opens what `purposes` and `actions` of the client say, under the roles of the system."""
        answer: m.ClientOut = self._transport.json(
            "POST",
            f"/client-credentials/{self._transport.step(credential_id)}/approval",
            purpose="system-administration",
        )
        return answer

    def revoke_credential(self, credential_id: str) -> None:
        """Revoke a secret or key. With every token that was got by it."""
        self._transport.nothing(
            "DELETE",
            f"/client-credentials/{self._transport.step(credential_id)}",
            purpose="system-administration",
        )

    def revoke_client(self, client_id: str) -> None:
        """Revoke a client. With every token of it."""
        self._transport.nothing(
            "DELETE", f"/clients/{self._transport.step(client_id)}", purpose="system-administration"
        )


class Tokens:
    """Operations tagged `tokens`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_tokens(self, *, after: str | None = None, limit: int | None = None) -> m.PageTokenOut:
        """Your tokens. The latest tokens of this membership, the newest first."""
        answer: m.PageTokenOut = self._transport.json(
            "GET",
            "/tokens",
            query={"after": after, "limit": limit},
            purpose="system-administration",
        )
        return answer

    def revoke(self, token_id: str) -> None:
        """Revoke a token. It opens nothing from the next request on. A token may revoke itself, and any of its member's."""
        self._transport.nothing(
            "DELETE", f"/tokens/{self._transport.step(token_id)}", purpose="system-administration"
        )


class Webhooks:
    """Operations tagged `webhooks`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_webhooks(self, *, after: str | None = None, limit: int | None = None) -> m.PageWebhook:
        """The webhooks of your agency. Those that a supervisor may see, and those that are told under your standing."""
        answer: m.PageWebhook = self._transport.json(
            "GET",
            "/webhooks",
            query={"after": after, "limit": limit},
            purpose="records-administration",
        )
        return answer

    def set_up(self, body: m.SetUp) -> m.WebhookSecret:
        """Set up a webhook. Tells the endpoint of changes from now on: ids and kinds, signed after Standard Webhooks."""
        answer: m.WebhookSecret = self._transport.json(
            "POST", "/webhooks", body=body, purpose="records-administration"
        )
        return answer

    def pause(self, webhook: str) -> m.Webhook:
        """Pause a webhook. Nothing is sent until it is resumed; what changes meanwhile is not told later."""
        answer: m.Webhook = self._transport.json(
            "POST",
            f"/webhooks/{self._transport.step(webhook)}/pause",
            purpose="records-administration",
        )
        return answer

    def resume(self, webhook: str) -> m.Webhook:
        """Resume a webhook. Tells it of changes from now on."""
        answer: m.Webhook = self._transport.json(
            "POST",
            f"/webhooks/{self._transport.step(webhook)}/resume",
            purpose="records-administration",
        )
        return answer

    def secret(self, webhook: str) -> m.WebhookSecret:
        """Its secret. For a supervisor: the secret with which its receiver checks messages."""
        answer: m.WebhookSecret = self._transport.json(
            "GET",
            f"/webhooks/{self._transport.step(webhook)}/secret",
            purpose="records-administration",
        )
        return answer

    def renew_secret(self, webhook: str) -> m.WebhookSecret:
        """A new secret. Signs with another secret from now on; the old one is worth nothing any more."""
        answer: m.WebhookSecret = self._transport.json(
            "POST",
            f"/webhooks/{self._transport.step(webhook)}/secret",
            purpose="records-administration",
        )
        return answer

    def test(self, webhook: str) -> m.Message:
        """Send a test. Sends a message that is about nothing; see its state in the list of messages."""
        answer: m.Message = self._transport.json(
            "POST",
            f"/webhooks/{self._transport.step(webhook)}/test",
            purpose="records-administration",
        )
        return answer

    def messages(
        self,
        webhook: str,
        *,
        state: m.DeliveryState | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> m.PageMessage:
        """What was sent to it. The newest messages, those that wait and those that were given up among them."""
        answer: m.PageMessage = self._transport.json(
            "GET",
            f"/webhooks/{self._transport.step(webhook)}/messages",
            query={"state": state, "after": after, "limit": limit},
            purpose="records-administration",
        )
        return answer

    def retry(self, webhook: str, message: str) -> m.Message:
        """Try a message again. Tries one that was given up from the beginning."""
        answer: m.Message = self._transport.json(
            "POST",
            f"/webhooks/{self._transport.step(webhook)}/messages/{self._transport.step(message)}/retry",
            purpose="records-administration",
        )
        return answer

    def one(self, webhook: str) -> m.Webhook:
        """One webhook. Where it goes, for which kinds, and under whose standing."""
        answer: m.Webhook = self._transport.json(
            "GET", f"/webhooks/{self._transport.step(webhook)}", purpose="records-administration"
        )
        return answer

    def remove(self, webhook: str) -> None:
        """Remove a webhook. Nothing is sent any more, what waits neither."""
        self._transport.nothing(
            "DELETE", f"/webhooks/{self._transport.step(webhook)}", purpose="records-administration"
        )


class Operations:
    """All of them, one attribute for each tag."""

    def __init__(self, transport: Transport) -> None:
        self.agencies = Agencies(transport)
        self.agreements = Agreements(transport)
        self.assistance = Assistance(transport)
        self.cases = Cases(transport)
        self.custody = Custody(transport)
        self.directory = Directory(transport)
        self.exhibits = Exhibits(transport)
        self.expertise = Expertise(transport)
        self.intake = Intake(transport)
        self.ledger = Ledger(transport)
        self.members = Members(transport)
        self.obligations = Obligations(transport)
        self.quick_checks = QuickChecks(transport)
        self.recalls = Recalls(transport)
        self.records = Records(transport)
        self.requests = Requests(transport)
        self.retention = Retention(transport)
        self.search = Search(transport)
        self.statements = Statements(transport)
        self.subscriptions = Subscriptions(transport)
        self.systems = Systems(transport)
        self.tokens = Tokens(transport)
        self.webhooks = Webhooks(transport)
