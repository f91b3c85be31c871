"""What kind of browser asks, in a few words, so that somebody knows their own log-ins. Nothing else of it is kept."""

from collections.abc import Mapping

_BROWSERS: Mapping[str, str] = {
    "Edg/": "Edge",
    "SamsungBrowser/": "Samsung Internet",
    "Whale/": "Whale",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""The first that is named is it: most others name Chrome and Safari, too."""
_SYSTEMS: Mapping[str, str] = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def device_of(user_agent: str) -> str:
    """Such as `Chrome, Windows`; empty where nothing is known."""
    found = [next((told for mark, told in table.items() if mark in user_agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(one for one in found if one)
