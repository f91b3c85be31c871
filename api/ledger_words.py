"""A case's record in words: one plain sentence for each kind of entry, in both languages, for the advocates' page.

The report for the police has its own words (monitor/exports/words.py): it numbers copies and notices, and tells fewer
kinds. Here each entry leads to its copy or notice by a link instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import ToldEntry

_TEXTS = """
case-opened|The case was opened.|사건이 접수됐어요.
case-vouched|The person was vouched for.|상담원이 본인임을 확인했어요.
privacy-agreed|The person agreed to the privacy notice.|본인이 개인정보 안내에 동의했어요.
any-centre-changed|The person said whether any centre may take the case.|어느 기관이든 맡아도 되는지 본인이 정했어요.
case-in-hand|The centre took the case in hand.|기관이 본인과 연락을 시작했어요.
case-handed-back|The case went back to the waiting ones.|기관이 사건을 대기 목록으로 돌려보냈어요.
transfer-asked|The person was asked whether the case may go to another centre.|다른 센터로 옮겨도 되는지 물었어요.
transfer-declined|The person said no to another centre.|본인이 다른 센터로 옮기지 않기로 했어요.
transfer-ended|The question about another centre ended.|다른 센터로 옮길지 묻는 일이 끝났어요.
case-transferred|The case went to another centre.|사건이 다른 센터로 옮겨졌어요.
reissue-asked|A lead asked for a new passphrase for the person.|책임자가 본인의 새 암호 문구를 요청했어요.
reissue-cancelled|The new passphrase was called off.|새 암호 문구 요청을 취소했어요.
passphrase-reissued|The person got a new passphrase.|본인이 새 암호 문구를 받았어요.
passphrase-changed|The passphrase was changed.|암호 문구가 바뀌었어요.
same-picture-found|Another case has the same picture.|다른 사건에 같은 사진이 있어요.
same-picture-checked|A lead looked who has the same picture.|같은 사진이 누구의 것인지 책임자가 살펴봤어요.
case-named|The case's name or tags were changed.|사건 이름이나 태그를 바꿨어요.
case-handed-over|Somebody else is in charge of the case.|사건 담당자가 바뀌었어요.
case-noted|A note for the colleagues was written.|동료에게 남기는 메모를 썼어요.
viewing-asked|A body that may look at pictures was asked.|사진을 볼 수 있는 기관에 확인을 부탁했어요.
viewing-noted|What a body that may look at pictures saw was noted.|사진을 볼 수 있는 기관이 확인한 내용을 적었어요.
case-note-taken-back|A note was taken back.|메모를 지웠어요.
intake-changed|What a notice needs to know was filled in or changed.|신고에 필요한 내용을 쓰거나 고쳤어요.
entry-waits|An advocate entered something that waits for the person's word.|상담원이 적은 내용이 본인 확인을 기다려요.
entry-covered|Something that an advocate entered counts under a mandate.|상담원이 적은 내용이 위임에 따라 효력을 가져요.
entry-confirmed|The person confirmed what an advocate entered.|상담원이 적은 내용을 본인이 확인했어요.
entry-rejected|The person said no to what an advocate entered.|상담원이 적은 내용을 본인이 거절했어요.
entry-taken-back|An advocate took back what they had entered.|상담원이 적은 내용을 되돌렸어요.
mandate-recorded|A mandate was recorded.|위임을 기록했어요.
mandate-revoked|A mandate was ended.|위임이 끝났어요.
intake-read|An advocate read what the person told.|상담원이 본인이 알린 내용을 봤어요.
contacts-read|An advocate read a whole notice, with the contact in it.|상담원이 연락처가 든 신고 전문을 봤어요.
chain-exported|The record was exported.|기록을 내보냈어요.
evidence-exported|A package of evidence was made.|증거 묶음을 만들었어요.
evidence-fetched|A package of evidence was fetched.|증거 묶음을 내려받았어요.
fingerprint-added|A fingerprint was added.|지문을 더했어요.
picture-age-told|How old the person was in one picture was told.|사진 한 장을 찍었을 때의 나이를 알렸어요.
fingerprint-named|The person gave a photo another name.|본인이 사진 이름을 바꿨어요.
fingerprint-removed|A fingerprint was removed.|지문을 지웠어요.
cut-out-removed|The box around a face was taken back.|얼굴 영역을 뺐어요.
fingerprint-quarantined|A fingerprint fitted too much and was set aside.|지문 하나가 너무 많이 맞아서 따로 두었어요.
fingerprint-released|A fingerprint is compared again.|지문을 다시 비교해요.
link-entered|A link was entered.|링크를 적었어요.
link-removed|A link was taken out.|링크를 뺐어요.
link-read|What stands behind a link was read.|링크의 게시물을 읽었어요.
link-routed|A link was sorted: it is not read here.|링크를 분류했어요. 여기서는 읽지 않아요.
link-ticked|The person noted what was done at a place not read here.|여기서 읽지 않는 곳에서 한 일을 본인이 표시했어요.
consent-given|The person agreed to a place being read.|본인이 어떤 곳을 살펴보는 데 동의했어요.
consent-withdrawn|The person took back their yes to a place.|본인이 어떤 곳에 대한 동의를 거두었어요.
watching-paused|The person lets watching rest.|본인이 살펴보기를 잠시 멈췄어요.
watching-resumed|The person lets watching go on.|본인이 살펴보기를 다시 시작했어요.
names-switched|The person said whether their names are looked for.|이름 찾기를 할지 본인이 정했어요.
name-term-given|The person gave a word to look for.|본인이 찾을 말을 알렸어요.
name-term-decided|An advocate said whether a word is this person's.|찾을 말이 본인의 것인지 상담원이 정했어요.
name-term-taken-back|The person took back a word.|본인이 찾을 말을 거두었어요.
own-page-named|The person named a page as their own.|본인이 자기 페이지를 알렸어요.
own-page-taken-back|The person took back a page of their own.|본인이 자기 페이지 표시를 거두었어요.
list-agreed|The person agreed to the centre's list of places.|본인이 기관의 목록에 동의했어요.
list-taken-back|The person took back their yes to the centre's list.|본인이 기관의 목록에 대한 동의를 거두었어요.
sighting-found|A possible copy was found.|사본일 수 있는 게시물을 찾았어요.
post-observed|A post was looked at before a notice left.|신고이 나가기 전에 게시물을 살펴봤어요.
text-destroyed|The text of a deleted post was dropped.|삭제된 글의 본문을 없앴어요.
evidence-read|An advocate opened what is known of a copy.|상담원이 사본에 대해 아는 내용을 열어 봤어요.
preservation-recorded|The police asked a platform to keep its data.|경찰이 플랫폼에 자료 보전을 요청한 것을 기록했어요.
preservation-dropped|Data kept for the police are needed no more.|경찰이 요청한 자료 보전이 더는 필요 없게 됐어요.
person-asked|The person was asked whether a possible copy is theirs.|사본일 수 있는 게시물이 본인 것인지 물었어요.
person-answered|The person answered about a possible copy.|본인이 사본일 수 있는 게시물에 대해 답했어요.
paper-taken|The person took a document.|본인이 문서를 받아 갔어요.
news-mail-set|The person set or took back the mailbox for news.|소식을 받을 메일함을 본인이 정하거나 거두었어요.
news-mail-sent|A mail told the person that there is something to read.|읽을 것이 있다는 메일을 보냈어요.
news-mail-stopped|The mails about news stopped.|소식 메일이 멈췄어요.
message-written|A message was written.|메시지를 썼어요.
messages-read|Messages were read.|메시지를 읽었어요.
sighting-confirmed|A copy was confirmed.|사본임을 확인했어요.
sighting-dismissed|A possible copy was dismissed.|사본이 아니라고 판단했어요.
sighting-reopened|A decision about a copy was undone.|사본에 대한 판단을 취소했어요.
notice-queued|A notice was written.|신고을 썼어요.
notice-edited|A paragraph of a notice was changed.|신고의 문단을 고쳤어요.
notice-released|A notice was looked at and sent off.|신고을 확인하고 보내기로 했어요.
notice-undone|The sending of a notice was undone.|신고 보내기를 취소했어요.
notice-retracted|A notice that had left was taken back.|보낸 신고을 철회했어요.
links-given-out|Links were given out as a list.|링크 목록을 내주었어요.
letter-written|A further letter was written.|후속 문서를 썼어요.
letter-released|A further letter was looked at and sent off.|후속 문서를 확인하고 보내기로 했어요.
letter-undone|A further letter was stopped before it left.|후속 문서를 나가기 전에 멈췄어요.
letter-ended|It is known what came of a further letter.|후속 문서의 처리 결과가 나왔어요.
address-asked|The person was asked whether a notice may name their address.|연락처를 적어도 되는지 본인에게 물었어요.
address-agreed|The person agreed to their address in a notice.|연락처를 적는 데 본인이 동의했어요.
address-declined|The person did not agree to their address in a notice.|연락처를 적지 않기로 본인이 정했어요.
notices-joined|Several copies go in one notice.|여러 사본을 한 신고에 묶었어요.
notices-parted|Each copy goes by itself again.|묶은 사본을 다시 나눴어요.
notice-sent|A notice left.|신고을 보냈어요.
notice-in-doubt|It is in doubt whether a notice arrived.|신고이 도착했는지 알 수 없어요.
notice-settled|It was settled whether a notice arrived.|신고이 도착했는지 정리했어요.
notice-failed|A notice could not be sent.|신고을 보내지 못했어요.
notice-withdrawn|A notice was withdrawn.|신고을 거두었어요.
notice-bounced|A notice came back.|신고이 반송됐어요.
bounce-claimed|A mail says that a notice did not arrive.|신고이 도착하지 않았다는 메일이 왔어요.
notice-answered|A mail answered a notice.|신고에 메일로 답이 왔어요.
mails-read|Mails about a notice were read.|신고에 대한 메일을 읽었어요.
platform-code-asked|A code for answering was mailed to a recipient.|받는 곳에 답변용 인증번호를 보냈어요.
platform-answered|The recipient answered a notice.|받는 곳이 신고에 답했어요.
platform-link-revoked|The link for answering was closed.|답변용 링크를 닫았어요.
reply-queued|A reply to a mail was written.|메일에 회신을 썼어요.
reply-sent|A reply to a mail left.|메일에 회신을 보냈어요.
reply-failed|A reply did not leave, or nobody can know.|회신을 보내지 못했거나, 보냈는지 알 수 없어요.
looked|It was looked whether a copy still stands.|사본이 아직 있는지 확인했어요.
removal-verified|A copy is gone: two looks say so.|사본이 사라진 것을 두 차례 확인했어요.
copy-replaced|The picture was put into its post anew.|같은 게시물에 사진이 다시 올라왔어요.
reupload-found|A known picture was uploaded again.|앞서 확인된 사진이 다시 올라왔어요.
copy-came-back|A copy came back after its removal.|삭제됐던 사본이 다시 나타났어요.
resending-switched|Reporting of identical re-uploads was switched on or off.|같은 사진의 자동 요청을 켜거나 껐어요.
escalation-prepared|The next steps were prepared.|다음 단계를 준비했어요.
step-filed|A step was taken at another body.|다른 기관에 신고한 것을 기록했어요.
filing-answered|Another body answered.|다른 기관의 답을 기록했어요.
filing-taken-back|A record of a step elsewhere was taken back.|다른 기관에 신고했다는 기록을 되돌렸어요.
copy-closed|A copy was closed.|사본을 종결했어요.
copy-reopened|A closed copy was opened again.|종결한 사본을 다시 열었어요.
hand-off-read|What can be taken to another body was shown.|다른 기관에 가져갈 내용을 열어 봤어요.
joint-asked|The person was asked for their part of a joint report.|공동 신고에 참여할지 본인에게 물었어요.
joint-agreed|The person agreed to their part of a joint report.|본인이 공동 신고 참여에 동의했어요.
joint-declined|The person said no to a joint report.|본인이 공동 신고에 참여하지 않기로 했어요.
joint-sent|The person's part of a joint report left.|공동 신고에서 본인 몫을 보냈어요.
case-frozen|The case was put on hold.|사건을 보류했어요.
case-unfrozen|The hold ended.|보류가 끝났어요.
erasure-asked|The erasure of the case was asked for.|사건 삭제를 요청했어요.
erasure-cancelled|The erasure was called off.|사건 삭제를 취소했어요.
payloads-destroyed|The content of the entries before was destroyed.|앞선 기록의 내용을 없앴어요.
"""


@dataclass(frozen=True, slots=True)
class Worded:
    """What an entry says."""

    en: str
    ko: str


WORDS: Mapping[str, Worded] = {
    kind: Worded(en, ko) for kind, en, ko in (line.split("|") for line in _TEXTS.strip().splitlines())
}
OTHER = Worded("Another step of the program.", "프로그램의 다른 단계예요.")
"""Of a kind that a newer program wrote."""

OF_CASES = tuple(EntryKind)[: tuple(EntryKind).index(EntryKind.LOGGED_IN)]
"""What stands in the chain of a case; the rest stands in the installation's."""


def words_of(kind: str, language: str) -> str:
    """The sentence of a kind of entry."""
    told = WORDS.get(kind, OTHER)
    return told.ko if language == "ko" else told.en


def about(entry: ToldEntry) -> tuple[str, str]:
    """The page that an entry leads to, as the kind of thing and its id; empty where it is about neither."""
    facts = entry.facts or {}
    for name, page in (("notice", "notices"), ("sighting", "sightings")):
        found = facts.get(name)
        if isinstance(found, str) and found:
            return page, found
    return "", ""
