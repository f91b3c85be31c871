"""When two names of organisations are one: case, spaces, invisible signs and the way letters were composed aside."""

import hashlib
import unicodedata

LONGEST_KEY = 200


def name_key(name: str) -> str:
    """What is compared in place of a name: `" our  Centre "` and `"Our Centre"` are one.

    NFKC makes one of full and half width, of Hangul syllables and their letters; format characters (Unicode Cf, such as
    a zero-width space) are seen by nobody, so they make no other name.
    """
    normal = unicodedata.normalize("NFKC", name)
    seen = "".join(sign for sign in normal if unicodedata.category(sign) != "Cf")
    # Folding may take letters apart again, so it is followed by a second composing.
    key = unicodedata.normalize("NFKC", " ".join(seen.split()).casefold())
    # One sign may stand for many: what would be too long for its column is compared by its hash.
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
