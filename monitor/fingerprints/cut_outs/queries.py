"""The query side of cut-outs: boxes around each face that a post shows, upright and mirrored. Compared, never kept."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monitor.fingerprints.cut_outs.boxes import LATTICE
from monitor.fingerprints.cut_outs.coding import LEAST_DETAIL, coefficients_around, lie_within
from monitor.fingerprints.cut_outs.faces import MOST, faces_in
from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.regions.box_hashing import detail_of, turned_coefficients

FACE_QUERY = np.dtype([("orientation", "u1"), ("detail", "u1"), ("box", "<f4", 4), ("code", "u1", 32)])
"""One box around a face: `orientation` upright or mirrored; `box` from 0 to 1 of the post's picture."""
FaceQueries = NDArray[np.void]
"""A structured array of FACE_QUERY."""
MOST_QUERIES = MOST * len(LATTICE) * 2
"""Of a picture or a frame."""


def face_queries_of(image: Image.Image) -> FaceQueries:
    """All of a picture (RGB or L) as it is shown; none where no face is found. Needs faces.load."""
    found = [np.empty(0, FACE_QUERY)]
    for face in faces_in(image):
        coefficients = coefficients_around(image, face, LATTICE)
        boxes = np.array([face.coded(*one) for one in LATTICE]) / [image.width, image.height, image.width, image.height]
        detail = detail_of(coefficients)
        telling = (detail >= LEAST_DETAIL) & lie_within(face, LATTICE, image.size)
        for orientation in (0, 1):
            queries = np.zeros(int(telling.sum()), FACE_QUERY)
            queries["orientation"], queries["detail"] = orientation, detail[telling]
            queries["box"] = boxes[telling].clip(0, 1)
            queries["code"] = codes_of(turned_coefficients(coefficients[telling], orientation))
            found.append(queries)
    return np.concatenate(found)


def unpack_faces(data: bytes) -> FaceQueries:
    """The queries in `data`, checked. Raises ValueError for anything that is none."""
    queries: FaceQueries = np.frombuffer(data, FACE_QUERY)
    if (queries["orientation"] > 1).any() or not np.isfinite(queries["box"]).all():
        raise ValueError("not boxes around faces")
    return queries
