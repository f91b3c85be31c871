"""The mail with the code that an answer needs. Nothing of the notice is in it. Pure."""

from monitor.notices.texts import Words, in_language

_SUBJECT: Words = {
    "en": "Code to answer our notice {notice}",
    "ko": "삭제 요청({notice})에 답변하기 위한 인증번호",
}
_BODY: Words = {
    "en": """Code: {code}

Somebody opened the link in our notice {notice} and asked for this code, to answer it. Type it on that page within
{minutes} minutes. If that was not you, do nothing: nobody can answer in your name without it.

This mail was sent automatically. To say more, reply to our notice itself.
""",
    "ko": """인증번호: {code}

저희가 보낸 삭제 요청({notice})의 링크에서 답변용 인증번호를 요청하여 보내 드립니다. {minutes}분 안에 해당 페이지에
입력해 주시기 바랍니다. 직접 요청하지 않으셨다면 그대로 두시면 됩니다. 인증번호가 없으면 누구도 귀사를 대신해 답변할 수
없습니다.

이 메일은 자동으로 발송되었습니다. 추가로 알리실 내용은 저희 삭제 요청 메일에 회신해 주시기 바랍니다.
""",
}


def code_mail(code: str, notice_id: str, language: str, *, minutes: int) -> tuple[str, str]:
    """Subject and text. The code stands in two halves, as people read it."""
    values = {"code": f"{code[:4]} {code[4:]}", "notice": notice_id, "minutes": minutes}
    return in_language(_SUBJECT, language).format(**values), in_language(_BODY, language).format(**values)
