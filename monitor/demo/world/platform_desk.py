"""The abuse desk of the demo's made-up platform: it follows the link in a notice's mail, answers, and writes a mail.

It does what a person there does: opens the page, has a code mailed, reads it in its own mailbox, presses a button. The
first notice is refused, the second acknowledged, of the others it says that the copy is removed; to the second it also
replies by mail. What it answers is words: what is removed is for the safety team.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self

import httpx

from monitor.demo.mail.catcher import Caught
from monitor.demo.mail.mailbox import DemoMailbox

ANSWERS = (
    {"kind": "refused", "reason": "not-against-rules", "text": "Our reviewers see no breach of our rules."},
    {"kind": "acknowledged"},
    {"kind": "removed"},
)
_LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/platform#([a-z2-7]{26}\.[0-9a-f]{40})")
_CODE = re.compile(r"^(?:Code|인증번호): (\d{4} \d{4})$", re.MULTILINE)
_TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
_CHALLENGE = re.compile(r'data-challenge="([^"]+)"')
_CODE_SECONDS = 2.0
"""Real seconds for which a code is waited for before the desk asks again."""


@dataclass(slots=True)
class _Ticket:
    """One notice at the desk."""

    answer: Mapping[str, str]
    link: str = field(repr=False)
    http: httpx.AsyncClient = field(repr=False)
    codes: asyncio.Queue[str] = field(repr=False, default_factory=asyncio.Queue)
    done: bool = False
    trouble: str = "never tried"


class PlatformDesk:
    """`async with PlatformDesk(mailbox) as desk:`; `took` is told every mail that the platform gets."""

    tries = 30

    def __init__(self, mailbox: DemoMailbox) -> None:
        """`mailbox`: where replies to notices go."""
        self._mailbox = mailbox
        self._tickets: dict[str, _Ticket] = {}
        self._working: set[asyncio.Task[None]] = set()
        self.answered: list[str] = []
        """Kinds of answers that were taken."""
        self.unanswered: Counter[str] = Counter()
        """Why notices were not answered though they should have been."""
        self.replied = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        for ticket in self._tickets.values():
            await ticket.http.aclose()

    def works_at(self, notice: str) -> bool:
        """Is somebody about to answer it?"""
        return notice in self._tickets and not self._tickets[notice].done

    def took(self, caught: Caught) -> None:
        """A mail came in: a notice with a link, or the code for one. Whoever sent it does not wait for us."""
        body, notice = caught.message.get_body(("plain",)), str(caught.message["X-Jikimi-Notice"] or "")
        text = "" if body is None else str(body.get_content())
        if (link := _LINK.search(text)) and notice not in self._tickets:
            number = len(self._tickets)
            answer = self.answer_to(number, text)
            if answer is None:
                return
            http = httpx.AsyncClient(base_url=link[1], trust_env=False, timeout=30.0)
            self._tickets[notice] = ticket = _Ticket(answer, link[2], http)
            task = asyncio.create_task(self._deal_with(ticket))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
            if number == 1:
                self._reply(caught.message)
        elif (code_found := _CODE.search(text)) and notice in self._tickets:
            self._tickets[notice].codes.put_nowait(code_found[1])

    def answer_to(self, number: int, text: str) -> Mapping[str, str] | None:
        """What is answered to the notice with this text, the `number`th from 0; None: nothing."""
        return ANSWERS[min(number, len(ANSWERS) - 1)]

    async def _deal_with(self, ticket: _Ticket) -> None:
        """As often as it takes: the web application, or whoever mails the code, may be dead for a moment."""
        try:
            for _ in range(self.tries):
                try:
                    answer = await self._answer(ticket)
                except TimeoutError:
                    pass
                except httpx.TransportError as error:
                    ticket.trouble = str(error) or type(error).__name__
                else:
                    if answer is not None:
                        self.answered.append(answer)
                        return
                    break
                await asyncio.sleep(1.0)
            self.unanswered[ticket.trouble] += 1
        finally:
            ticket.done = True

    async def _answer(self, ticket: _Ticket) -> str | None:
        """The kind that was answered; None where the page says nothing any more: the notice is over.

        Raises TransportError, and TimeoutError while no code came. A code stays good until an answer was taken with it.
        """
        opened = await ticket.http.post("/platform/open", data={"link": ticket.link}, follow_redirects=True)
        _raise_for_trouble(opened)
        found = _TOKEN.search(opened.text)
        if found is None:
            ticket.trouble = "the notice was over"
            return None
        path, token = f"/platform/notices/{ticket.link.partition('.')[0]}", found[1]
        if ticket.codes.empty():
            # Asked for once more too soon, this is refused, and the first is on its way.
            asked = await self._post(ticket, f"{path}/code", {"token": token})
            ticket.trouble = f"no code came, asking for one: {asked.status_code}"
        code = await asyncio.wait_for(ticket.codes.get(), _CODE_SECONDS)
        try:
            done = await self._post(ticket, f"{path}/answer", {"token": token, "code": code, **ticket.answer})
            _raise_for_trouble(done)
        except httpx.TransportError:
            ticket.codes.put_nowait(code)
            raise
        if done.status_code != httpx.codes.SEE_OTHER:
            ticket.trouble = f"the answer was not taken: {done.status_code}"
            return None
        return ticket.answer["kind"]

    async def _post(self, ticket: _Ticket, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """Send a form; once more with the work that the page asks for, as its script would."""
        answer = await ticket.http.post(path, data=fields)
        challenge = _CHALLENGE.search(answer.text)
        work = await asyncio.to_thread(self.work_for, challenge[1]) if challenge else ""
        return await ticket.http.post(path, data={**fields, "work": work}) if work else answer

    def work_for(self, challenge: str) -> str:
        """What a device finds for a challenge. Few notices of a demo are below what a page asks work for."""
        return ""

    def _reply(self, notice: EmailMessage) -> None:
        """A mail of the desk, in the notice's thread."""
        mail = EmailMessage()
        mail["From"], mail["To"] = str(notice["To"]), str(notice["From"])
        mail["Subject"] = "Re: your notice"
        mail["Message-ID"], mail["In-Reply-To"] = "<ticket-1@telegram.invalid>", str(notice["Message-ID"])
        mail.set_content("We have your notice and work on it. Which number does the channel have?")
        self._mailbox.deliver(mail)
        self.replied += 1


def _raise_for_trouble(answer: httpx.Response) -> None:
    """It is busy, or ends at this moment: come again."""
    if answer.is_server_error:
        raise httpx.RemoteProtocolError(f"answered with {answer.status_code}")
