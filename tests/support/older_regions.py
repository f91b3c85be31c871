"""Regions as they were registered before there were points: boxes with squares among them."""

import numpy as np
from PIL import Image

from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.regions.box_hashing import MIN_DETAIL, Boxes, detail_of, plane_of
from monitor.fingerprints.regions.boxes import SetName, layout
from monitor.fingerprints.regions.codes import WITH_SQUARES, Regions


def with_squares(image: Image.Image, set_name: SetName) -> Regions:
    """What `register_regions` gave then."""
    plane = plane_of(image)
    boxes = [box.box for box in layout(set_name, *image.size)]
    found = Boxes(plane.shape[1], plane.shape[0], boxes).coefficients(plane)
    telling = np.flatnonzero(detail_of(found) >= MIN_DETAIL)
    codes = codes_of(found[telling]).tobytes()
    return Regions(set_name, *image.size, tuple(telling.tolist()), codes, version=WITH_SQUARES)
