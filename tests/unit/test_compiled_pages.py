"""No advocate waits for a template to be compiled: a process that has settled compiles all of them, once."""

from api.i18n import LANGUAGES
from api.pages import rendering
from api.pages.compiling import Once, Templates
from api.serving import _compile_all


async def test_every_page_is_compiled_in_every_language_and_once() -> None:
    await _compile_all(settled=0, pause=0)
    names = set(rendering.templates())
    assert len(names) > 50
    for language in LANGUAGES:
        cache = rendering._environment(language).cache
        assert cache is not None and {name for _, name in cache} == names, language
    assert len(rendering._ONCE.code) == len(names), "what it compiles to is the same in each language"


def test_text_without_values_is_looked_up_and_says_what_gettext_says() -> None:
    asked = list[str]()
    words = {"Half & all": "반 & <b>다</b>", "%(count)s left": "%(count)s개", "5 %% off": "5 %% 빼고"}

    def gettext(text: str) -> str:
        asked.append(text)
        return words[text]

    environment = Templates(gettext, autoescape=True, extensions=["jinja2.ext.i18n"], bytecode_cache=Once())
    environment.install_gettext_callables(gettext, gettext, newstyle=True)  # type: ignore[attr-defined]
    page = environment.from_string(
        '{% macro one() %}{{ _("Half & all") }}{% endmacro %}{% for n in (1, 2) %}{{ one() }} {% endfor %}'
        '{{ _("5 %% off") }} {{ _("%(count)s left", count="<3>") }}'
    )
    for _ in range(2):
        assert page.render() == "반 & <b>다</b> 반 & <b>다</b> 5 % 빼고 &lt;3&gt;개"
    assert asked == ["Half & all", "5 %% off", "%(count)s left", "%(count)s left"]
