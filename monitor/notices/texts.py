"""Words for the values of a notice and for the reasons of the rules, in Korean and English. Calm, and never blaming."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from monitor.core.refusals import Refusal
from monitor.model.facts import Basis, PictureKind, PostedWith, SenderRole
from monitor.platforms.base import PlatformName

LANGUAGES = ("en", "ko")

Words = Mapping[str, str]
"""One text by language."""


class Reason(StrEnum):
    """Why a route may be taken now, or not: each but ALLOWED is a Refusal of the same value."""

    ALLOWED = "allowed"
    OWN_PAGE = Refusal.OWN_PAGE.value
    PLATFORM_MISMATCH = Refusal.PLATFORM_MISMATCH.value
    MINOR_OR_UNSURE = Refusal.MINOR_OR_UNSURE.value
    MINORS_ONLY = Refusal.MINORS_ONLY.value
    SHOWN_ONLY = Refusal.SHOWN_ONLY.value
    """A route for minors: the person or the centre takes it, we send nothing."""
    OTHER_COUNTRY = Refusal.OTHER_COUNTRY.value
    COUNTRY_NOT_TOLD = Refusal.COUNTRY_NOT_TOLD.value
    SENDER_NOT_ENTITLED = Refusal.SENDER_NOT_ENTITLED.value
    NOTHING_POSTED_WITH = Refusal.NOTHING_POSTED_WITH.value
    ROUTE_NOT_IN_USE = Refusal.ROUTE_NOT_IN_USE.value
    ORDINARY_PHOTO_ALONE = Refusal.ORDINARY_PHOTO_ALONE.value
    WAITING_FOR_POLICE = Refusal.WAITING_FOR_POLICE.value
    POLICE_WAIT_OVER = Refusal.POLICE_WAIT_OVER.value
    """The date has passed, but only the person lifts the wait."""
    NO_PERMISSION = Refusal.NO_PERMISSION.value
    WAITS_FOR_PERSON = Refusal.WAITS_FOR_PERSON.value
    SECOND_ADVOCATE = Refusal.SECOND_ADVOCATE.value
    MISSING_FIELDS = Refusal.MISSING_FIELDS.value


SUBJECT_WORDS: Words = {"en": "Subject", "ko": "제목"}
TEXT_WORDS: Words = {"en": "Text", "ko": "내용"}

NO_TEXT: Words = {"en": "", "ko": ""}

PLATFORMS: Mapping[PlatformName, Words] = {
    PlatformName.TELEGRAM: {"en": "Telegram", "ko": "텔레그램"},
    PlatformName.X: {"en": "X", "ko": "X(옛 트위터)"},
}

ACCOUNT_NUMBER: Mapping[PlatformName, Words] = {
    PlatformName.TELEGRAM: {"en": "channel number", "ko": "채널 고유 번호"},
    PlatformName.X: {"en": "account number", "ko": "계정 고유 번호"},
}
POST_NUMBER: Words = {"en": "post number", "ko": "게시물 번호"}

WITHHELD_FROM_ALL: Words = {
    "en": "withheld from all viewers, but not removed",
    "ko": "모든 이용자에게 보이지 않게 제한되었을 뿐, 삭제되지 않았습니다",
}
WITHHELD_FROM_SOME: Words = {
    "en": "withheld from some viewers or regions, and not removed",
    "ko": "일부 이용자나 지역에서만 보이지 않게 제한되었고, 삭제되지 않았습니다",
}

KINDS: Mapping[PictureKind, Words] = {
    PictureKind.INTIMATE: {"en": "intimate picture", "ko": "사적인 성적 사진"},
    PictureKind.FAKED: {
        "en": "faked intimate picture (digital forgery)",
        "ko": "허위로 만든 성적 합성 사진(딥페이크 등)",
    },
    PictureKind.ORDINARY: {"en": "ordinary photo", "ko": "일상 사진"},
}

BASES: Mapping[Basis, Words] = {
    Basis.PERSON_VIEWED: {"en": "the person depicted viewed the post", "ko": "본인이 게시물을 직접 확인했습니다"},
    Basis.OFFICIAL_VIEWED: {
        "en": "the police or a victim support centre viewed the post",
        "ko": "경찰 또는 피해자 지원센터가 게시물을 확인했습니다",
    },
    Basis.CAPTION_CONTEXT: {
        "en": "caption and context of the post, and a fingerprint match of the picture",
        "ko": "게시물의 설명과 정황, 그리고 사진 지문의 일치로 확인했습니다",
    },
    Basis.PERSON_SAID: {
        "en": "the person depicted has told the support centre that the picture is theirs",
        "ko": "본인이 자신의 사진이라고 지원센터에 알려 주었습니다",
    },
    Basis.IDENTICAL_COPY: {
        "en": "identical, by two fingerprints of the picture, to a copy that has been confirmed",
        "ko": "이미 확인된 게시물의 사진과 두 가지 사진 지문이 모두 일치합니다",
    },
}

CONFIRMED_ANOTHER: Words = {
    "en": "{} (of another post with the identical picture)",
    "ko": "{} (사진이 똑같은 다른 게시물을 확인함)",
}
"""Who confirmed it, where nobody looked at the post itself."""
CONFIRMED_BEFORE: Words = {
    "en": "{}, who took this over from the centre that confirmed it",
    "ko": "{} (게시물을 확인한 이전 센터에서 넘겨받음)",
}
"""Who answers for it, where the case moved since it was confirmed."""
CONFIRMED_ANOTHER_BEFORE: Words = {
    "en": "{}, who took this over from the centre that confirmed another post with the identical picture",
    "ko": "{} (사진이 똑같은 다른 게시물을 확인한 이전 센터에서 넘겨받음)",
}
"""Both: nobody looked at the post itself, and who looked at the other one was of the centre before."""

ROLES: Mapping[SenderRole, Words] = {
    SenderRole.PERSON: {"en": "the person depicted", "ko": "사진 속 본인"},
    SenderRole.AGENT: {
        "en": "an authorised person acting for the person depicted",
        "ko": "본인에게서 위임받은 대리인",
    },
}

ON_BEHALF: Mapping[SenderRole, Words] = {
    SenderRole.PERSON: {"en": "myself", "ko": "본인"},
    SenderRole.AGENT: {"en": "someone else, who authorised me", "ko": "나에게 위임한 다른 사람"},
}

ADULT_WHEN_PICTURED: Words = {"en": "adult when pictured", "ko": "촬영 당시 성인"}

KOREAN_TYPES: Mapping[PictureKind, Words] = {
    PictureKind.INTIMATE: {
        "en": "illegally filmed material (Act on Special Cases Concerning Sexual Crimes, Article 14)",
        "ko": "불법촬영물(「성폭력범죄의 처벌 등에 관한 특례법」 제14조)",
    },
    PictureKind.FAKED: {
        "en": "false video or image (Act on Special Cases Concerning Sexual Crimes, Article 14-2)",
        "ko": "허위영상물(「성폭력범죄의 처벌 등에 관한 특례법」 제14조의2)",
    },
    PictureKind.ORDINARY: {
        "en": "a person's photo and identity (rights of personality, personal information)",
        "ko": "초상 및 개인정보(인격권 침해, 「개인정보 보호법」)",
    },
}
"""What Korean law calls it; the reason on the annexed form."""
KOREAN_TYPE_OF_MINORS: Words = {
    "en": "sexual exploitation material of a child or youth (Act on the Protection of Children and Youth)",
    "ko": "아동·청소년성착취물(「아동·청소년의 성보호에 관한 법률」)",
}

VIOLATIONS: Mapping[PictureKind, Words] = {
    PictureKind.INTIMATE: {
        "en": "non-consensual publication of sexual materials",
        "ko": "동의 없는 성적 촬영물의 게시",
    },
    PictureKind.FAKED: {
        "en": "non-consensual publication of sexual materials (a digital forgery)",
        "ko": "동의 없는 성적 합성물(딥페이크 등)의 게시",
    },
    PictureKind.ORDINARY: {
        "en": "sharing personal details of others to intimidate or bully them (doxing)",
        "ko": "다른 사람을 위협하거나 괴롭히려고 개인정보를 퍼뜨리는 행위(독싱)",
    },
}

REASONS_IN_EU_LAW: Mapping[PictureKind, Words] = {
    kind: {
        "en": f"{english} published without the consent of the person depicted: an offence to be punished under "
        "Article 5 of Directive (EU) 2024/1385, and processing of sensitive personal data without any ground "
        "(Articles 6 and 9 of Regulation (EU) 2016/679)",
        "ko": f"본인의 동의 없이 게시된 {korean}: 지침 (EU) 2024/1385 제5조에 따라 처벌되어야 하는 행위이며, 근거 없는 "
        "민감정보 처리(규정 (EU) 2016/679 제6조, 제9조)",
    }
    for kind, english, korean in (
        (PictureKind.INTIMATE, "intimate picture of an adult", "성인의 사적인 성적 사진"),
        (PictureKind.FAKED, "manipulated intimate picture of an adult", "성인의 성적 합성 사진"),
        (PictureKind.ORDINARY, "photo of a person with personal details", "개인정보와 함께 게시된 사진"),
    )
}

IS_INTIMATE: Mapping[PictureKind, Words] = {
    PictureKind.INTIMATE: {
        "en": "yes: a photograph or film that shows a person in an intimate state",
        "ko": "예: 사람의 사적인 상태를 보여 주는 사진 또는 영상",
    },
    PictureKind.FAKED: {
        "en": "yes: made or altered so that it appears to show a person in an intimate state",
        "ko": "예: 사람의 사적인 상태를 보여 주는 것처럼 만들거나 변형한 사진 또는 영상",
    },
    PictureKind.ORDINARY: {"en": "", "ko": ""},
}

POSTED_WITH: Mapping[PostedWith, Words] = {
    PostedWith.NAME: {"en": "the person's name", "ko": "이름"},
    PostedWith.SCHOOL: {"en": "their school or place of work", "ko": "학교 또는 직장"},
    PostedWith.CONTACT: {"en": "a telephone number, an address or an account", "ko": "전화번호, 주소 또는 계정"},
    PostedWith.INSULT: {"en": "insults or threats", "ko": "모욕 또는 협박"},
}

BONA_FIDE: Words = {
    "en": "I confirm in good faith that the information and allegations in this notice are accurate and complete.",
    "ko": "이 신고에 담긴 정보와 주장이 정확하고 빠짐이 없다고 선의로 확인합니다.",
}
GOOD_FAITH: Words = {
    "en": "This report is made in good faith: the content was published without the consent of the person depicted.",
    "ko": "이 신고는 선의로 하는 것이며, 해당 콘텐츠는 본인의 동의 없이 게시되었습니다.",
}
TRUE_TO_BEST_KNOWLEDGE: Words = {
    "en": "The information in this report is true to the best of the sender's knowledge.",
    "ko": "이 신고의 내용은 보내는 사람이 아는 한 사실입니다.",
}

FIELD_WORDS: Mapping[str, Words] = {
    "route": {"en": "route", "ko": "신고 경로"},
    "person_address": {"en": "the person's own address", "ko": "본인의 연락처"},
    "kind": {"en": "kind of picture", "ko": "사진의 종류"},
    "basis_of_knowledge": {"en": "how this is known", "ko": "확인한 방법"},
    "urls": {"en": "link to the post", "ko": "게시물 주소"},
    "location_urls": {"en": "link to the post", "ko": "게시물 주소"},
    "post_urls": {"en": "link to the post", "ko": "게시물 주소"},
    "ids": {"en": "channel or account, and post number", "ko": "채널(계정)과 게시물 번호"},
    "peer": {"en": "channel", "ko": "채널"},
    "option_path": {"en": "choice in the report menu", "ko": "신고 메뉴의 항목"},
    "sender_role": {"en": "who sends the notice", "ko": "보내는 사람"},
    "on_behalf_of": {"en": "for whom the report is made", "ko": "누구를 위한 신고인지"},
    "authority_document": {"en": "authority document (mandate)", "ko": "위임장 번호"},
    "reviewer": {"en": "name of the advocate who confirmed the post", "ko": "게시물을 확인한 상담원 이름"},
    "consent_to_send_at": {"en": "permission to send", "ko": "보내도 된다는 동의"},
    "age_check": {"en": "age when pictured", "ko": "촬영 당시 나이"},
    "signature": {"en": "signature", "ko": "서명"},
    "content_identification": {"en": "what the picture shows, in a few words", "ko": "어떤 사진인지에 대한 짧은 설명"},
    "good_faith_nonconsent": {"en": "why it was shared without consent", "ko": "동의 없이 올라왔다고 보는 이유"},
    "contact": {"en": "contact of the support centre", "ko": "지원센터 연락처"},
    "observed_at": {"en": "when it was seen", "ko": "확인한 시각"},
    "exact_urls": {"en": "link to the post", "ko": "게시물 주소"},
    "infringing_urls": {"en": "link to the post", "ko": "게시물 주소"},
    "links": {"en": "link to the post", "ko": "게시물 주소"},
    "exact_location": {"en": "exact place of the post", "ko": "게시물의 정확한 위치"},
    "subject_or_agent": {"en": "the person shown, or who acts for them", "ko": "본인인지 대리인인지"},
    "requester": {"en": "who asks (name, or name of the body)", "ko": "요청인(성명 또는 기관·단체명)"},
    "designation": {"en": "with which body the centre is registered", "ko": "기관이 지정·등록된 곳"},
    "notifier_name": {"en": "name of the notifier", "ko": "신고하는 사람의 이름"},
    "identifying_information": {
        "en": "what the picture shows, in a few words",
        "ko": "어떤 사진인지에 대한 짧은 설명",
    },
    "reason": {"en": "why it was shared without consent", "ko": "동의 없이 올라왔다고 보는 이유"},
    "reason_and_grounds": {"en": "reason and grounds", "ko": "신고 사유와 근거"},
    "infringement_explanation": {"en": "how it infringes the person's rights", "ko": "권리가 침해된 사실의 설명"},
    "type": {"en": "type under Korean law", "ko": "정보의 종류"},
    "violation": {"en": "which rule it breaks", "ko": "위반한 규정"},
    "reasons_illegal": {"en": "why it is illegal", "ko": "불법인 이유"},
    "is_intimate_content": {"en": "is it intimate content?", "ko": "사적인 성적 콘텐츠인지"},
    "posted_with": {"en": "what was posted with the picture", "ko": "사진과 함께 올라온 내용"},
    "bona_fide_statement": {"en": "statement of good faith", "ko": "선의의 확인"},
    "good_faith": {"en": "statement of good faith", "ko": "선의의 확인"},
    "true_to_best_knowledge": {"en": "statement that it is true", "ko": "사실이라는 확인"},
    "request_sent_at": {"en": "when the request was sent", "ko": "요청을 보낸 시각"},
}

BROUGHT_WORDS: Mapping[str, Words] = {
    "identity_document": {"en": "an identity card", "ko": "신분증"},
    "relationship_proof": {"en": "for kin: a proof of the relationship", "ko": "가족이면 가족관계를 보여 주는 서류"},
    "victim_identity_copy": {
        "en": "for an agent: a copy of the person's identity card",
        "ko": "대리인이면 본인의 신분증 사본",
    },
    "mandate_original": {
        "en": "for an agent: the mandate, signed by hand",
        "ko": "대리인이면 본인이 직접 서명한 위임장",
    },
    "postal_address": {"en": "a postal address", "ko": "우편 주소"},
    "phone": {"en": "a telephone number", "ko": "전화번호"},
    "work": {"en": "what work it is, and who took the picture", "ko": "어떤 저작물이고 누가 촬영했는지"},
    "perjury_statement": {"en": "a statement under penalty of perjury", "ko": "거짓이면 처벌을 받겠다는 진술"},
    "date_of_birth": {"en": "a date of birth", "ko": "생년월일"},
}
"""What a person brings, or types there themselves: fields.BROUGHT."""

_REASONS: Mapping[Reason, Words] = {
    Reason.ALLOWED: {"en": "This notice can be sent.", "ko": "이 신고는 지금 보낼 수 있어요."},
    Reason.OWN_PAGE: {
        "en": "This is the person's own page, as they said: no platform is told of it.",
        "ko": "본인이 자기 계정이라고 알려 준 곳이에요. 그래서 플랫폼에 신고하지 않아요.",
    },
    Reason.PLATFORM_MISMATCH: {
        "en": "This route is for another platform.",
        "ko": "이 경로는 다른 플랫폼에 쓰는 경로예요.",
    },
    Reason.MINOR_OR_UNSURE: {
        "en": "The person was under age when pictured, or we are not sure. No notice for adults is sent; "
        "the routes for minors are shown, and people take them themselves.",
        "ko": "촬영 당시 미성년이었거나 확실하지 않아요. 그래서 성인용 신고는 보내지 않고, 아동·청소년을 위한 경로를 "
        "안내해 드려요. 그 경로는 사람이 직접 이용해요.",
    },
    Reason.MINORS_ONLY: {
        "en": "This route is for pictures taken under age.",
        "ko": "이 경로는 미성년일 때 찍힌 사진에만 써요.",
    },
    Reason.SHOWN_ONLY: {
        "en": "We send nothing here ourselves. You, someone you trust or a support centre can use this route.",
        "ko": "이 경로로는 저희가 직접 보내지 않아요. 본인이나 믿을 수 있는 분, 지원센터가 이용할 수 있어요.",
    },
    Reason.OTHER_COUNTRY: {
        "en": "This route is for people or centres in other countries.",
        "ko": "다른 나라에 있는 분이나 기관이 쓰는 경로예요.",
    },
    Reason.COUNTRY_NOT_TOLD: {
        "en": "Who may use this depends on the country: ask the person first in which country they are.",
        "ko": "나라에 따라 쓸 수 있는 사람이 달라요. 어느 나라에 있는지 먼저 본인에게 물어봐 주세요.",
    },
    Reason.SENDER_NOT_ENTITLED: {
        "en": "Only a body that a state named or keeps on a list may use this route. The operator can record it for "
        "the centre.",
        "ko": "국가가 지정하거나 등록한 기관만 쓸 수 있는 경로예요. 운영자가 기관 정보에 기록할 수 있어요.",
    },
    Reason.NOTHING_POSTED_WITH: {
        "en": "Only where a name, a school, a contact or insults were posted with the picture: tick what was there.",
        "ko": "이름, 학교, 연락처나 모욕이 사진과 함께 올라온 경우에만 써요. 함께 올라온 것이 있으면 골라 주세요.",
    },
    Reason.ROUTE_NOT_IN_USE: {
        "en": "This route is switched off here.",
        "ko": "여기서는 쓰지 않는 경로예요.",
    },
    Reason.ORDINARY_PHOTO_ALONE: {
        "en": "This is an ordinary photo. A notice about intimate pictures needs an intimate or a faked picture.",
        "ko": "이 사진은 일상 사진으로 등록되어 있어요. 성적 촬영물·합성물 신고는 일상 사진만으로는 보낼 수 없어요.",
    },
    Reason.WAITING_FOR_POLICE: {
        "en": "You asked to wait for the police{until}. Nothing is sent until you lift the wait.",
        "ko": "경찰 수사를 먼저 기다리기로 하셨어요{until}. 직접 해제하시기 전에는 아무것도 보내지 않아요.",
    },
    Reason.POLICE_WAIT_OVER: {
        "en": "The date of your wait for the police has passed{until}. You decide: wait longer, or send now.",
        "ko": "경찰 수사를 기다리기로 한 날짜가 지났어요{until}. 더 기다릴지, 이제 보낼지 정해 주시면 그대로 할게요.",
    },
    Reason.NO_PERMISSION: {
        "en": "There is no permission to send yet.",
        "ko": "아직 보내도 된다는 동의를 받지 못했어요.",
    },
    Reason.WAITS_FOR_PERSON: {
        "en": "This waits for the person's confirmation: an advocate entered a signature, the permission or the age "
        "for them. They say yes or no on their page; a mandate that an advocate records counts as well.",
        "ko": "본인의 답을 기다리고 있어요. 서명이나 보내도 된다는 동의, 나이를 상담원이 대신 입력했어요. "
        "본인이 자신의 화면에서 맞는지 답해 주거나, 상담원이 위임을 기록하면 보낼 수 있어요.",
    },
    Reason.SECOND_ADVOCATE: {
        "en": "One advocate vouched and entered the permission or the signature, so another advocate must send it. If "
        "the person confirms what was entered, the same advocate can.",
        "ko": "같은 상담원이 상담원 확인을 하고 동의나 서명도 대신 입력했어요. 그래서 다른 상담원이 보내야 해요. "
        "대신 입력한 내용이 맞다고 본인이 답하면 같은 상담원도 보낼 수 있어요.",
    },
    Reason.MISSING_FIELDS: {"en": "Still needed: {missing}.", "ko": "아직 필요한 내용이 있어요: {missing}."},
}

_UNTIL: Words = {"en": " (until {date})", "ko": " ({date}까지)"}


def in_language(words: Words, language: str) -> str:
    """The text in `language`, else in English."""
    return words.get(language, words["en"])


FOR_MINOR: tuple[Words, ...] = (
    {
        "en": "This notice left as one about an adult's picture. Tell its recipient by a route for minors (below) that "
        "the person was, or may have been, under age: name the same post and the time this notice was sent.",
        "ko": "이 신고는 성인의 사진으로 나갔어요. 아래의 아동·청소년 경로로, 사진 속 사람이 미성년이었거나 그럴 수 "
        "있다고 알려 주세요. 같은 게시물과 이 신고를 보낸 시각을 함께 적어 주세요.",
    },
    {
        "en": "Do not open, save or attach the picture. The address and the number of the post are enough.",
        "ko": "사진을 열거나 저장하거나 첨부하지 마세요. 게시물의 주소와 번호면 충분해요.",
    },
    {
        "en": "Tell the person what was sent, to whom and when, before you go on. In Korea a centre must tell the "
        "police of a minor's picture (112).",
        "ko": "다음 일을 하기 전에 무엇이 누구에게 언제 나갔는지 본인에게 알려 주세요. 한국의 기관은 아동·청소년의 "
        "사진이면 경찰(112)에 알려야 해요.",
    },
)
"""What an advocate does about a notice for an adult that left before it was known that the picture is a minor's."""


def field_names(missing: Iterable[str], language: str) -> str:
    """The fields' names for people, each once: "signature, contact"."""
    return ", ".join(dict.fromkeys(in_language(FIELD_WORDS[name], language) for name in missing))


def explain(reason: Reason, language: str, *, missing: Iterable[str] = (), until: str = "") -> str:
    """One or two sentences that say why, for the person and the advocate. `until` is a date such as 2026-12-01."""
    dated = in_language(_UNTIL, language).format(date=until) if until else ""
    return in_language(_REASONS[reason], language).format(until=dated, missing=field_names(missing, language))
