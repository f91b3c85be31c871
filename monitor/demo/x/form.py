"""X's Take It Down form in the demo: a page that a person fills in, and what it answers.

The real form has no API: a person opens it, copies the prepared fields in, and writes the reference down.
"""

import inspect

from aiohttp import web

from monitor.demo.x.world import XWorld

REQUIRED = ("post_urls", "on_behalf_of", "contact", "signature")
"""Fields that must not be empty; `post_urls` holds one address a line. Others are accepted and kept."""
REQUIRED_IN_KOREA = ("urls", "type", "requester", "contact", "reason")
"""The same of a request under Korea's Telecommunications Business Act, which this page takes too."""
MAX_CHARACTERS = 20_000

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Take It Down (demo)</title>
<h1>Take It Down (demo of X's form)</h1>
<p>This page stands for X's own form. Nothing leaves this machine.</p>
<form method="post">
<p><label>Posts, one address a line<br><textarea name="post_urls" rows="4" cols="60" required></textarea></label>
<p><label>On behalf of<br><input name="on_behalf_of" size="60" required></label>
<p><label>Contact<br><input name="contact" size="60" required></label>
<p><label>Why it is not consensual<br><textarea name="statement" rows="6" cols="60"></textarea></label>
<p><label>Signature<br><input name="signature" size="60" required></label>
<p><button>Submit</button></form></html>
"""


class XForm:
    """The form over a world."""

    def __init__(self, world: XWorld) -> None:
        self._world = world

    async def show(self, _: web.Request) -> web.Response:
        """The page."""
        return web.Response(text=_PAGE, content_type="text/html")

    async def take(self, request: web.Request) -> web.Response:
        """Take the fields (form-encoded) in; answers {"reference": ...}, or 422 with the fields that are missing."""
        told = await request.post()
        fields = {name: text.strip()[:MAX_CHARACTERS] for name, text in told.items() if isinstance(text, str)}
        korean = "requester" in fields
        missing = [name for name in (REQUIRED_IN_KOREA if korean else REQUIRED) if not fields.get(name)]
        if missing:
            return web.json_response({"error": "missing", "fields": missing}, status=422)
        submission = self._world.submit(fields, fields["urls" if korean else "post_urls"].split())
        outcome = None if self._world.on_form is None else self._world.on_form(submission.fields)
        if inspect.isawaitable(outcome):
            await outcome
        return web.json_response({"reference": submission.reference, "status": "received"}, status=201)
