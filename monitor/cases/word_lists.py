"""The words of passphrases: BIP 39's lists without words that hurt who has to read, write and keep them.

Each word that was taken out has another in its place, so a word is worth as many bits as before. Passphrases of before
hold old words; nobody looks words up when a passphrase is checked, so they open what they opened.
"""

import unicodedata
from functools import lru_cache

from mnemonic import Mnemonic

_LISTS = {"en": "english", "ko": "korean"}

_TAKEN_OUT_EN = """
abandon abuse accident accuse adult afraid alarm alcohol amateur anger angry anxiety arrest assault
attack awful battle betray bitter blame blast bleak blind blood blur body bomb broken bullet burden
burst caught chaos chase cheap chest crack crash crazy crime cruel crush cry damage danger debris
deny denial despair destroy dirt disease dismiss disorder divorce dizzy drastic dumb dwarf enemy
erase evidence evil exclude execute exhaust exhibit exile expose fade faint false fat fatal fatigue
fault female fever flash flee force fragile frown garbage gasp ghost girl gloom gossip grab grief
guilt gun harsh hazard hidden hip horror hunt hurt idle ignore ill illegal illness impose inflict
injury inmate insane isolate jealous junk kick kiss knife lawsuit lazy liar lonely mad maid mask
master minor misery miss mistake model monster naive nasty negative neglect nuclear obey orphan
panic penalty photo picture pistol police poverty prison private problem punch raw rebel regret
reject remove reveal rifle riot risk rival rough rude sad sadness scare scrap secret share sick
siege skin skull slam sniff sorry split spoil spread spy sting strike struggle stumble submit suffer
suspect swallow swear sword symptom target toilet tongue tragic trap trash trick trigger trouble
ugly unable unfair unhappy upset useless vanish vicious video virus void warfare waste weapon weird
whip witness worry wreck wrong camera film
"""
_PUT_IN_EN = """
acorn almond apricot aspen badger barley basil beaver begonia beret birch biscuit bluebell bobbin
bonnet bookmark bramble bumblebee buttercup candle canary caramel cardigan carrot cashew cedar
chestnut clover cobalt cocoa compass cookie coriander cottage crayon crocus cucumber curlew daffodil
daisy dandelion dewdrop drizzle duckling dumpling easel fennel fern fiddle finch firefly flamingo
flute fountain gazebo gecko geranium glacier goldfish granite hazel heather heron hibiscus honeycomb
iris jasmine juniper kettle koala lagoon lantern lavender leek lentil lilac lily linen locket lotus
lullaby magnolia magpie mallow marigold marmalade meteor mimosa mint mitten moss nectar nutmeg oasis
oatmeal opal orchid oregano otter owl paprika parsley parsnip pebble peony petal pinecone plum
poplar poppy porridge primrose prism puffin quartz quilt quince raindrop raisin raspberry reed robin
rosemary saffron sapphire scarf seagull seashell sesame sparrow spruce starling stork sundial
sunflower tangerine teapot thicket thistle thyme topaz treetop tulip turnip turquoise vanilla
verbena violet waffle walrus willow windmill woodland wren yarrow yogurt zephyr zinnia anchovy bagel
bakery balloon breadcrumb banjo beehive beetroot blueberry bonsai brioche brook bugle camellia
carousel cello chamomile cherub chicory chive cinder clarinet cloudlet cobbler corduroy cranberry
croissant cupcake cypress dahlia date dill dogwood doorway dragonfly driftwood emerald evergreen fig
flannel freesia frosting gardenia goldfinch gumdrop hammock harmonica harp hazelnut hyacinth jigsaw
kayak kelp kiwifruit ladybird lakeside larch lark lemonade limestone linden
"""
_TAKEN_OUT_KO = """
가난 가슴 갈등 강도 강제 거짓 걱정 경고 경찰 고민 고통 공개 공격 공포 괴로움 구속 귀신 긴급 긴장
눈물 늑대 다이어트 데이트 도둑 도망 독감 뒷모습 마사지 마약 마찰 명령 모델 목숨 몰래 몸매 몸무게
몸살 몸속 몸통 무관심 무덤 미사일 미인 바이러스 반발 방해 배꼽 백인 벌금 벌레 범인 범죄 변명 병실
부끄러움 부담 부상 부작용 부정 부족 분노 불만 불법 불안 불이익 불행 비극 비난 비디오 비만 비명 비밀
비상 비판 사건 사생활 사진 사춘기 산부인과 살인 상처 성별 성적 성질 소문 속옷 손실 손해 수술 수컷
술병 술집 숙녀 스트레스 슬픔 시선 신고 실망 실수 실패 심판 아가씨 아픔 악몽 암컷 애인 야단 약점
약혼녀 어둠 어려움 엉덩이 엉망 엉터리 여고생 여군 여대생 여인 여직원 여학생 남학생 연애 연인 염려
영상 온몸 옷차림 외로움 외침 위반 위법 위험 위협 육체 이놈 이별 이혼 입술 자극 잘못 잠옷 장례 재판
전쟁 절망 접촉 죄인 중독 증거 증상 증세 지진 진통 질병 짜증 찌꺼기 차별 처벌 체중 촬영 최악 충격
충돌 취향 침대 침묵 침실 카메라 콤플렉스 쾌감 쿠데타 통증 파출소 판결 팬티 편견 피곤 핑계 허락 형사
환자 흑인 흔적 희생 군대 검사 결석 극복 기침 사나이 총각 게시판 필름
"""
_PUT_IN_KO = """
가로등 가야금 감나무 갈매기 강물 거북이 고래 고사리 고슴도치 구슬 군밤 굴렁쇠 귤나무 그네 기린 기와집
까치 꽃다발 꽃밭 꾀꼬리 나팔꽃 낙타 난로 냉이 너구리 노래 노을 놀이터 눈사람 눈송이 느티나무 다람쥐
달팽이 당나귀 대나무 도라지 도토리 돌고래 돌담 동백꽃 두루미 두부 들국화 들꽃 등대 등불 딱따구리 딸기
라디오 레몬 마루 망고 매미 매실 맷돌 메아리 메추리 모래 모자 모란 목도리 목련 물감 물레방아 물방울
물통 미나리 민들레 밀짚 바둑 바위 반달 반딧불 백조 밤나무 버드나무 베개 벽돌 별빛 보리 봄비 봄날
부채 분수 붓꽃 비누 비행기 뻐꾸기 사과 산호 살구 삽살개 새싹 색종이 샘물 석류 선인장 소나무 소라
솜사탕 수레 수선화 수국 숲길 시계 시냇물 쑥떡 앵두 앵무새 양동이 여우 연꽃 연못 오두막 오리 오솔길
올빼미 옹달샘 요리 우유 우표 원두막 유자 은하수 이끼 인절미 자두 자작나무 잔물결 장갑 장독대 장화
제비 조개 조약돌 종달새 종이배 주걱 진달래 징검다리 찔레꽃 차표 참나무 채송화 첫눈 초가집 카네이션
코스모스 크레용 탬버린 토끼 튤립 파도 판다 팽이 펭귄 포도 풀꽃 풍선 피리 하모니카 한옥 항아리
해바라기 해돋이 햇빛 향나무 호두 호수 회전목마 휘파람 흰구름 가마솥 가지 개나리꽃 거미줄 고구마 곰돌이
공작새 굴뚝 금붕어 기차 나룻배 나뭇잎 누룽지 다락방 단감 대추 돛단배 두더지 떡국 마차 머루
"""


@lru_cache(2)
def word_list(language: str) -> tuple[str, ...]:
    """2,048 words of the language; English where there is no list of it."""
    instead = _instead("ko" if language == "ko" else "en")
    return tuple(instead.get(word, word) for word in _original(language))


@lru_cache(2)
def known_words(language: str) -> frozenset[str]:
    """Every word that a passphrase of the language may hold: those of before, too."""
    return frozenset(word_list(language)) | frozenset(_original(language))


def taken_out(language: str) -> frozenset[str]:
    """Words that no new passphrase holds."""
    return frozenset(_instead(language))


def _original(language: str) -> tuple[str, ...]:
    words = Mnemonic(_LISTS.get(language, "english")).wordlist
    return tuple(unicodedata.normalize("NFC", word) for word in words)


@lru_cache(2)
def _instead(language: str) -> dict[str, str]:
    out, put_in = {"en": (_TAKEN_OUT_EN, _PUT_IN_EN), "ko": (_TAKEN_OUT_KO, _PUT_IN_KO)}[language]
    return dict(zip(out.split(), put_in.split(), strict=True))
