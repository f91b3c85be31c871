"""The demo's own first page, on loopback: where to look, how to log in, and the one-time code of this very moment.

It belongs to the demo and to nothing else: no program of a real installation serves it, or knows the secret of a code.
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Self

import pyotp
from aiohttp import web
from aiohttp.typedefs import Handler

_HERE = ("127.0.0.1", "localhost")
_REFUSED = "This page is for this machine only."
_ERASED = '<br>opens nothing any more <span lang="ko">· 더 이상 열리지 않아요</span>'
_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 52rem; padding: 1rem }
code, output { font-family: ui-monospace, monospace }
output { font-size: 2.5rem; letter-spacing: .15em; display: block }
table { border-collapse: collapse; width: 100% }
th, td { text-align: start; padding: .3rem .5rem; border-bottom: 1px solid; overflow-wrap: anywhere }
section { margin-block: 2rem }
"""
_SCRIPT = """
const code = document.getElementById('code'), left = document.getElementById('left');
async function show() {
  const told = await (await fetch('/code')).json();
  if (code.textContent !== told.code) code.textContent = told.code;
  left.textContent = told.seconds;
}
setInterval(() => show().catch(() => { left.textContent = '-' }), 1000);
"""


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A line of the table: a case, what it shows, and whether its person can log in."""

    case_id: str
    title: str
    opens: bool = True
    """False: it was erased, and no words open it any more."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a newcomer needs."""

    application: str
    login: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    form: str
    cases: Sequence[ShownCase] = ()
    passphrase: str = field(default="", repr=False)
    """Of all these cases that open."""


def code_now(secret: str, moment: float) -> tuple[str, int]:
    """The one-time code at `moment` (seconds since 1970), and for how many whole seconds it is shown."""
    totp = pyotp.TOTP(secret)
    return totp.at(int(moment)), int(totp.interval - moment % totp.interval)


class FrontPage:
    """`async with FrontPage(welcome) as page:` serves it at `page.address`."""

    def __init__(self, welcome: Welcome) -> None:
        self._welcome, self._nonce = welcome, secrets.token_urlsafe(16)
        self.address = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[_only_here])
        app.add_routes([web.get("/", self._page), web.get("/code", self._code)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _code(self, _: web.Request) -> web.StreamResponse:
        code, seconds = code_now(self._welcome.totp_secret, time.time())
        return _answer(json.dumps({"code": code, "seconds": seconds}), "application/json", "default-src 'none'")

    async def _page(self, _: web.Request) -> web.StreamResponse:
        code, seconds = code_now(self._welcome.totp_secret, time.time())
        policy = f"default-src 'none'; connect-src 'self'; script-src 'nonce-{self._nonce}'"
        policy += f"; style-src 'nonce-{self._nonce}'"
        return _answer(_written(self._welcome, self._nonce, code, seconds), "text/html", policy)


@web.middleware
async def _only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page from elsewhere may have its own name lead to this machine: such a name is not ours."""
    if request.host.partition(":")[0] not in _HERE:
        raise web.HTTPForbidden(text=_REFUSED)
    return await handler(request)


def _answer(text: str, kind: str, policy: str) -> web.Response:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)


def _written(told: Welcome, nonce: str, code: str, seconds: int) -> str:
    rows = "".join(
        f"<tr><td>{number}</td><td>{escape(one.title)}</td><td><code>{escape(one.case_id)}</code>"
        f"{'' if one.opens else _ERASED}</td></tr>"
        for number, one in enumerate(told.cases, start=1)
    )
    advocate, person = f"{told.application}/advocate", f"{told.application}/case"
    cases = (
        f"""<section><h2>The cases <span lang="ko">· 사건</span></h2>
<p>As a person: any of these numbers that opens, at <a href="{escape(person)}">{escape(person)}</a>, with the passphrase
<code>{escape(told.passphrase)}</code>. <span lang="ko">당사자로 보려면 아래 번호와 이 암호 문구를 쓰세요.</span></p>
<table><thead><tr><th>No.</th><th>What it shows</th><th>Case number</th></tr></thead><tbody>{rows}</tbody></table>
</section>"""
        if told.cases
        else ""
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The demo</title><style nonce="{nonce}">{_STYLE}</style></head><body>
<h1>The demo runs <span lang="ko">· 데모</span></h1>
<p>Everything is on this machine, every picture is painted by a program, and an hour passes in a quarter of a minute.
<span lang="ko">모든 것이 이 컴퓨터 안에서만 움직이고, 그림은 모두 프로그램이 그린 거예요.
한 시간이 15초 만에 지나가요.</span></p>
<section><h2>As the advocate <span lang="ko">· 상담원으로</span></h2>
<p><a href="{escape(advocate)}">{escape(advocate)}</a></p>
<dl><dt>Login <span lang="ko">· 아이디</span></dt><dd><code>{escape(told.login)}</code></dd>
<dt>Password <span lang="ko">· 비밀번호</span></dt><dd><code>{escape(told.password)}</code></dd>
<dt>One-time code <span lang="ko">· 일회용 코드</span></dt>
<dd><output id="code">{code}</output> for another <span id="left">{seconds}</span> s. A code works once; the next one
comes by itself. <span lang="ko">코드는 한 번만 쓸 수 있고, 시간이 지나면 저절로 바뀌어요.</span></dd></dl>
<noscript><p>Without scripts, load this page again when the time is over.</p></noscript></section>
{cases}
<section><h2>X's form <span lang="ko">· X 신고 양식</span></h2>
<p><a href="{escape(told.form)}">{escape(told.form)}</a></p></section>
<script nonce="{nonce}">{_SCRIPT}</script></body></html>"""
