"""Who helps a person right now: contacts to show before anything else works, as data, in Korean and English."""

from dataclasses import dataclass

from monitor.model.facts import AgeGroup
from monitor.notices.texts import Words, in_language


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact in one language. `phone` and `address` may be empty; `always_open` means day and night."""

    key: str
    name: str
    phone: str
    address: str
    note: str
    always_open: bool
    confirmed: bool
    """False: shown as "please check", because no source confirms it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    key: str
    name: Words
    note: Words
    phone: str = ""
    address: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2; empty for every country."""
    ages: frozenset[AgeGroup] = frozenset(AgeGroup)
    always_open: bool = False
    confirmed: bool = True


_MINORS = frozenset({AgeGroup.MINOR, AgeGroup.UNSURE})
_ADULTS = frozenset({AgeGroup.ADULT})

_CONTACTS = (
    _Entry(
        key="kr_1366",
        name={"en": "Women's emergency hotline 1366", "ko": "여성긴급전화 1366"},
        note={
            "en": "Advice on digital sex crimes day and night. They also help with removal and a safe place.",
            "ko": "디지털성범죄 피해를 밤낮없이 상담해 드려요. 삭제 지원과 긴급 보호도 함께 도와드려요.",
        },
        phone="1366",
        country="KR",
        always_open=True,
    ),
    _Entry(
        key="kr_d4u",
        name={
            "en": "Central Digital Sex Crime Victim Support Center (D4U)",
            "ko": "중앙디지털성범죄피해자지원센터(D4U)",
        },
        note={
            "en": "Removal, advice, legal and medical support, free of charge. Bring an identity paper and the links.",
            "ko": "삭제 지원과 상담, 법률·의료 연계를 무료로 도와드려요. 신분증과 게시물 주소가 있으면 더 빨라요.",
        },
        phone="02-735-8994",
        address="https://d4u.stop.or.kr",
        country="KR",
    ),
    _Entry(
        key="kr_police",
        name={"en": "Police 112", "ko": "경찰 112"},
        note={
            "en": "When you are in danger or being threatened, call now. Cybercrime can also be reported online.",
            "ko": "지금 위험하거나 협박을 받고 있다면 바로 전화해 주세요. 사이버범죄는 온라인으로도 신고할 수 있어요.",
        },
        phone="112",
        address="https://ecrm.police.go.kr",
        country="KR",
        always_open=True,
    ),
    _Entry(
        key="kr_commission",
        name={
            "en": "Korea Media Communications Review Commission, 1377 then 3",
            "ko": "방송미디어통신심의위원회 1377 → 3번",
        },
        note={
            "en": "Asks for blocking and removal, usually within 24 hours, and connects you to other help.",
            "ko": "삭제·접속차단을 요청할 수 있어요. 보통 24시간 안에 처리하고, 필요한 기관도 연결해 드려요.",
        },
        phone="1377",
        country="KR",
        always_open=True,
    ),
    _Entry(
        key="ncmec_take_it_down",
        name={"en": "Take It Down (NCMEC)", "ko": "Take It Down(미국 NCMEC)"},
        note={
            "en": "For pictures taken under 18, worldwide, without giving a name. Do not download a picture for it.",
            "ko": "18세 전에 찍힌 사진이면 어느 나라에서든 이름 없이 이용할 수 있어요. 사진을 새로 내려받지는 마세요.",
        },
        address="https://takeitdown.ncmec.org",
        ages=_MINORS,
        always_open=True,
    ),
    _Entry(
        key="telegram_stopca",
        name={"en": "Telegram's child abuse desk", "ko": "텔레그램 아동 성착취물 신고"},
        note={
            "en": "Send links only, never pictures.",
            "ko": "게시물 주소만 보내 주세요. 사진은 보내지 마세요.",
        },
        address="stopCA@telegram.org",
        ages=_MINORS,
        always_open=True,
    ),
    _Entry(
        key="x_cse",
        name={"en": "X's child exploitation form", "ko": "X 아동 성착취 신고 양식"},
        note={
            "en": "Send links only. Do not take screenshots.",
            "ko": "게시물 주소만 적어 주세요. 화면 캡처는 하지 마세요.",
        },
        address="https://help.x.com/forms/safety-and-sensitive-content/cse",
        ages=_MINORS,
        always_open=True,
        confirmed=False,
    ),
    _Entry(
        key="iwf",
        name={"en": "Internet Watch Foundation (IWF)", "ko": "인터넷감시재단(IWF, 영국)"},
        note={
            "en": "Takes links from anybody, without a name, and has them removed.",
            "ko": "누구나 이름 없이 주소만으로 신고할 수 있고, 삭제를 진행해 드려요.",
        },
        address="https://report.iwf.org.uk",
        ages=_MINORS,
        always_open=True,
    ),
    _Entry(
        key="stopncii",
        name={"en": "StopNCII", "ko": "StopNCII"},
        note={
            "en": "Stops known pictures on many large platforms. Your picture stays on your device.",
            "ko": "여러 대형 플랫폼에서 같은 사진이 다시 올라오지 못하게 해요. 사진은 기기 밖으로 나가지 않아요.",
        },
        address="https://stopncii.org",
        ages=_ADULTS,
        always_open=True,
    ),
    _Entry(
        key="us_ftc",
        name={"en": "Federal Trade Commission", "ko": "미국 연방거래위원회(FTC)"},
        note={
            "en": "When a platform did not remove a picture within 48 hours of your request.",
            "ko": "요청한 지 48시간이 지나도 플랫폼이 지우지 않았을 때 신고할 수 있어요.",
        },
        address="https://TakeItDown.ftc.gov",
        country="US",
        always_open=True,
    ),
)

ELSEWHERE = "ZZ"
"""Stands for every country without contacts of its own."""
COUNTRIES = (*dict.fromkeys(entry.country for entry in _CONTACTS if entry.country), ELSEWHERE)
"""One for each answer that `contacts` and `cautions` have."""

_DO_NOT_COPY: Words = {
    "en": "Please do not download, screenshot or pass on the picture. The link is enough.",
    "ko": "사진을 내려받거나 캡처하거나 다른 사람에게 보내지 마세요. 주소만 있으면 충분해요.",
}
_NOT_YOUR_FAULT: Words = {
    "en": "What happened is not your fault.",
    "ko": "지금 겪고 계신 일은 본인의 잘못이 아니에요.",
}
_EMERGENCY: Words = {
    "en": "If you are in danger right now, call your local emergency number first.",
    "ko": "지금 위험한 상황이라면 먼저 계신 곳의 긴급전화에 연락해 주세요.",
}
_KR_DUTY: Words = {
    "en": "In Korea, counselling centres must tell the police at once when a minor's picture is concerned. "
    "You can ask them about this before you say anything else.",
    "ko": "한국의 상담기관은 아동·청소년 피해를 알게 되면 바로 경찰에 알려야 해요. "
    "이야기를 시작하기 전에 이 점을 먼저 물어보셔도 괜찮아요.",
}
_KR_UNDER_14: Words = {
    "en": "Under 14, a legal guardian agrees for you. "
    "If home is not safe, tell 1366 or the centre: there is another way.",
    "ko": "만 14세 미만이면 법정대리인의 동의가 필요해요. "
    "집에 알리기 어렵거나 안전하지 않다면 1366이나 지원센터에 말해 주세요. 다른 방법이 있어요.",
}


def contacts(country: str, age_group: AgeGroup, language: str) -> tuple[Contact, ...]:
    """Contacts for a person in `country` (ISO 3166-1 alpha-2; empty: unknown), those open day and night first.

    Korean contacts are also shown while the country is unknown: most people who come here are in Korea.
    """
    here = _country(country)
    fitting = (entry for entry in _CONTACTS if entry.country in ("", here) and age_group in entry.ages)
    local_then_open = sorted(fitting, key=lambda entry: (entry.country == "", not entry.always_open))
    return tuple(
        Contact(
            key=entry.key,
            name=in_language(entry.name, language),
            phone=entry.phone,
            address=entry.address,
            note=in_language(entry.note, language),
            always_open=entry.always_open,
            confirmed=entry.confirmed,
        )
        for entry in local_then_open
    )


def cautions(country: str, age_group: AgeGroup, language: str) -> tuple[str, ...]:
    """What to say beside the contacts, before anything is asked of the person."""
    korea = _country(country) == "KR"
    said = [_NOT_YOUR_FAULT] if korea else [_NOT_YOUR_FAULT, _EMERGENCY]
    if age_group.counts_as_minor:
        said += [_DO_NOT_COPY, _KR_DUTY, _KR_UNDER_14] if korea else [_DO_NOT_COPY]
    return tuple(in_language(words, language) for words in said)


def _country(country: str) -> str:
    return country.strip().upper() or "KR"
