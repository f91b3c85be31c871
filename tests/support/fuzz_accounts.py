"""What must be of accounts before a fuzzed request: a colleague, a second log-in, a code."""

from datetime import UTC, datetime, timedelta

import pyotp

from db.locking import lock_one
from db.models.people import Advocate
from db.queries.people import begin_login
from db.types import new_id
from monitor.cases.accounts.challenges import KEY as CHALLENGES
from monitor.cases.accounts.challenges import Purpose, make_challenge
from monitor.cases.accounts.desk import Desk
from monitor.cases.accounts.own import live_logins, new_app_secret
from monitor.cases.accounts.passkeys import MOST_PASSKEYS, Party, add_passkey, party_of, passkeys_of
from monitor.evidence.chain import sha256
from tests.support.fuzz_scene import Scene, State
from tests.support.soft_passkey import new_passkey


async def colleague(scene: Scene) -> State:
    """Somebody new who works at the centre."""
    login = f"colleague-{new_id()}"
    await scene.world.add_advocate(login, f"Centre {scene.number}")
    return scene.state(account_id=(await scene.world.advocate_row(login)).id)


async def logged_in_twice(scene: Scene) -> State:
    """The lead has a second log-in."""
    lead, token_hash = await scene.world.advocate_row(f"lead{scene.number}"), sha256(new_id().encode())
    now = datetime.now(UTC)
    over = now + timedelta(hours=1)
    async with scene.world.services.database.begin() as session:
        await begin_login(session, token_hash, role="advocate", subject_id=lead.id, now=now, expires_at=over)
        found = await live_logins(session, lead.id, token_hash=token_hash, now=now)
    return scene.state(log_in_id=next(one.id for one in found if one.here))


async def with_code(scene: Scene) -> State:
    """Whoever logs in next has a one-time code that was not used yet."""
    return scene.state(totp=scene.world.totp(scene.ids["login"]))


async def reset_asked(scene: Scene) -> State:
    """Of a new colleague, whose phone somebody said is lost."""
    state = await colleague(scene)
    await scene.lead.post(f"/colleagues/{state.ids['account_id']}/reset")
    return state


async def with_passkey(scene: Scene) -> State:
    """The lead has a passkey more."""
    services, context = scene.world.services, scene.world.context
    answer = (await passkey_asked(scene)).ids["new_passkey"]
    async with services.database.begin() as session:
        lead = await lock_one(session, Advocate, (await scene.world.advocate_row(f"lead{scene.number}")).id)
        told = {"answer": answer, "name": "A key", "secret": scene.lead.token or ""}
        await add_passkey(session, Desk.of(context), _party(scene), lead, **told)
        newest = (await passkeys_of(session, lead.id))[-1]
    return scene.state(passkey_id=newest.id)


async def passkey_asked(scene: Scene) -> State:
    """The lead's browser made a passkey; there is room for it."""
    async with scene.world.services.database.begin() as session:
        lead = await scene.world.advocate_row(f"lead{scene.number}")
        for one in (await passkeys_of(session, lead.id))[MOST_PASSKEYS - 1 :]:
            await session.delete(one)
    key = scene.world.services.keys.create(CHALLENGES)
    challenge = make_challenge(key, Purpose.ADD, scene.lead.token or "", datetime.now(UTC))
    return scene.state(new_passkey=new_passkey(challenge, _party(scene)))


async def newcomer(scene: Scene) -> State:
    """Somebody new sends the form instead of the lead, whose ways in stay as they are; with a code not used yet."""
    login = f"newcomer-{new_id()}"
    who = await scene.world.advocate(login, f"Centre {scene.number}")
    state = scene.state(login=login, totp=scene.world.totp(login))
    state.lead = who
    return state


async def new_app(scene: Scene) -> State:
    """The same; they were shown the secret of a new app, and it shows a code."""
    state = await newcomer(scene)
    account = await scene.world.advocate_row(state.ids["login"])
    secret, state.ids["sealed"] = new_app_secret(scene.world.services.keys, account.id)
    state.ids["totp"] = pyotp.TOTP(secret).now()
    return state


def _party(scene: Scene) -> Party:
    party = party_of(scene.world.services.settings.web.public_url)
    assert party is not None
    return party
