"""What must be of whole channels and accounts before a fuzzed request: reports about them."""

from db.models.linking import PlaceReport
from db.types import new_id
from monitor.platforms.base import PlatformName
from tests.support.fuzz_copies import sighted
from tests.support.fuzz_scene import Ready, Scene, State


async def placed(scene: Scene) -> State:
    """A channel where a copy was confirmed, and which nobody reported yet."""
    state = await sighted(scene, source=f"channel{new_id()[:12]}")
    body = {"basis": "caption-context", "routes": []}
    await scene.lead.post(f"/sightings/{state.ids['sighting']}/confirm", body)
    source_id = (await scene.world.row(state.ids["sighting"])).source_id
    return scene.state(state.person, source_id=source_id, sighting_id=state.ids["sighting"])


def place_report(wanted: str, route: str = "telegram_peer") -> Ready:
    """A report about a whole channel, in a state."""

    async def made(scene: Scene) -> State:
        state = await placed(scene)
        told = await scene.lead.post(f"/linking/{state.ids['source']}/reports", {"route": route})
        await _be(scene, told["report_id"], wanted)
        ids = {"source_id": state.ids["source"], "place_report_id": told["report_id"]}
        return scene.state(state.person, **ids, digest=await _digest(scene, told["report_id"]))

    return made


async def account_report(scene: Scene) -> State:
    """A form about an account, to be filled in by a person."""
    state = await sighted(scene, source=f"acc{new_id()[:10]}", platform=PlatformName.X)
    body = {"basis": "caption-context", "routes": []}
    await scene.lead.post(f"/sightings/{state.ids['sighting']}/confirm", body)
    source_id = (await scene.world.row(state.ids["sighting"])).source_id
    told = await scene.lead.post(f"/linking/{source_id}/reports", {"route": "x_account"})
    digest = await _digest(scene, told["report_id"])
    return scene.state(state.person, source_id=source_id, place_report_id=told["report_id"], digest=digest)


async def asked_for_part(scene: Scene) -> State:
    """A person who is asked for their part of a joint report."""
    state = await place_report("prepared", "joint")(scene)
    path = f"/place-reports/{state.ids['place_report']}/parts"
    await scene.lead.post(path, {"case_ids": [state.person.case_id]})
    (part,) = (await state.person.get(f"/cases/{state.person.case_id}/joint-parts"))["parts"]
    kept = {name: state.ids[name] for name in ("source_id", "place_report_id")}
    return scene.state(state.person, part_id=part["part_id"], **kept)


async def _digest(scene: Scene, report_id: str) -> str:
    """Of what an advocate looked at."""
    return str((await scene.lead.get(f"/place-reports/{report_id}"))["digest"])


async def _be(scene: Scene, report_id: str, wanted: str) -> None:
    async with scene.world.services.database.begin() as session:
        (await session.get_one(PlaceReport, report_id)).state = wanted
