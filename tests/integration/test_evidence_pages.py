"""Packages on the console: ordered after proving oneself again, made by a worker, fetched encrypted, deleted."""

import asyncio
import io
import re
import zipfile
from pathlib import Path

import httpx
import pyrage
import pytest
from sqlalchemy import select, text

from api.pages.forms import form_token
from db.locking import lock_one
from db.models.cases import Case
from db.models.packages import EvidencePackage, PackageCase
from monitor.app.bootstrap import evidence_place
from monitor.core.errors import KeyDestroyed
from monitor.exports.orders import KEPT_FOR, end_packages, make_asked
from monitor.exports.package import VERIFIER
from monitor.model.states import CaseState
from tests.support.api_world import PASSWORD, ApiWorld, Caller
from tests.support.evidence_scene import verify

ORIGIN = {"Origin": "https://jikimi.example.org", "Accept-Language": "en"}


class Console:
    """An advocate's browser on the pages about evidence."""

    def __init__(self, world: ApiWorld, advocate: Caller, case_id: str) -> None:
        self.world, self.advocate, self.case_id = world, advocate, case_id

    async def get(self, path: str) -> httpx.Response:
        """A page."""
        headers = {**ORIGIN, "Cookie": f"__Host-jikimi_login={self.advocate.token}"}
        return await self.world.http.get(path, headers=headers)

    async def post(self, path: str, **values: str) -> httpx.Response:
        """A form of our own page."""
        headers = {**ORIGIN, "Cookie": f"__Host-jikimi_login={self.advocate.token}"}
        data = {"token": form_token(self.advocate.token or ""), **values}
        return await self.world.http.post(path, headers=headers, data=data)

    async def order(self, **changes: str) -> httpx.Response:
        """The form, filled in well unless a test changes something; None takes a field out."""
        values = {"cases": self.case_id, "recipient": "Cyber unit, Officer Kim", "agreed": "on", "language": "en"}
        values |= {"password": PASSWORD, "code": changes.pop("code", "") or self.world.totp()}
        return await self.post("/advocate/evidence/order", **{**values, **changes})

    async def make(self) -> str:
        """What the worker does with the package that waits; its id."""
        services = self.world.services
        async with services.database.read() as session:
            waiting = select(EvidencePackage.id).where(EvidencePackage.state == "asked")
            package_id = (await session.scalars(waiting)).one()
        await make_asked(services.database, self.world.context, package_id, evidence_place(services.settings))
        return str(package_id)

    async def kinds(self) -> list[str]:
        """The kinds of the case's entries."""
        return [one["kind"] for one in (await self.advocate.get(f"/cases/{self.case_id}/ledger"))["entries"]]


@pytest.fixture
async def console(sqlite_world: ApiWorld) -> Console:
    """An advocate with a case in which one copy is confirmed."""
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context"})
    return Console(world, advocate, person.case_id)


async def test_package_is_ordered_made_fetched_and_verifies(console: Console, tmp_path: Path) -> None:
    empty = (await console.get(f"/advocate/evidence?case={console.case_id}")).text
    assert "There is no package on the server" in empty and f">{console.case_id}</textarea>" in empty
    answer = await console.order()
    assert answer.status_code == 200, answer.text
    passphrase = re.search(r'class="passphrase">([a-z ]+)<', answer.text)
    assert passphrase is not None and len(passphrase[1].split()) == 7
    package_id = await console.make()
    page = await console.get(f"/advocate/evidence/{package_id}")
    assert "Fetch the file" in page.text and passphrase[1] not in page.text, "the passphrase is shown once"
    answer = await console.post(f"/advocate/evidence/{package_id}/file")
    name = re.search(r'filename="(jikimi-evidence-\d{8}-[a-z2-7]{8})\.zip\.age"', answer.headers["content-disposition"])
    assert name is not None and answer.headers["content-type"] == "application/octet-stream"
    opened = pyrage.passphrase.decrypt(answer.content, passphrase[1])
    (tmp_path / "package.zip").write_bytes(opened)
    public = await console.get("/evidence")
    key = re.search(r"<code>([0-9a-f]{64})</code>", public.text)
    assert key is not None
    (tmp_path / "verify.py").write_bytes((await console.get("/evidence/verify.py")).content)
    done = verify(tmp_path / "package.zip", "--public-key", key[1], verifier=tmp_path / "verify.py")
    assert done.returncode == 0, done.stdout
    with zipfile.ZipFile(io.BytesIO(opened)) as archive:
        assert {one.partition("/")[0] for one in archive.namelist()} == {name[1]}
    assert (await console.kinds())[-2:] == ["evidence-exported", "evidence-fetched"]


async def test_public_page_shows_the_key_and_the_hash_of_the_very_verifier(console: Console) -> None:
    from monitor.evidence.chain import sha256

    for language, title in (("en", "Verifying evidence"), ("ko", "증거 검증")):
        page = await console.world.http.get(f"/evidence?lang={language}", headers=ORIGIN)
        assert title in page.text and sha256(VERIFIER.read_bytes()) in page.text
        assert console.world.services.keys.signing_key().public_key().public_bytes_raw().hex() in page.text
    taken = await console.world.http.get("/evidence/verify.py", headers=ORIGIN)
    assert taken.content == VERIFIER.read_bytes() and "attachment" in taken.headers["content-disposition"]


async def test_public_key_of_the_recipient_closes_it_and_nothing_is_shown(console: Console) -> None:
    friend = pyrage.x25519.Identity.generate()
    answer = await console.order(age_key=str(friend.to_public()))
    assert answer.status_code == 303
    package_id = await console.make()
    content = (await console.post(f"/advocate/evidence/{package_id}/file")).content
    assert pyrage.decrypt(content, [friend]).startswith(b"PK")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong"}, "did not fit"),
        ({"code": "000000"}, "did not fit"),
        ({"recipient": " "}, "who gets the package"),
        ({"age_key": "age1nonsense"}, "not an age public key"),
        ({"agreed": ""}, "made anyway"),
        ({"cases": "", "source": ""}, "name a case"),
        ({"cases": "", "source": "https://t.me/neverheardof"}, "no confirmed copy"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_typed_is_lost_but_secrets(
    console: Console, changes: dict[str, str], words: str
) -> None:
    if changes == {"agreed": ""}:
        values = {"cases": console.case_id, "recipient": "the police", "password": PASSWORD, "code": "1"}
        answer, words = await console.post("/advocate/evidence/order", **values), "Please tick that the person agreed"
    else:
        answer = await console.order(**changes)
    assert answer.status_code >= 400 and words in answer.text
    assert PASSWORD not in answer.text
    if "cases" not in changes:
        assert console.case_id in answer.text
    assert "evidence-exported" not in await console.kinds()
    async with console.world.services.database.read() as session:
        assert (await session.scalars(select(EvidencePackage))).all() == []


async def test_code_that_logged_in_does_not_prove_it_again(console: Console) -> None:
    code = console.world.totp()
    assert (await console.order(code=code)).status_code == 200
    again = await console.order(code=code)
    assert again.status_code == 403 and "A code works once" in again.text
    assert (await console.kinds()).count("evidence-exported") == 1


async def test_package_is_deleted_after_seven_days_and_nothing_of_it_can_be_opened(console: Console) -> None:
    await console.order()
    package_id = await console.make()
    world = console.world
    world.clock.move(days=KEPT_FOR.days, hours=-1)
    await end_packages(world.services.database, world.context)
    assert (await console.get(f"/advocate/evidence/{package_id}")).status_code == 200
    world.clock.move(hours=2)
    await end_packages(world.services.database, world.context)
    async with world.services.database.read() as session:
        for model in (EvidencePackage, PackageCase):
            assert (await session.scalars(select(model))).all() == []
    with pytest.raises(KeyDestroyed):
        world.services.keys.get(f"package:{package_id}")
    assert (await console.get(f"/advocate/evidence/{package_id}")).status_code == 404
    answer = await console.post(f"/advocate/evidence/{package_id}/file")
    assert "problem=not-found" in answer.headers["location"]


async def test_package_is_deleted_by_hand(console: Console) -> None:
    await console.order()
    package_id = await console.make()
    unsure = await console.post(f"/advocate/evidence/{package_id}/delete")
    assert "problem=not-sure" in unsure.headers["location"]
    gone = await console.post(f"/advocate/evidence/{package_id}/delete", sure="on")
    assert gone.headers["location"] == "/advocate/evidence?done=package-deleted"
    with pytest.raises(KeyDestroyed):
        console.world.services.keys.get(f"package:{package_id}")


async def test_package_of_a_case_on_hold_or_being_erased_is_not_there(console: Console) -> None:
    await console.order()
    world = console.world
    package_id = await console.make()
    async with world.services.database.begin() as session:
        (await lock_one(session, Case, console.case_id)).frozen_at = world.clock.now()
    for answer in (
        await console.get(f"/advocate/evidence/{package_id}"),
        await console.post(f"/advocate/evidence/{package_id}/file"),
    ):
        assert answer.status_code == 404 or "problem=not-found" in answer.headers["location"]
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, console.case_id)
        case.frozen_at, case.state = None, CaseState.ERASING
    await end_packages(world.services.database, world.context)
    async with world.services.database.read() as session:
        assert (await session.scalars(select(EvidencePackage))).all() == []


async def test_package_that_cannot_be_made_says_so(console: Console) -> None:
    await console.order()
    world = console.world
    async with world.services.database.begin() as session:
        (await lock_one(session, Case, console.case_id)).frozen_at = world.clock.now()
    package_id = await console.make()
    async with world.services.database.begin() as session:
        (await lock_one(session, Case, console.case_id)).frozen_at = None
    page = await console.get(f"/advocate/evidence/{package_id}")
    assert "could not be made" in page.text and "This case is on hold" in page.text and "Make it anew" in page.text
    answer = await console.post(f"/advocate/evidence/{package_id}/file")
    assert "problem=package-not-ready" in answer.headers["location"]


async def test_nothing_of_the_order_lies_open_in_the_database(console: Console) -> None:
    answer = await console.order()
    passphrase = re.search(r'class="passphrase">([a-z ]+)<', answer.text)
    await console.make()
    async with console.world.services.database.read() as session:
        for table in ("evidence_packages", "evidence_package_cases", "ledger_entries"):
            for row in await session.execute(text(f"select * from {table}")):  # noqa: S608  # names from this line
                told = b"\n".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for value in row)
                assert b"Officer Kim" not in told and passphrase is not None and passphrase[1].encode() not in told
                assert b"age-encryption.org" not in told, "sealed once more, so that a backup opens nothing"


async def test_case_that_moves_while_its_package_is_fetched_leaves_with_nobody(world: ApiWorld) -> None:
    """Whoever fetches waits for the case, which the person gives to another centre at that moment."""
    advocate = await world.advocate()
    await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context"})
    console = Console(world, advocate, person.case_id)
    assert (await console.order()).status_code == 200
    package_id, home = await console.make(), (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, person.case_id)
        case.organisation_id = home
        await session.flush()
        fetching = asyncio.create_task(console.post(f"/advocate/evidence/{package_id}/file"))
        await waits_or_is_kept_out(world, fetching)
    answer = await fetching
    assert "content-disposition" not in answer.headers, "it left"
    assert (answer.status_code, "not-found" in answer.headers["location"]) == (303, True)
    async with world.services.database.read() as session:
        assert (await session.get_one(EvidencePackage, package_id)).fetched_at is None
        entries = await world.context.ledger.told(session, person.case_id)
    assert "evidence-fetched" not in [one.row.kind for one in entries]


async def waits_or_is_kept_out(world: ApiWorld, fetching: "asyncio.Task[httpx.Response]") -> None:
    """On PostgreSQL until it waits for the lock; SQLite lets one transaction write at a time."""
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(20):
        while "postgresql" in world.services.database.url:
            async with world.services.database.read() as session:
                if await session.scalar(text(waiting)):
                    return
            assert not fetching.done(), "it waited for nobody"
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.05)


async def test_package_of_a_case_that_moved_before_it_was_made_is_not_made(console: Console) -> None:
    world = console.world
    await world.advocate("second", "Centre B")
    assert (await console.order()).status_code == 200
    home = (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        (await lock_one(session, Case, console.case_id)).organisation_id = home
    package_id = await console.make()
    async with world.services.database.read() as session:
        row = await session.get_one(EvidencePackage, package_id)
    assert (row.state, row.reason, row.file) == ("failed", "case-moved", None)
