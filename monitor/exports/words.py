"""What a report says, in Korean and English: formal, plain, and without a word that needs a dictionary."""

from collections.abc import Mapping

from monitor.evidence.entry_kinds import EntryKind
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.facts import AgeGroup
from monitor.model.notice_states import NoticeState
from monitor.model.platform_answers import WhyRefused
from monitor.notices.texts import Words, in_language
from monitor.platforms.base import Presence

LANGUAGES = ("ko", "en")

REPORT: Mapping[str, Words] = {
    "title": {"en": "Evidence report", "ko": "증거 보고서"},
    "subtitle": {
        "en": "Copies of one person's picture in public channels and accounts",
        "ko": "공개 채널과 계정에 올라온 한 사람의 촬영물 사본",
    },
    "confidential": {
        "en": "Confidential. Contains locations of illegal pictures; hand it only to those who act on it.",
        "ko": "대외비. 불법 촬영물의 위치가 적혀 있으므로 처리 담당자에게만 전달하십시오.",
    },
    "confidential_short": {"en": "Confidential", "ko": "대외비"},
    "case": {"en": "Case number", "ko": "접수번호"},
    "centre": {"en": "Support centre", "ko": "지원 기관"},
    "made_at": {"en": "Made", "ko": "작성 시각"},
    "for": {"en": "For", "ko": "받는 곳"},
    "package": {"en": "Package", "ko": "묶음 번호"},
    "person": {"en": "Person", "ko": "피해자"},
    "glance": {"en": "At a glance", "ko": "한눈에 보기"},
    "copies_at": {
        "en": "Confirmed copies: {copies}, in channels or accounts: {places}",
        "ko": "확인된 사본 {copies}건, 채널·계정 {places}곳",
    },
    "still_there": {"en": "still there at the last check", "ko": "마지막 확인 때 아직 있음"},
    "when_found": {"en": "there when found, not checked since", "ko": "발견 당시 있음(이후 확인 전)"},
    "gone": {"en": "removed", "ko": "삭제됨"},
    "unclear": {"en": "not certain", "ko": "확인되지 않음"},
    "first_posted": {"en": "First posted", "ko": "가장 이른 게시"},
    "last_found": {"en": "Last found", "ko": "가장 최근 발견"},
    "notices_sent": {"en": "Notices sent", "ko": "보낸 삭제 요청"},
    "answers_got": {"en": "Answers received", "ko": "받은 답변"},
    "no_pictures": {
        "en": "There is no picture in this package. A picture was compared by numbers computed from it "
        "(fingerprints) and never stored. That two files are the same is proven only by whoever has the file: please "
        "ask the platform to preserve the posts below early.",
        "ko": "이 묶음에는 사진이 들어 있지 않습니다. 사진에서 계산한 수치(지문)로만 비교했고, 사진은 저장하지 "
        "않았습니다. 두 파일이 같은 것임은 파일을 가진 쪽만 증명할 수 있으므로, 아래 게시물의 보전을 플랫폼에 일찍 "
        "요청하시기 바랍니다.",
    },
    "what_where": {"en": "What, where, when", "ko": "무엇이, 어디에, 언제"},
    "copy": {"en": "Copy", "ko": "사본"},
    "number": {"en": "No.", "ko": "번호"},
    "place": {"en": "Place", "ko": "위치"},
    "posted": {"en": "Posted", "ko": "게시"},
    "found": {"en": "Found", "ko": "발견"},
    "now": {"en": "State", "ko": "현재 상태"},
    "link": {"en": "Address of the post", "ko": "게시물 주소"},
    "handle": {"en": "Channel or account", "ko": "채널·계정"},
    "remote_id": {"en": "Its number at the platform", "ko": "플랫폼의 고유 번호"},
    "post": {"en": "Post number", "ko": "게시물 번호"},
    "media_id": {"en": "Medium in the post", "ko": "게시물 속 매체 번호"},
    "author": {"en": "Author", "ko": "작성자"},
    "origin": {"en": "Handed on from", "ko": "전달 원본"},
    "observed_by": {"en": "Read by", "ko": "읽은 프로그램"},
    "clock": {
        "en": "the platform's clock was {seconds} s from ours",
        "ko": "플랫폼 시계와 {seconds}초 차이",
    },
    "author_id": {"en": "Author's number", "ko": "작성자 고유 번호"},
    "kind": {"en": "What it is", "ko": "종류"},
    "edited": {"en": "Edited", "ko": "수정"},
    "size": {"en": "Format and size", "ko": "형식과 크기"},
    "frames": {"en": "video, {count} frames compared", "ko": "영상, 비교한 장면 {count}개"},
    "how": {"en": "How it was recognised", "ko": "알아낸 방법"},
    "own_picture": {"en": "Picture of the case", "ko": "사건의 사진"},
    "post_picture": {"en": "Picture in the post", "ko": "게시물의 사진"},
    "shaded": {
        "en": "Outlines only. What is shaded fits; a flag shows how it is turned or mirrored in the post.",
        "ko": "윤곽만 그린 그림입니다. 색칠한 부분이 서로 맞는 부분이고, 깃발은 게시물에서 돌리거나 뒤집은 방향을 "
        "나타냅니다.",
    },
    "decided": {"en": "Decided by", "ko": "판단한 사람"},
    "basis": {"en": "On what basis", "ko": "판단 근거"},
    "sha_medium": {"en": "SHA-256 of the file", "ko": "파일의 SHA-256"},
    "sha_answer": {"en": "SHA-256 of the platform's answer", "ko": "플랫폼 응답의 SHA-256"},
    "pdq": {"en": "Fingerprint (PDQ)", "ko": "사진 지문(PDQ)"},
    "checked": {"en": "Last checked", "ko": "마지막 확인"},
    "moved": {"en": "Where it was seen last", "ko": "마지막으로 보인 위치"},
    "removed_at": {"en": "Seen gone twice", "ko": "삭제 확인(두 차례)"},
    "closed": {"en": "Closed: nothing more is done", "ko": "종료함(더 조치하지 않음)"},
    "notices": {"en": "Notices and answers", "ko": "삭제 요청과 답변"},
    "no_notices": {"en": "No notice was written.", "ko": "작성한 삭제 요청이 없습니다."},
    "route": {"en": "Route", "ko": "경로"},
    "to": {"en": "To", "ko": "받는 곳"},
    "sent": {"en": "Sent", "ko": "보낸 시각"},
    "not_sent": {"en": "not sent", "ko": "보내지 않음"},
    "deadline": {"en": "Deadline", "ko": "기한"},
    "state": {"en": "State", "ko": "상태"},
    "answer": {"en": "Answer", "ko": "답변"},
    "answer_bounce": {"en": "came back: it did not arrive", "ko": "반송됨"},
    "answer_claim": {
        "en": "a mail says it did not arrive; nothing proves it",
        "ko": "도착하지 않았다는 메일(증명되지 않음)",
    },
    "answer_delay": {"en": "delayed", "ko": "지연됨"},
    "answer_reply": {"en": "reply", "ko": "답장"},
    "answer_acknowledged": {"en": "acknowledged", "ko": "접수 확인"},
    "answer_removed": {"en": "says that it removed the post", "ko": "삭제했다고 답함"},
    "answer_need-more": {"en": "asks for more", "ko": "추가 내용을 요청함"},
    "answer_refused": {"en": "refused", "ko": "거절함"},
    "proven": {"en": "sender proven by our mail server", "ko": "발신자를 메일 서버가 확인함"},
    "unproven": {"en": "sender not proven", "ko": "발신자가 확인되지 않음"},
    "none_yet": {"en": "none", "ko": "없음"},
    "filings": {"en": "Reported elsewhere by people", "ko": "사람이 직접 다른 곳에 신고한 것"},
    "reference": {"en": "Reference number", "ko": "접수 번호(상대 기관)"},
    "custody": {"en": "Chain of custody", "ko": "기록의 연속성"},
    "custody_note": {
        "en": "Each step of the case is an entry of a chain: it names the hash of the entry before it, and the heads "
        "are signed. Below are the entries that concern the copies above; {others} further entries of the case are "
        "in the package as hashes only.",
        "ko": "사건의 모든 단계는 앞 기록의 해시값을 담아 이어지는 기록으로 남고, 그 끝은 서명됩니다. 아래는 위 "
        "사본과 관련된 기록입니다. 그 밖의 기록 {others}건은 해시값으로만 묶음에 들어 있습니다.",
    },
    "custody_folded": {
        "en": "Of the checks, only those are shown that found something else than the one before, and the last one of "
        "each copy; {left_out} more are in custody.csv.",
        "ko": "상태 확인은 앞선 확인과 결과가 달라진 것과 사본마다 마지막 것만 적었습니다. 나머지 {left_out}건은 "
        "custody.csv에 있습니다.",
    },
    "entry": {"en": "Entry", "ko": "기록"},
    "when": {"en": "When", "ko": "시각"},
    "what": {"en": "What", "ko": "내용"},
    "who": {"en": "Who", "ko": "누가"},
    "links": {
        "en": "Addresses that the person named, not read by us",
        "ko": "피해자가 알려 준 주소(저희가 열어 보지 않음)",
    },
    "links_note": {
        "en": "They need a membership or lie elsewhere.",
        "ko": "가입해야 볼 수 있거나 다른 사이트에 있는 주소입니다.",
    },
    "verify": {"en": "How to verify this package", "ko": "이 묶음을 검증하는 방법"},
    "verify_1": {
        "en": "Get verify.py from the centre's own page ({page}), or use the one in the package and compare its "
        "SHA-256 with the one on that page. It is one plain file for Python 3.8 or newer and needs no network.",
        "ko": "지원 기관의 누리집({page})에서 verify.py를 받으십시오. 묶음에 든 것을 쓰려면 그 SHA-256을 누리집에 "
        "있는 값과 비교하십시오. 파이썬 3.8 이상에서 실행되는 파일 하나이며 인터넷 연결이 필요하지 않습니다.",
    },
    "verify_2": {"en": "Run:", "ko": "다음과 같이 실행하십시오."},
    "verify_3": {
        "en": "It names every file that was changed, removed or added, and any entry of the chain that does not fit. "
        "Compare the public key with the one on the centre's page: the one printed here only proves that the package "
        "agrees with itself.",
        "ko": "바뀌었거나 빠졌거나 추가된 파일과, 맞지 않는 기록을 하나하나 알려 줍니다. 공개키는 지원 기관의 "
        "누리집에 있는 값과 비교하십시오. 여기 적힌 값은 묶음이 스스로 어긋나지 않는다는 것만 증명합니다.",
    },
    "public_key": {"en": "Public key (Ed25519)", "ko": "공개키(Ed25519)"},
    "verifier_sha": {"en": "SHA-256 of verify.py", "ko": "verify.py의 SHA-256"},
    "head": {"en": "Last entry of the chain", "ko": "마지막 기록"},
    "stamps": {"en": "Time stamps by an authority outside (RFC 3161)", "ko": "외부 기관의 시점 확인(RFC 3161)"},
    "no_stamps": {
        "en": "There is none yet: the signed heads are this centre's own word about the time.",
        "ko": "아직 없습니다. 시각은 이 기관이 서명한 기록에만 근거합니다.",
    },
    "stamp_of": {
        "en": "{day}: entries 1 to {count}, stamped at {at} by {authority}",
        "ko": "{day}: 1~{count}번 기록, {at} 확인, 확인 기관 {authority}",
    },
    "method": {"en": "How pictures are compared", "ko": "사진을 비교하는 방법"},
    "method_1": {
        "en": "From a picture 256 yes-or-no values are computed (PDQ, an open method). Copies that were scaled, "
        "compressed or slightly edited differ in few of them; two pictures that have nothing to do with each other "
        "differ in about 128. About each copy a person decided, never the program alone. The person's own picture "
        "never left their device: only its values did.",
        "ko": "사진 한 장에서 예·아니요 값 256개를 계산합니다(공개된 방식인 PDQ). 크기를 바꾸거나 압축하거나 조금 고친 "
        "사본은 이 값이 몇 개만 다르고, 서로 관계없는 두 사진은 약 128개가 다릅니다. 사본 하나하나를 프로그램이 아니라 "
        "사람이 판단했습니다. 피해자의 사진은 본인의 기기를 떠난 적이 없고, 계산된 값만 전달되었습니다.",
    },
    "method_2": {
        "en": "The SHA-256 of the file is that of the bytes the platform delivered to the program. A download in "
        "another size has another one.",
        "ko": "파일의 SHA-256은 플랫폼이 프로그램에 보낸 파일에서 계산한 값입니다. 다른 크기로 내려받은 파일은 값이 "
        "다릅니다.",
    },
    "contents": {"en": "What else is in the package", "ko": "묶음에 함께 든 것"},
    "page_of": {"en": "page {page} of {pages}", "ko": "{pages}쪽 중 {page}쪽"},
    "times": {
        "en": "Times are in Korean time (KST) and UTC.",
        "ko": "시각은 한국 시각(KST)과 협정 세계시(UTC)로 적었습니다.",
    },
}

FILES: Mapping[str, Words] = {
    "records.json": {
        "en": "everything above, and each notice word by word, for programs",
        "ko": "위 내용 전부와 삭제 요청의 원문(프로그램용)",
    },
    "preservation-*.txt": {
        "en": "drafts of requests that the police may send, so that a platform keeps what it has",
        "ko": "플랫폼에 자료 보전을 요청하는 공문 초안(경찰용)",
    },
    "statement-*.txt": {
        "en": "the custodian's statement, to be read, corrected and signed",
        "ko": "기록 관리자의 확인서(읽고 고쳐 서명할 초안)",
    },
    "copies.csv": {"en": "the copies as a table", "ko": "사본 표"},
    "notices.csv": {"en": "the notices as a table", "ko": "삭제 요청 표"},
    "custody.csv": {"en": "every entry of the chain as a table", "ko": "기록 전체 표"},
    "ledger.json": {
        "en": "the chain, its signed heads, and the opened entries with their salt",
        "ko": "기록 전체와 서명값, 공개된 기록의 원문과 솔트",
    },
    "attestation.json": {
        "en": "signed text of entries from an older program version",
        "ko": "이전 버전 프로그램이 남긴 기록의 원문(서명됨)",
    },
    "responses/": {
        "en": "the platform's own answers, with the SHA-256 that the chain names",
        "ko": "플랫폼의 응답 원본(기록에 적힌 SHA-256과 같음)",
    },
    "time-stamps/": {
        "en": "the authority's tokens, and the path from this case to each",
        "ko": "시점 확인 토큰과, 이 사건에서 토큰에 이르는 경로",
    },
}
"""Each file of a case's folder that the report names."""

AGES: Mapping[AgeGroup, Words] = {
    AgeGroup.ADULT: {"en": "adult when pictured", "ko": "촬영 당시 성인"},
    AgeGroup.MINOR: {"en": "UNDER AGE when pictured", "ko": "촬영 당시 미성년자"},
    AgeGroup.UNSURE: {
        "en": "age when pictured not certain: treated as under age",
        "ko": "촬영 당시 나이 불확실: 미성년자로 다룸",
    },
}

PRESENCES: Mapping[str, Words] = {
    Presence.LIVE: {"en": "still there", "ko": "아직 있음"},
    Presence.EDITED: {"en": "edited, the picture is still there", "ko": "수정되었고 사진은 아직 있음"},
    Presence.DELETED: {"en": "not to be seen", "ko": "보이지 않음"},
    Presence.TAKEN_OUT: {"en": "picture taken out, the post stands", "ko": "사진만 빠지고 글은 있음"},
    Presence.REPLACED: {"en": "another picture in its place", "ko": "다른 사진으로 바뀜"},
    Presence.RESTRICTED: {"en": "hidden for some, not removed", "ko": "일부에게만 가려짐(삭제 아님)"},
    Presence.LOGIN: {"en": "behind a log-in", "ko": "로그인해야 볼 수 있음"},
    Presence.UNKNOWN: {"en": "could not be checked", "ko": "확인하지 못함"},
}
NOT_CHECKED: Words = {"en": "there when found", "ko": "발견 당시 있음"}
REMOVED: Words = {"en": "removed: seen gone twice", "ko": "삭제됨(두 차례 확인)"}

CLOSINGS: Mapping[str, Words] = {
    Closing.PERSON_WANTS_NO_MORE: {"en": "the person wants no more done", "ko": "본인이 더 원하지 않음"},
    Closing.SEEN_GONE: {"en": "somebody looked and it is gone", "ko": "사람이 직접 보니 삭제됨"},
    Closing.REFUSED_FOR_GOOD: {"en": "refused for good", "ko": "끝내 거절됨"},
    Closing.WITH_THE_AUTHORITIES: {"en": "the authorities have it in hand", "ko": "수사기관 등이 처리 중"},
    Closing.HANDED_OVER: {"en": "another centre or the person goes on", "ko": "다른 기관이나 본인이 이어서 처리"},
    Closing.BY_MISTAKE: {"en": "confirmed by mistake", "ko": "잘못 확인함"},
}

FILING_ANSWERS: Mapping[str, Words] = {
    FilingAnswer.ACKNOWLEDGED: {"en": "received", "ko": "접수됨"},
    FilingAnswer.REMOVED: {"en": "says that it is removed", "ko": "삭제했다고 답함"},
    FilingAnswer.BLOCKED: {"en": "hidden in one country", "ko": "한 나라에서만 차단됨"},
    FilingAnswer.NEED_MORE: {"en": "asks for more", "ko": "추가 내용을 요청함"},
    FilingAnswer.REFUSED: {"en": "refused", "ko": "거절함"},
}

WHY_REFUSED: Mapping[str, Words] = {
    WhyRefused.NOT_AGAINST_RULES: {
        "en": "neither against the law nor against its rules",
        "ko": "법률이나 규정에 어긋나지 않음",
    },
    WhyRefused.NOT_FOUND: {"en": "nothing is found there", "ko": "적힌 위치에 게시물이 없음"},
    WhyRefused.NO_AUTHORITY: {"en": "the sender may not ask for it", "ko": "요청할 권한이 없음"},
    WhyRefused.COURT_ORDER: {
        "en": "an order of a court or an authority is needed",
        "ko": "법원이나 기관의 명령이 필요함",
    },
    WhyRefused.NOT_OURS: {"en": "somebody else answers for the content", "ko": "다른 곳이 책임지는 내용임"},
    WhyRefused.OTHER: {"en": "another reason", "ko": "그 밖의 사유"},
}

STATES: Mapping[str, Words] = {
    NoticeState.HELD: {"en": "held: police first", "ko": "보류: 경찰 먼저"},
    NoticeState.PREPARED: {"en": "form prepared", "ko": "양식 준비됨"},
    NoticeState.QUEUED: {"en": "about to be sent", "ko": "보낼 예정"},
    NoticeState.SENDING: {"en": "being sent", "ko": "보내는 중"},
    NoticeState.SENT: {"en": "sent, waiting", "ko": "보냄, 처리 대기"},
    NoticeState.IN_DOUBT: {"en": "not certain whether it arrived", "ko": "도착 여부 불확실"},
    NoticeState.FAILED: {"en": "could not be delivered", "ko": "전달되지 않음"},
    NoticeState.WITHDRAWN: {"en": "withdrawn", "ko": "거둠"},
    NoticeState.REMOVED: {"en": "done: copy removed", "ko": "완료: 사본 삭제됨"},
    NoticeState.LAPSED: {"en": "deadline passed, copy still there", "ko": "기한 지남, 사본 남아 있음"},
}

KINDS_OF_ENTRIES: Mapping[str, Words] = {
    EntryKind.CASE_OPENED: {"en": "case opened", "ko": "사건 접수"},
    EntryKind.CASE_VOUCHED: {"en": "the person was vouched for", "ko": "상담원 확인"},
    EntryKind.SIGHTING_FOUND: {"en": "copy {copy} found", "ko": "{copy}번 사본 발견"},
    EntryKind.POST_OBSERVED: {
        "en": "copy {copy} observed before a notice",
        "ko": "{copy}번 사본: 삭제 요청 전 상태 기록",
    },
    EntryKind.TEXT_DESTROYED: {
        "en": "copy {copy}: text of the deleted post dropped",
        "ko": "{copy}번 사본: 삭제된 글의 본문 폐기",
    },
    EntryKind.SIGHTING_CONFIRMED: {"en": "copy {copy} confirmed", "ko": "{copy}번 사본 확인"},
    EntryKind.SIGHTING_REOPENED: {"en": "copy {copy}: decision undone", "ko": "{copy}번 사본: 판단을 취소"},
    EntryKind.COPY_REPLACED: {"en": "copy {copy} put there anew", "ko": "{copy}번 사본: 같은 자리에 다시 올라옴"},
    EntryKind.REUPLOAD_FOUND: {
        "en": "copy {copy} is a known picture uploaded again",
        "ko": "{copy}번 사본: 앞서 확인된 사진이 다시 올라온 것",
    },
    EntryKind.COPY_CAME_BACK: {
        "en": "copy {copy} came back after its removal",
        "ko": "{copy}번 사본: 삭제 뒤 다시 나타남",
    },
    EntryKind.COPY_CLOSED: {"en": "copy {copy} closed", "ko": "{copy}번 사본: 종결"},
    EntryKind.COPY_REOPENED: {"en": "copy {copy} opened again", "ko": "{copy}번 사본: 종결 취소"},
    EntryKind.LOOKED: {"en": "copy {copy} checked: {presence}", "ko": "{copy}번 사본 상태 확인: {presence}"},
    EntryKind.REMOVAL_VERIFIED: {"en": "removal of copy {copy} verified", "ko": "{copy}번 사본 삭제 확인"},
    EntryKind.NOTICE_QUEUED: {"en": "notice {notice} written", "ko": "{notice}번 삭제 요청 작성"},
    EntryKind.NOTICE_SENT: {"en": "notice {notice} sent", "ko": "{notice}번 삭제 요청 보냄"},
    EntryKind.NOTICE_IN_DOUBT: {
        "en": "notice {notice}: arrival in doubt",
        "ko": "{notice}번 삭제 요청: 도착 여부 불확실",
    },
    EntryKind.NOTICE_SETTLED: {"en": "notice {notice}: doubt settled", "ko": "{notice}번 삭제 요청: 도착 여부 정리"},
    EntryKind.NOTICE_FAILED: {"en": "notice {notice} not delivered", "ko": "{notice}번 삭제 요청 전달 실패"},
    EntryKind.NOTICE_WITHDRAWN: {"en": "notice {notice} withdrawn", "ko": "{notice}번 삭제 요청 거둠"},
    EntryKind.NOTICE_BOUNCED: {"en": "notice {notice} came back", "ko": "{notice}번 삭제 요청 반송"},
    EntryKind.BOUNCE_CLAIMED: {
        "en": "notice {notice}: said not to have arrived",
        "ko": "{notice}번 삭제 요청: 도착하지 않았다는 메일",
    },
    EntryKind.NOTICE_ANSWERED: {"en": "notice {notice} answered", "ko": "{notice}번 삭제 요청에 대한 답변"},
    EntryKind.PLATFORM_ANSWERED: {
        "en": "notice {notice} answered by its recipient",
        "ko": "{notice}번 삭제 요청에 수신처가 답함",
    },
    EntryKind.ESCALATION_PREPARED: {
        "en": "notice {notice}: next steps prepared",
        "ko": "{notice}번 삭제 요청: 다음 단계 준비",
    },
    EntryKind.PRESERVATION_RECORDED: {
        "en": "the police asked a platform to keep its data",
        "ko": "경찰의 자료 보전 요청 기록",
    },
    EntryKind.PRESERVATION_DROPPED: {
        "en": "what a platform keeps for the police is not needed any more",
        "ko": "경찰의 자료 보전이 더는 필요하지 않음을 기록",
    },
    EntryKind.EVIDENCE_EXPORTED: {"en": "this package made", "ko": "이 묶음 작성"},
    EntryKind.ADDRESS_ASKED: {
        "en": "notice {notice}: the person was asked whether their address may stand in it",
        "ko": "{notice}번 삭제 요청: 본인 연락처 기재 동의 요청",
    },
    EntryKind.ADDRESS_AGREED: {
        "en": "notice {notice}: the person agreed to their address in it",
        "ko": "{notice}번 삭제 요청: 본인 연락처 기재 동의",
    },
    EntryKind.ADDRESS_DECLINED: {
        "en": "notice {notice}: the person did not agree to their address in it",
        "ko": "{notice}번 삭제 요청: 본인 연락처 기재 거절",
    },
    EntryKind.NOTICES_JOINED: {
        "en": "notice {notice}: further copies put into it",
        "ko": "{notice}번 삭제 요청: 다른 사본도 함께 묶음",
    },
    EntryKind.NOTICES_PARTED: {
        "en": "notice {notice}: copies taken out of it",
        "ko": "{notice}번 삭제 요청: 묶은 사본을 나눔",
    },
    EntryKind.NOTICE_RELEASED: {
        "en": "notice {notice} looked at and released",
        "ko": "{notice}번 삭제 요청: 내용 확인 후 발송 결정",
    },
    EntryKind.NOTICE_UNDONE: {
        "en": "notice {notice}: sending undone before it left",
        "ko": "{notice}번 삭제 요청: 나가기 전에 발송 취소",
    },
    EntryKind.NOTICE_RETRACTED: {"en": "notice {notice} taken back", "ko": "{notice}번 삭제 요청 철회"},
    EntryKind.LETTER_WRITTEN: {
        "en": "notice {notice}: further letter written",
        "ko": "{notice}번 삭제 요청: 후속 문서 작성",
    },
    EntryKind.LETTER_RELEASED: {
        "en": "notice {notice}: further letter released",
        "ko": "{notice}번 삭제 요청: 후속 문서 발송 결정",
    },
    EntryKind.LETTER_UNDONE: {
        "en": "notice {notice}: further letter given up or stopped before it left",
        "ko": "{notice}번 삭제 요청: 후속 문서 발송 취소",
    },
    EntryKind.LETTER_ENDED: {
        "en": "notice {notice}: outcome of a further letter",
        "ko": "{notice}번 삭제 요청: 후속 문서 처리 결과",
    },
    EntryKind.PLATFORM_CODE_ASKED: {
        "en": "notice {notice}: a code for answering was mailed to its recipient",
        "ko": "{notice}번 삭제 요청: 수신처에 답변용 인증번호 발송",
    },
    EntryKind.PLATFORM_LINK_REVOKED: {
        "en": "notice {notice}: link for answering closed",
        "ko": "{notice}번 삭제 요청: 답변용 링크 닫음",
    },
    EntryKind.REPLY_QUEUED: {"en": "notice {notice}: reply written", "ko": "{notice}번 삭제 요청: 회신 작성"},
    EntryKind.REPLY_SENT: {"en": "notice {notice}: reply sent", "ko": "{notice}번 삭제 요청: 회신 보냄"},
    EntryKind.REPLY_FAILED: {
        "en": "notice {notice}: reply not sent, or not certain",
        "ko": "{notice}번 삭제 요청: 회신 실패 또는 발송 여부 불확실",
    },
}
"""Entries that the report tells of; `{copy}` and `{notice}` are their numbers in it."""

WHO: Mapping[str, Words] = {
    "person": {"en": "the person", "ko": "피해자 본인"},
    "advocate": {"en": "advocate", "ko": "상담원"},
    "code": {"en": "a helpline's code", "ko": "상담 기관의 일회용 번호"},
    "platform": {"en": "the platform", "ko": "플랫폼"},
    "operator": {"en": "operator of the server", "ko": "서버 운영자"},
    "program": {"en": "the program", "ko": "프로그램"},
    "": {"en": "not recorded (older program)", "ko": "기록 없음(이전 버전)"},
}


def copies(shown: str, numbered: bool, language: str) -> str:
    """Which copies, by their numbers, or how many."""
    if language == "ko":
        return f"{shown}번 사본" if numbered else f"사본 {shown}건"
    return f"copies no. {shown}" if numbered else f"{shown} copies"


def told(table: Mapping[str, Words], key: str, language: str, **values: object) -> str:
    """The words for `key`; the key itself where a table has none yet, so that nothing is hidden."""
    return in_language(table[key], language).format(**values) if key in table else key


def report_texts(language: str) -> dict[str, str]:
    """Every text of REPORT in one language, as it stands: the template fills the places in."""
    return {name: in_language(words, language) for name, words in REPORT.items()}
