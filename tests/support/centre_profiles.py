"""A whole profile of a centre."""

from typing import Any

PROFILE: dict[str, Any] = {
    "name_ko": "서울 상담센터",
    "name_en": "Seoul Centre",
    "asks_ko": "어떻게 부르면 되는지, 언제 전화해도 되는지 물어봐요.",
    "asks_en": "How to call you, and when we may phone.",
    "phone": "02-000-0000",
    "text": "010-0000-0000",
    "chat": "https://pf.kakao.example/seoul",
    "hours": [{"day": 0, "opens": 600, "closes": 1020}],
    "zone": "Asia/Seoul",
    "note_ko": "공휴일에는 쉬어요.",
    "note_en": "Closed on holidays.",
    "languages": ["ko", "en", "vi"],
}
PROFILE_FORM = {name: value for name, value in PROFILE.items() if isinstance(value, str)} | {"language": "ko"}
