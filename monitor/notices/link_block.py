"""What stands around the text of a mail: under it how to answer, above it what was taken back since. Pure."""

from collections.abc import Sequence

from monitor.notices.texts import Words, in_language

_BLOCK: Words = {
    "en": """
ANSWER WITHOUT AN ACCOUNT
{address}
The page shows this notice with the exact location, also as JSON, and takes your answer: acknowledged, removed, more
needed, or refused. Opening it changes nothing. To answer, it mails a code to the address that this notice went to.
The link ends with this notice, and after {days} days at the latest.
""",
    "ko": """
계정 없이 답변하기
{address}
위 페이지에서 이 요청과 게시 위치를 확인(JSON 포함)하고 답변(접수, 삭제 완료, 추가 자료 필요, 거부)할 수 있습니다.
열어 보는 것만으로는 아무것도 바뀌지 않습니다. 답변하려면 이 요청을 받은 주소로 보내 드리는 인증번호가 필요합니다.
이 링크는 이 요청이 끝나면, 늦어도 {days}일 뒤에 닫힙니다.
""",
}


_TAKEN_BACK: Words = {
    "en": """TAKEN BACK
After this notice was sent, the request was taken back for these links. Nothing is asked about them any more:
{addresses}

THE NOTICE AS IT WAS SENT
""",
    "ko": """철회한 주소
이 요청을 보낸 뒤 아래 주소에 대한 요청은 철회했습니다. 아래 주소에 대해서는 더 이상 어떤 조치도 요청하지 않습니다.
{addresses}

처음 보낸 요청
""",
}


def with_taken_back(body: str, language: str, addresses: Sequence[str]) -> str:
    """The text as it was sent, and above it the links about which nothing is asked any more."""
    if not addresses:
        return body
    return in_language(_TAKEN_BACK, language).format(addresses="\n".join(addresses)) + body


def with_link(body: str, language: str, address: str, *, days: int) -> str:
    """The text with the block under it. The address stands alone on its line, so that no program breaks it."""
    return body.rstrip("\n") + "\n" + in_language(_BLOCK, language).format(address=address, days=days)
