"""No advocate waits for a template to be compiled: a process that has settled compiles all of them, once."""

from api.i18n import LANGUAGES
from api.pages import rendering
from api.serving import _compile_all


async def test_every_page_is_compiled_in_every_language_and_once() -> None:
    await _compile_all(settled=0, pause=0)
    names = set(rendering.templates())
    assert len(names) > 50
    for language in LANGUAGES:
        cache = rendering._environment(language).cache
        assert cache is not None and {name for _, name in cache} == names, language
    assert len(rendering._ONCE._code) == len(names), "what it compiles to is the same in each language"
