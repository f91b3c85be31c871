"""What `check` and the operator's mail say of an alert: what it is, and what to do. No content, no name of a source."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.context.alerts import AlertKind


@dataclass(frozen=True, slots=True)
class OperatorWords:
    """In both languages."""

    english: str
    korean: str


OPERATOR_WORDS: Mapping[AlertKind, OperatorWords] = {
    AlertKind.ACCOUNT_STOPPED: OperatorWords(
        "an account that reads a platform stopped, so nothing of it is read; Telegram: log in again with `python -m "
        "monitor telegram-login`, X: renew the token or add credit in X's console",
        "플랫폼을 읽는 계정이 멈춰서 그 플랫폼을 전혀 읽지 못합니다. 텔레그램은 "
        "`python -m monitor telegram-login`으로 다시 로그인하고, X는 토큰을 새로 받거나 콘솔에서 크레딧을 채우세요.",
    ),
    AlertKind.FINGERPRINT_UNREADABLE: OperatorWords(
        "fingerprints do not open, so nothing is compared with them; is the key store the newest one, and of this "
        "database? Put its newest copy back, then run `check`",
        "열리지 않는 지문이 있어 그 지문과는 비교하지 못합니다. 키 저장소가 이 데이터베이스의 가장 새로운 것인지 "
        "확인하고, 가장 새로운 사본을 되돌린 뒤 `check`를 실행하세요.",
    ),
    AlertKind.OPERATOR_NOT_TOLD: OperatorWords(
        "the operator's mail does not leave, so only `check` and the advocates' page tell of alerts; see [alerts] "
        "email and [smtp], then run `check`",
        "운영자에게 보내는 메일이 나가지 않아서 `check`와 상담원 화면에서만 알림을 볼 수 있습니다. "
        "[alerts] email과 [smtp]를 확인한 뒤 `check`를 실행하세요.",
    ),
    AlertKind.MAIL_SETTINGS: OperatorWords(
        "the mail server takes no notice from us, so none leaves by mail; see host, port, username, password and "
        "starttls in [smtp], then run `check`; notices wait and leave by themselves",
        "메일 서버가 요청을 받아 주지 않아서 메일로는 아무것도 나가지 않습니다. [smtp]의 host, port, username, "
        "password, starttls를 확인한 뒤 `check`를 실행하세요. 기다리던 요청은 저절로 나갑니다.",
    ),
    AlertKind.MAIL_COPY_REFUSED: OperatorWords(
        "the mailbox for your own copy of each notice takes nothing, so notices leave without one, and whether a "
        "doubtful one arrived cannot be looked up; is it full, or gone? See bcc in [smtp]",
        "요청마다 운영자에게 가는 사본을 메일함이 받지 못해서 요청이 사본 없이 나가고 있습니다. 그래서 전달 여부를 "
        "알 수 없는 요청을 찾아볼 수 없습니다. 메일함이 가득 찼거나 없어졌는지 [smtp]의 bcc를 확인하세요.",
    ),
    AlertKind.MAILBOX_UNREAD: OperatorWords(
        "the mailbox of bounces and replies is not read, so nobody learns of them; see [imap], then run `check`",
        "반송 메일과 답장이 오는 메일함을 읽지 못해서 아무도 그것을 알 수 없습니다. [imap]을 확인한 뒤 `check`를 "
        "실행하세요.",
    ),
    AlertKind.TIME_STAMP_MISSING: OperatorWords(
        "the authority that stamps times gives no stamp that holds, so days of the evidence wait for theirs; see url, "
        "certificates and log-in in [timestamp], then run `check`; notices leave as ever, and the days are made up for",
        "시각 인증 기관에서 유효한 타임스탬프를 받지 못해서 그동안의 증거가 기다리고 있습니다. [timestamp]의 url, "
        "certificates와 로그인 정보를 확인한 뒤 `check`를 실행하세요. 요청은 그대로 나가고, 밀린 날짜는 나중에 "
        "채워집니다.",
    ),
    AlertKind.LEDGER_UNSEALED: OperatorWords(
        "the heads file is not the one that was signed, or cannot be written, so nothing more is signed; run `check`, "
        "give the right to write, put its newest copy back, or declare a restore with `python -m monitor ledger "
        "restored`",
        "헤드 파일이 서명된 것과 다르거나 쓸 수 없어서 더는 서명하지 않습니다. 가장 새로운 사본을 되돌리거나 "
        "`python -m monitor ledger restored`로 복원을 알리세요.",
    ),
    AlertKind.QUEUE_STUCK: OperatorWords(
        "work has waited for an hour; look at the log, start the worker again, or start more of them",
        "한 시간 넘게 기다리는 작업이 있습니다. 로그를 보고, 작업 프로그램을 다시 시작하거나 더 늘리세요.",
    ),
    AlertKind.DISK_FULL: OperatorWords(
        "the disk is nearly full, and soon nothing can be saved; make room",
        "디스크가 거의 다 차서 곧 아무것도 저장하지 못합니다. 공간을 마련하세요.",
    ),
    AlertKind.WORKER_MISSING: OperatorWords(
        "a worker stopped without being told to, and none started in its place; look at the end of its log, start it "
        "again, and let systemd or the container do that from now on",
        "작업 프로그램이 갑자기 멈췄고 대신 시작된 것이 없습니다. 그 로그의 끝을 보고 다시 시작하세요. "
        "앞으로는 systemd나 컨테이너가 자동으로 다시 시작하게 하세요.",
    ),
    AlertKind.CLOCK_OFF: OperatorWords(
        "this machine's clock is off by more than a minute, so one-time codes fail and times in the evidence are wrong"
        "; turn on time synchronisation (`timedatectl set-ntp true`)",
        "이 컴퓨터의 시계가 1분 넘게 틀려서 일회용 코드가 맞지 않고 증거의 시각도 틀립니다. "
        "시간 동기화를 켜세요(`timedatectl set-ntp true`).",
    ),
    AlertKind.WRITE_FAILED: OperatorWords(
        "the database could not be written, and what people entered then was refused; look for a full disk, a file "
        "that is read-only, or a database that is away, then run `check`",
        "데이터베이스에 저장하지 못했고 그동안 입력한 것은 받지 못했습니다. 디스크가 찼는지, 파일이 읽기 전용인지, "
        "데이터베이스가 꺼졌는지 확인한 뒤 `check`를 실행하세요.",
    ),
    AlertKind.WORK_STOPPED: OperatorWords(
        "all work is stopped: nothing leaves and nothing is read, until two people say `python -m monitor resume --all "
        "--as NAME`",
        "모든 작업이 멈춰 있습니다. 두 사람이 각각 `python -m monitor resume --all --as NAME`을 실행할 때까지 "
        "아무것도 보내지 않고 읽지 않습니다.",
    ),
    AlertKind.PART_STOPPED: OperatorWords(
        "the work of one organisation or one advocate is stopped, until two people say `python -m monitor resume`, or "
        "its leads do where they stopped it",
        "한 단체 또는 한 상담원의 작업이 멈춰 있습니다. 두 사람이 `python -m monitor resume`을 실행하거나, 단체가 직접 "
        "멈춘 경우 그 단체의 책임자들이 다시 시작할 때까지 그대로입니다.",
    ),
    AlertKind.PICTURE_REPORTS_OPEN: OperatorWords(
        "somebody outside says that their picture was registered here; the leads of the organisations read and close "
        "such reports, remind them if this stays",
        "외부의 누군가가 자신의 사진이 이곳에 등록되었다고 알려 왔습니다. 단체의 책임자가 읽고 마무리합니다. "
        "오래 남아 있으면 책임자에게 알려 주세요.",
    ),
    AlertKind.WEBHOOK_FAILING: OperatorWords(
        "the webhook of a platform's token takes nothing, so that platform is not told of its notices so; `python -m "
        "monitor platform list` names it; ask the platform, or make a token with another address. It is tried again "
        "with the next notice",
        "플랫폼 토큰의 웹훅이 받지 않아서 그 플랫폼에 요청을 알리지 못합니다. `python -m monitor platform list`에서 "
        "어느 것인지 확인하고 플랫폼에 문의하거나 다른 주소로 토큰을 새로 만드세요. 다음 요청 때 다시 시도합니다.",
    ),
    AlertKind.SOURCE_UNAVAILABLE: OperatorWords(
        "a source cannot be read: private, renamed or gone; its organisations are told, nothing is to be done here "
        "unless many fail at once",
        "읽을 수 없는 곳이 있습니다(비공개, 이름 변경, 삭제). 해당 단체에 알렸습니다. "
        "한꺼번에 많이 실패할 때만 살펴보세요.",
    ),
    AlertKind.SOURCE_UNREAD: OperatorWords(
        "a source met nothing but passing faults for a day; look at the log for `source not read`, and at the network",
        "하루 동안 일시적인 오류만 이어져 읽지 못한 곳이 있습니다. 로그의 `source not read`와 네트워크를 확인하세요.",
    ),
    AlertKind.VOUCH_OVERDUE: OperatorWords(
        "somebody waits too long for an advocate; the advocates of every organisation are told. Where there is none "
        "yet, make the first with `python -m monitor advocate add`",
        "상담원 확인을 너무 오래 기다리는 사람이 있습니다. 모든 단체의 상담원에게 알렸습니다. 아직 단체가 없으면 "
        "`python -m monitor advocate add`로 첫 상담원을 만드세요.",
    ),
}
"""Of every kind that the operator reads; of an organisation's kinds only the one that is raised where there is none."""

_WITHOUT_ORGANISATION = OperatorWords(
    "it belongs to no organisation, so no advocate sees it; make one with `python -m monitor advocate add`",
    "속한 단체가 없어서 어떤 상담원도 볼 수 없습니다. `python -m monitor advocate add`로 단체를 만드세요.",
)


def operator_words(kind: str) -> OperatorWords:
    """What the operator reads; also of a kind that is an organisation's, where there was none."""
    return next((words for known, words in OPERATOR_WORDS.items() if known == kind), _WITHOUT_ORGANISATION)
