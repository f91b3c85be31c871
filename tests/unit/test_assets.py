"""What browsers are sent: plain scripts, in words that Chrome 80 and Safari 13 read, at addresses of content."""

import gzip
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from api.assets.bundling import bundled, bundled_later, needed_at_once
from api.assets.lexing import Kind, ScriptUnreadable, Token, slim, tokens
from api.assets.lowering import lowered
from api.assets.store import FOLDER, PREFIX, Assets, assets

SCRIPTS = (
    "early",
    "case ko",
    "case en",
    "login en",
    "advocate en",
    "door en",
    "worker pdq/worker.mjs",
    "worker puzzle/worker.mjs",
)
NEWER_SIGNS = {"??=", "||=", "&&=", "@"}
NEWER_NAMES = {
    *("structuredClone", "hasOwn", "findLast", "findLastIndex", "toSorted", "toSpliced", "toReversed", "groupBy"),
    *("randomUUID", "requestSubmit", "showModal", "inert", "WeakRef", "AggregateError", "BigInt", "withResolvers"),
    "export",
}
"""Later than 2020, or not at home in a plain script; what is used of `at`, `replaceAll` and the like older.mjs adds."""
ASKED_FIRST = {"requestVideoFrameCallback", "requestSubmit"}
"""Used where there, and asked for before."""


def _lower(source: str) -> str:
    return "".join(token.text for token in lowered(slim(tokens(source))))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_holds_what_an_engine_of_2020_cannot_read(name: str) -> None:
    found = [token for token in tokens(assets()[name].body.decode()) if token.kind is not Kind.SPACE]
    names = [token.text for token in found if token.kind is Kind.NAME]
    assert not [one for one in names if one.startswith("#")], "a private name is left"
    assert not {token.text for token in found if token.kind is Kind.SIGN} & NEWER_SIGNS
    assert not set(names) & NEWER_NAMES - ASKED_FIRST
    assert not [
        token.text for token in found if token.kind is Kind.REGEX and re.search(r"\(\?<[=!]|/\w*[dv]\w*$", token.text)
    ]
    assert not [token.text for token in found if token.kind is Kind.NUMBER and token.text.endswith("n")]
    pairs = list(pairwise(found))
    assert not [a for a, b in pairs if (a.text, b.text) == ("static", "{")]
    if name == "early":  # also for engines that know none of this
        assert not {"=>", "?.", "??", "..."} & {token.text for token in found}
        assert not {"const", "let", "class", "async", "await"} & set(names)
        assert not [token for token in found if token.text.startswith("`")]
    for start, token in enumerate(found):  # a field stands directly in a class body: NAME = or NAME ;
        if (
            token != Token(Kind.NAME, "class")
            or found[start - 1].text == "."
            or found[start + 1].text in (":", "=", ",")
        ):
            continue
        at = start
        while found[at].text != "{":
            at += 1
        depth = 0
        for here, after in zip(found[at:], found[at + 1 :], strict=False):
            depth += (here.text in "{([") - (here.text in "})]") if here.kind is Kind.SIGN else 0
            if depth == 0:
                break
            assert not (depth == 1 and here.kind is Kind.NAME and after.text in ("=", ";")), here.text


def test_fields_move_into_the_constructor_and_private_names_become_plain() -> None:
    assert _lower("class A { #x = 1; y; static of() { return new A(); } get #z() { return this.#x; } }") == (
        "class A{constructor(){this._x=1;this.y = undefined;}\nstatic of(){return new A();}\n"
        "get _z(){return this._x;}\n}"
    )
    assert _lower("class A { m() { return { class: 1 }; } }") == "class A{m(){return{class:1};}\n}"
    extending = "class B extends A { #m = [[1, { a: 2 }]]; constructor(a) { super(a); this.b = `${this.#m} #t`; } }"
    assert _lower(extending) == (
        "class B extends A{constructor(a){super(a);this._m=[[1,{a:2}]];;this.b=`${this._m} #t`;}\n}"
    )
    assert _lower('find("#app"); /#a/.test(x); // #gone') == 'find("#app");/#a/.test(x);'
    assert _lower("const a = { class: 1, b: this.class, static: 2, get: 3 };") == (
        "const a={class:1,b:this.class,static:2,get:3};"
    )
    with pytest.raises(ScriptUnreadable, match="static field"):
        _lower("class C { static #n = 1; }")


def test_modules_become_one_script_in_the_order_in_which_they_need_each_other(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    worker = 'new Worker(new URL("./w.mjs", import.meta.url), { type: "module" })'
    sources = {
        "main.mjs": 'import { one as first } from "./in/a.mjs";\nimport "./in/b.mjs";\nawait first();\n',
        "in/a.mjs": 'import { two } from "./b.mjs";\nexport async function one() { return two; }\n',
        "in/b.mjs": f"export const two = {worker};\n",
    }
    for name, source in sources.items():
        (tmp_path / name).write_text(source)
    script = bundled(tmp_path, ("main.mjs",), lambda path: f"/a/of-{path}")
    assert script.index('$m["in/b"]') < script.index('$m["in/a"]') < script.index("await first()")
    assert 'new Worker("/a/of-in/w.mjs")' in script and "import" not in script and "export" not in script
    (tmp_path / "later.mjs").write_text('import { two } from "./in/b.mjs";\nexport const three = two;\n')
    (tmp_path / "main.mjs").write_text('import { two } from "./in/b.mjs";\nawait import("./later.mjs");\n')
    script = bundled(tmp_path, ("main.mjs",), str, chunk=lambda path: f"/a/{path}")
    assert 'import("/a/later.mjs").then(() => $m["later"])' in script and "three" not in script
    there = needed_at_once(tmp_path, ("main.mjs",))
    later = bundled_later(tmp_path, "later.mjs", there, str, {})
    assert there == {"main.mjs", "in/b.mjs"} and "three" in later and '$m["in/b"] =' not in later
    assert "three" in bundled(tmp_path, ("main.mjs",), str)  # where nothing is fetched later it is there at once
    (tmp_path / "in/b.mjs").write_text('import { one } from "./a.mjs";\nexport const two = one;\n')
    with pytest.raises(ScriptUnreadable, match=r"circle: in/a.mjs -> in/b.mjs -> in/a.mjs"):
        bundled(tmp_path, ("in/a.mjs",), str)


def test_addresses_follow_the_content_and_tell_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    shutil.copytree(FOLDER, folder)
    before = Assets(folder)
    sheet = folder / "jikimi.css"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "\nb { color: red; }\n", encoding="utf-8")
    after = Assets(folder)
    assert before.address("sheet") != after.address("sheet") and before.address("case") == after.address("case")
    assert before.address("case", "ko") != before.address("case", "en")
    for name in SCRIPTS:
        assert re.fullmatch(PREFIX + r"[0-9a-f]{20}\.js", assets().address(name))
        assert gzip.decompress(assets()[name].packed) == assets()[name].body


def test_a_property_that_is_called_class_is_no_class() -> None:
    source = 'class One { #x = 1; see() { return { class: "a", y: this.#x }; } }\n'
    assert 'class:"a"' in _lower(source).replace(" ", "")
