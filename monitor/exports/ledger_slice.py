"""The part of a case's chain that leaves: every entry's hashes, and the plain text of those about the chosen copies.

No key leaves. An entry of the second format is opened with its salt; one of the first has none, so its text is
attested: signed together with the entry's hash by the key that signs the heads.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from monitor.evidence.chain import sha256, timestamp
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.export import export
from monitor.evidence.ledger import Ledger, ToldEntry
from monitor.keys.envelope import canonical_json
from monitor.keys.store import KeyStore

ATTESTATION = "jikimi-attestation-1"

ABOUT_THE_CASE = frozenset(
    {
        *(EntryKind.CASE_OPENED, EntryKind.CASE_VOUCHED),
        *(EntryKind.PRESERVATION_RECORDED, EntryKind.PRESERVATION_DROPPED),
    }
)
"""Opened always: they name nobody but who vouched, and what the police asked a platform to keep."""

ABOUT_COPIES = frozenset(
    {
        EntryKind.SIGHTING_FOUND,
        EntryKind.POST_OBSERVED,
        EntryKind.TEXT_DESTROYED,
        EntryKind.SIGHTING_CONFIRMED,
        EntryKind.SIGHTING_REOPENED,
        EntryKind.COPY_REPLACED,
        EntryKind.REUPLOAD_FOUND,
        EntryKind.LOOKED,
        EntryKind.REMOVAL_VERIFIED,
        EntryKind.NOTICE_QUEUED,
        EntryKind.NOTICE_SENT,
        EntryKind.NOTICE_IN_DOUBT,
        EntryKind.NOTICE_SETTLED,
        EntryKind.NOTICE_FAILED,
        EntryKind.NOTICE_WITHDRAWN,
        EntryKind.NOTICE_BOUNCED,
        EntryKind.BOUNCE_CLAIMED,
        EntryKind.NOTICE_ANSWERED,
        EntryKind.PLATFORM_ANSWERED,
        EntryKind.ESCALATION_PREPARED,
        EntryKind.COPY_CAME_BACK,
        EntryKind.COPY_CLOSED,
        EntryKind.COPY_REOPENED,
        EntryKind.ADDRESS_ASKED,
        EntryKind.ADDRESS_AGREED,
        EntryKind.ADDRESS_DECLINED,
        EntryKind.NOTICES_JOINED,
        EntryKind.NOTICES_PARTED,
        EntryKind.NOTICE_RELEASED,
        EntryKind.NOTICE_UNDONE,
        EntryKind.NOTICE_RETRACTED,
        EntryKind.LETTER_WRITTEN,
        EntryKind.LETTER_RELEASED,
        EntryKind.LETTER_UNDONE,
        EntryKind.LETTER_ENDED,
        EntryKind.PLATFORM_CODE_ASKED,
        EntryKind.PLATFORM_LINK_REVOKED,
        EntryKind.REPLY_QUEUED,
        EntryKind.REPLY_SENT,
        EntryKind.REPLY_FAILED,
    }
)
"""Opened where every copy and notice that they name is in the package."""

OF_THIS_PACKAGE = frozenset({EntryKind.EVIDENCE_EXPORTED})
"""Opened where it tells of the package itself: whom others got one for is not this recipient's to know."""

STAY_CLOSED: Mapping[str, frozenset[EntryKind]] = {
    "what the person told, agreed to or took back is theirs, and says nothing of a copy": frozenset(
        {
            EntryKind.PRIVACY_AGREED,
            EntryKind.ANY_CENTRE_CHANGED,
            EntryKind.INTAKE_CHANGED,
            EntryKind.ENTRY_WAITS,
            EntryKind.ENTRY_COVERED,
            EntryKind.ENTRY_CONFIRMED,
            EntryKind.ENTRY_REJECTED,
            EntryKind.ENTRY_TAKEN_BACK,
            EntryKind.MANDATE_RECORDED,
            EntryKind.MANDATE_REVOKED,
            EntryKind.FINGERPRINT_ADDED,
            EntryKind.FINGERPRINT_NAMED,
            EntryKind.FINGERPRINT_REMOVED,
            EntryKind.CUT_OUT_REMOVED,
            EntryKind.FINGERPRINT_QUARANTINED,
            EntryKind.FINGERPRINT_RELEASED,
            EntryKind.PICTURE_AGE_TOLD,
            EntryKind.CONSENT_GIVEN,
            EntryKind.CONSENT_WITHDRAWN,
            EntryKind.WATCHING_PAUSED,
            EntryKind.WATCHING_RESUMED,
            EntryKind.PERSON_ASKED,
            EntryKind.PERSON_ANSWERED,
            EntryKind.PAPER_TAKEN,
            EntryKind.NEWS_MAIL_SET,
            EntryKind.NEWS_MAIL_SENT,
            EntryKind.NEWS_MAIL_STOPPED,
            EntryKind.MESSAGE_WRITTEN,
            EntryKind.MESSAGES_READ,
            EntryKind.LIST_AGREED,
            EntryKind.FINGERPRINT_NAMED,
            EntryKind.NAMES_SWITCHED,
            EntryKind.NAME_TERM_GIVEN,
            EntryKind.NAME_TERM_DECIDED,
            EntryKind.NAME_TERM_TAKEN_BACK,
            EntryKind.OWN_PAGE_NAMED,
            EntryKind.OWN_PAGE_TAKEN_BACK,
            EntryKind.LIST_TAKEN_BACK,
            EntryKind.RESENDING_SWITCHED,
            EntryKind.ERASURE_ASKED,
            EntryKind.ERASURE_CANCELLED,
        }
    ),
    "links that nobody confirmed, or that were found to be something else": frozenset(
        {
            EntryKind.LINK_ENTERED,
            EntryKind.LINK_READ,
            EntryKind.LINK_ROUTED,
            EntryKind.LINK_TICKED,
            EntryKind.LINK_REMOVED,
            EntryKind.SIGHTING_DISMISSED,
        }
    ),
    "how the centre works: who looked at what, and who had the case in hand": frozenset(
        {
            EntryKind.CASE_NAMED,
            EntryKind.CASE_HANDED_OVER,
            EntryKind.CASE_NOTED,
            EntryKind.CASE_NOTE_TAKEN_BACK,
            EntryKind.CASE_IN_HAND,
            EntryKind.CASE_HANDED_BACK,
            EntryKind.INTAKE_READ,
            EntryKind.CONTACTS_READ,
            EntryKind.EVIDENCE_READ,
            EntryKind.MAILS_READ,
            EntryKind.HAND_OFF_READ,
            EntryKind.VIEWING_ASKED,
            EntryKind.VIEWING_NOTED,
            EntryKind.CHAIN_EXPORTED,
            EntryKind.EVIDENCE_FETCHED,
            EntryKind.LINKS_GIVEN_OUT,
            EntryKind.CASE_FROZEN,
            EntryKind.CASE_UNFROZEN,
            EntryKind.TRANSFER_ASKED,
            EntryKind.TRANSFER_DECLINED,
            EntryKind.TRANSFER_ENDED,
            EntryKind.CASE_TRANSFERRED,
            EntryKind.REISSUE_ASKED,
            EntryKind.REISSUE_CANCELLED,
            EntryKind.PASSPHRASE_REISSUED,
            EntryKind.PASSPHRASE_CHANGED,
            EntryKind.SAME_PICTURE_FOUND,
            EntryKind.SAME_PICTURE_CHECKED,
            EntryKind.PAYLOADS_DESTROYED,
        }
    ),
    "an advocate's own words, before anything left or about a step elsewhere": frozenset(
        {
            EntryKind.NOTICE_EDITED,
            EntryKind.STEP_FILED,
            EntryKind.FILING_ANSWERED,
            EntryKind.FILING_TAKEN_BACK,
        }
    ),
    "about a whole channel, with the person's signature; it would tell that others reported it as well": frozenset(
        {
            EntryKind.JOINT_ASKED,
            EntryKind.JOINT_AGREED,
            EntryKind.JOINT_DECLINED,
            EntryKind.JOINT_SENT,
        }
    ),
    "of the installation's own chain, which is of no case": frozenset(
        {
            EntryKind.LOGGED_IN,
            EntryKind.ADVOCATE_ADDED,
            EntryKind.ADVOCATE_DISABLED,
            EntryKind.ADVOCATE_CHANGED,
            EntryKind.ORGANISATION_CHANGED,
            EntryKind.CODES_MADE,
            EntryKind.CENTRE_PROFILE_CHANGED,
            EntryKind.CENTRE_LIST_CHANGED,
            EntryKind.SETTINGS_CHANGED,
            EntryKind.DATABASE_RESTORED,
            EntryKind.DAY_PUBLISHED,
            EntryKind.LEAD_CHANGED,
            EntryKind.AUDIT_EXPORTED,
            EntryKind.WORK_STOPPED,
            EntryKind.RESUMING_ASKED,
            EntryKind.WORK_RESUMED,
            EntryKind.PLACE_REPORT_WRITTEN,
            EntryKind.PLACE_REPORT_QUEUED,
            EntryKind.PLACE_REPORT_SENT,
            EntryKind.PLACE_REPORT_IN_DOUBT,
            EntryKind.PLACE_REPORT_FAILED,
            EntryKind.PLACE_REPORT_SETTLED,
            EntryKind.PLACE_REPORT_WITHDRAWN,
            EntryKind.PUBLISHED_LOADED,
            EntryKind.PUBLISHED_FORGOTTEN,
            EntryKind.REPORT_READ,
            EntryKind.REPORT_CLOSED,
            EntryKind.PLATFORM_TOKEN_MADE,
            EntryKind.PLATFORM_TOKEN_REVOKED,
            EntryKind.DAY_STAMPED,
            EntryKind.ADVOCATE_ENABLED,
            EntryKind.PASSWORD_CHANGED,
            EntryKind.PASSKEY_ADDED,
            EntryKind.PASSKEY_REMOVED,
            EntryKind.PASSKEY_REFUSED,
            EntryKind.APP_RENEWED,
            EntryKind.RECOVERY_CODES_MADE,
            EntryKind.RESET_ASKED,
            EntryKind.RESET_CALLED_OFF,
            EntryKind.ACCOUNT_RESET,
            EntryKind.LOG_INS_ENDED,
        }
    ),
}
"""Why an entry's plain text never leaves: its hashes do, as those of every entry."""


def is_opened(
    entry: ToldEntry,
    copies: Collection[str],
    notices: Collection[str],
    export_id: str,
    *,
    without_text: Collection[str] = (),
) -> bool:
    """May this entry's plain text leave? `copies` and `notices`: the ids that are in the package.

    `without_text`: copies on X whose text had to go. An older program wrote it into the chain as well.
    """
    if entry.facts is None:
        return False
    evidence = entry.facts.get("evidence") or {}
    if evidence.get("caption") and entry.facts.get("sighting") in without_text:
        return False
    kind, facts = entry.row.kind, entry.facts
    if kind in OF_THIS_PACKAGE:
        return facts.get("export") == export_id
    if kind in ABOUT_THE_CASE:
        return True
    # What tells of several copies in one notice names them all.
    if not set(facts.get("copies") or ()) <= set(copies):
        return False
    named = [(facts.get("sighting"), copies), (facts.get("notice"), notices)]
    return kind in ABOUT_COPIES and any(one for one, _ in named) and all(one in known for one, known in named if one)


async def slice_of(
    session: AsyncSession,
    ledger: Ledger,
    keys: KeyStore,
    heads_file: Path,
    case_id: str,
    entries: Sequence[ToldEntry],
    *,
    now: datetime,
) -> dict[str, Any]:
    """The chain with its signed heads; `entries` are opened. The format is that of `ledger export`."""
    opened = {one.row.seq: found for one in entries if (found := ledger.open(one.row)) is not None}
    return await export(session, case_id, keys=keys, heads_file=heads_file, now=now, payloads=False, opened=opened)


def attest(keys: KeyStore, case_id: str, entries: Sequence[ToldEntry], *, now: datetime) -> Mapping[str, Any] | None:
    """The signed text of those entries that have no salt to be opened with; None where there are none."""
    statements = [
        {
            "seq": one.row.seq,
            "at": timestamp(one.row.at),
            "kind": one.row.kind,
            "entry_hash": one.row.entry_hash,
            "facts": dict(one.facts),
        }
        for one in entries
        if one.row.commitment is None and one.facts is not None
    ]
    if not statements:
        return None
    signed_at = timestamp(now)
    lines = (ATTESTATION, case_id, signed_at, sha256(canonical_json(statements)))
    message = "".join(f"{line}\n" for line in lines).encode("ascii")
    return {
        "format": ATTESTATION,
        "case_id": case_id,
        "signed_at": signed_at,
        "statements": statements,
        "signature": keys.signing_key().sign(message).hex(),
    }
