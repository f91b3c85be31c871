"""What a decoder process and its parent say to each other, over pipes.

A request is 8 bytes of length, 1 byte that names the set of boxes to register (0: none), 1 that says whether to
inspect closely, 1 whether to lay boxes around faces, 1 whether to register a cut-out (1: around the largest face, 2:
in the box of the four numbers that follow), 1 whether to cut the photo out of a screenshot, 2 whether
to find points and to lay squares, and the file; a reply 4
bytes of length and JSON. Never pickle: a decoder that a hostile file has taken over must not be able to make its parent
run anything.
"""

import json
import struct
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, cast

from monitor.core.errors import NotInspected
from monitor.fingerprints.cut_outs.codes import CutOut, Drawn
from monitor.fingerprints.cut_outs.queries import unpack_faces
from monitor.fingerprints.decoder.measures import Measure
from monitor.fingerprints.hashes.values import (
    ORIENTATIONS,
    FrameViews,
    Hash,
    HashedMedium,
    PictureView,
    ViewName,
    believable,
    parse_code,
)
from monitor.fingerprints.points.features import unpack_points
from monitor.fingerprints.regions.boxes import SETS, SetName
from monitor.fingerprints.regions.codes import Regions
from monitor.fingerprints.regions.queries import unpack_queries
from monitor.fingerprints.video.clip_points import ClipPoints

REQUEST_HEAD = struct.Struct(">QB??B4d???")
REPLY_HEAD = struct.Struct(">I")
MAX_REPLY = 2**24
"""Room for the frames of a long video."""
_SETS: tuple[SetName | None, ...] = (None, *SETS)
_PLAIN = ("width", "height", "format", "sha256", "kind", "seconds", "partial", "size")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made of a file, beside its hashes: see monitor.fingerprints.media.hash_medium."""

    set_name: SetName | None = None
    closely: bool = False
    faces: bool = False
    cut_out: Drawn | None = None
    photo_only: bool = False
    points: bool = True
    squares: bool = True

    @property
    def needs_faces(self) -> bool:
        """Whether faces are searched for."""
        return self.faces or self.cut_out is not None


NO_WISH = Wish()


def request(data: bytes, wish: Wish) -> bytes:
    """The bytes to send for one file."""
    drawn = wish.cut_out if isinstance(wish.cut_out, tuple) else (0.0,) * 4
    mode = 0 if wish.cut_out is None else 1 if wish.cut_out == "auto" else 2
    flags = wish.closely, wish.faces, mode, *drawn, wish.photo_only, wish.points, wish.squares
    return REQUEST_HEAD.pack(len(data), _SETS.index(wish.set_name), *flags) + data


def asked(head: bytes) -> tuple[int, Wish]:
    """The length of the file and what is to be made of it, from the bytes before it."""
    length, number, closely, faces, mode, left, top, width, height, *flags = REQUEST_HEAD.unpack(head)
    drawn: tuple[Drawn | None, ...] = (None, "auto", (left, top, width, height))
    return length, Wish(_SETS[number], closely, faces, drawn[mode], *flags)


def ready(held: frozenset[Measure]) -> bytes:
    """What a decoder says first: which measures hold."""
    return json.dumps({"ready": sorted(held)}).encode()


def unpack_ready(reply: bytes) -> frozenset[Measure]:
    """What `ready` packed. Raises ValueError for anything else."""
    try:
        return frozenset(Measure(name) for name in json.loads(reply)["ready"])
    except (TypeError, KeyError) as error:
        raise ValueError("not what a decoder says first") from error


def pack(answer: HashedMedium | NotInspected) -> bytes:
    """A reply without its length."""
    if isinstance(answer, NotInspected):
        return json.dumps({"reason": answer.reason}).encode()
    fields = {name: getattr(answer, name) for name in _PLAIN}
    fields["phash"] = answer.phash.hex()
    fields["views"] = _packed(answer.views)
    fields["queries"] = b64encode(answer.queries).decode("ascii")
    fields["points"] = b64encode(answer.points).decode("ascii")
    fields["regions"] = answer.regions and answer.regions.as_json()
    fields["faces"] = b64encode(answer.faces).decode("ascii")
    fields["clip"] = answer.clip and answer.clip.as_json()
    fields["cut_out"] = answer.cut_out and answer.cut_out.as_json()
    fields["frames"] = [
        [
            frame.at,
            _packed(frame.views),
            *(b64encode(some).decode("ascii") for some in (frame.queries, frame.points, frame.faces)),
        ]
        for frame in answer.frames
    ]
    return json.dumps(fields).encode()


def unpack(reply: bytes) -> HashedMedium | NotInspected:
    """What `pack` packed. Raises ValueError for anything else."""
    try:
        fields: dict[str, Any] = json.loads(reply)
        if "reason" in fields:
            return NotInspected(str(fields["reason"]))
        return HashedMedium(
            width=int(fields["width"]),
            height=int(fields["height"]),
            format=str(fields["format"]),
            sha256=parse_code(fields["sha256"]).hex(),
            views=tuple(_view(*view) for view in fields["views"]),
            phash=bytes.fromhex(fields["phash"]),
            kind="video" if fields["kind"] == "video" else "image",
            seconds=believable(float(fields["seconds"])),
            partial=bool(fields["partial"]),
            size=int(fields["size"]),
            frames=tuple(
                FrameViews(
                    believable(float(at)),
                    tuple(_view(*view) for view in views),
                    _queries(queries),
                    _points(points),
                    _faces(faces),
                )
                for at, views, queries, points, faces in fields["frames"]
            ),
            queries=_queries(fields["queries"]),
            points=_points(fields["points"]),
            regions=None if fields["regions"] is None else Regions.from_json(fields["regions"]),
            clip=None if fields["clip"] is None else ClipPoints.from_json(fields["clip"]),
            faces=_faces(fields["faces"]),
            cut_out=None if fields["cut_out"] is None else CutOut.from_json(fields["cut_out"]),
        )
    except (TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError("not a reply of a decoder") from error


def _packed(views: tuple[PictureView, ...]) -> list[list[str | int]]:
    return [[v.name, v.orientation, v.hash.hex, v.hash.quality] for v in views]


def _queries(text: str) -> bytes:
    queries = b64decode(text, validate=True)
    unpack_queries(queries)
    return queries


def _points(text: str) -> bytes:
    points = b64decode(text, validate=True)
    unpack_points(points)
    return points


def _faces(text: str) -> bytes:
    faces = b64decode(text, validate=True)
    unpack_faces(faces)
    return faces


def _view(name: str, orientation: int, code: str, quality: int) -> PictureView:
    if name not in ("whole", "trimmed") or orientation not in range(len(ORIENTATIONS)):
        raise ValueError("not a view")
    return PictureView(cast(ViewName, name), orientation, Hash(parse_code(code), int(quality)))
