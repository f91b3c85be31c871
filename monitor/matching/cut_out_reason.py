"""Why a cut-out counts as a copy, in words and numbers: the box that the person drew, and the one in the post."""

import numpy as np

from monitor.fingerprints.cut_outs.coding import LEAST_DETAIL
from monitor.fingerprints.hashes.values import CODE_BITS, ORIENTATIONS
from monitor.fingerprints.regions.boxes import Box
from monitor.matching.cut_out_index import CUT_OUT_WITHIN
from monitor.matching.region_reason import place_in_words


def cut_out_in_words(query: np.void, drawn: Box, distance: int) -> str:
    """The reason of one hit; reason_patterns.CUT_OUT takes it apart."""
    orientation = f", {ORIENTATIONS[int(query['orientation'])]}" if query["orientation"] else ""
    post = f"a box around a face of the post ({place_in_words(tuple(query['box'].tolist()))}){orientation}"
    numbers = f"{distance} of {CODE_BITS} bits differ (limit {CUT_OUT_WITHIN})"
    detail = f"detail {query['detail']} (least {LEAST_DETAIL})"
    return f"cut-out: registered box around a face ({place_in_words(drawn)}) in {post}: {numbers}, {detail}"
