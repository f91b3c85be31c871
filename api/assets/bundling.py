"""Several modules in one plain script: each in a function of its own, in the order in which they need each other.

A plain script needs no engine that knows modules, in a Worker neither, and a page is one request instead of thirty.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from api.assets.lexing import Kind, ScriptUnreadable, Token, slim, tokens
from api.assets.lowering import lowered

_WORKER = re.compile(
    r'new Worker\((?:new URL\("(?P<beside>\./[\w./]+\.mjs)", import\.meta\.url\)|"/static/(?P<whole>[\w/]+\.mjs)"), '
    r'\{ type: "module" \}\)'
)
_DECLARES = {"const", "function", "class", "async"}

_REGISTRY = "self.$m"
"""The modules of a page or Worker by name, for scripts that are fetched later."""

Address = Callable[[str], str]
"""Where the bundle of a worker's module is served, by the module's path below the folder of static files."""


@dataclass(slots=True)
class Bundle:
    """What is gathered while one entry is followed."""

    folder: Path
    address: Address
    chunk: Address | None = None
    """Where a module that is fetched later is served; None: what is imported later is in the bundle as well."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What scripts say in this language, by their own text: it takes the place of the text in `t("...")`."""
    parts: list[str] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)
    _within: list[str] = field(default_factory=list)

    def add(self, name: str, *, entry: bool = False) -> None:
        """A module, after those that it needs."""
        if name in self._done:
            return
        if name in self._within:
            raise ScriptUnreadable(f"modules need each other in a circle: {' -> '.join([*self._within, name])}")
        self._within.append(name)
        source = (self.folder / name).read_text(encoding="utf-8")
        found = self._translated(_read(_WORKER.sub(lambda match: self._worker(name, match), source)))
        imports, exports, body = _taken_apart(found, name)
        for needed, _ in imports:
            self.add(_resolved(name, needed))
        text = "".join(token.text for token in lowered(self._dynamic(name, body)))
        heads = "".join(
            f"const {{{', '.join(names)}}} = $m[{_key(_resolved(name, needed))}];" for needed, names in imports if names
        )
        if entry:
            run = "async () =>" if any(token.text == "await" for token in body) else "() =>"
            self.parts.append(f"({run} {{{heads}{text}\n}})();")
        else:
            given = ", ".join(f"{public}: {own}" if public != own else own for own, public in exports)
            self.parts.append(f"$m[{_key(name)}] = (() => {{{heads}{text}\nreturn {{{given}}};}})();")
        self._within.pop()
        self._done.add(name)

    def text(self) -> str:
        """The whole script."""
        registry = f"const $m = {_REGISTRY} = {_REGISTRY} || {{}};"
        return "\n".join(['(() => {"use strict";', registry, *self.parts, "})();", ""])

    def _translated(self, found: tuple[Token, ...]) -> list[Token]:
        out = list(found)
        for at in range(2, len(out)):
            if out[at].kind is Kind.TEXT and out[at - 1].text == "(" and out[at - 2] == Token(Kind.NAME, "t"):
                said = self.texts.get(_value(out[at].text))
                if said is not None:
                    out[at] = Token(Kind.TEXT, json.dumps(said, ensure_ascii=False))
        return out

    def _later(self, needed: str) -> str:
        if self.chunk is None or needed in self._done:
            self.add(needed)
            return f"Promise.resolve($m[{_key(needed)}])"
        return f'import("{self.chunk(needed)}").then(() => $m[{_key(needed)}])'

    def without(self, there: Iterable[str]) -> None:
        """The page has these modules already."""
        self._done.update(there)

    def _worker(self, name: str, match: re.Match[str]) -> str:
        path = match["whole"] or _resolved(name, match["beside"])
        return f'new Worker("{self.address(path)}")'

    def _dynamic(self, name: str, body: list[Token]) -> list[Token]:
        """`import("./x.mjs")` gives what is in the bundle already."""
        out: list[Token] = []
        at = 0
        while at < len(body):
            token = body[at]
            if token == Token(Kind.NAME, "import"):
                if [one.text for one in body[at + 1 : at + 2]] != ["("] or body[at + 2].kind is not Kind.TEXT:
                    raise ScriptUnreadable(f"{name}: an import that the bundler does not know")
                needed = _resolved(name, body[at + 2].text.strip("\"'"))
                out.append(Token(Kind.TEXT, self._later(needed)))
                at += 4
                continue
            out.append(token)
            at += 1
        return out


def bundled(
    folder: Path,
    entries: tuple[str, ...],
    address: Address,
    texts: Mapping[str, str] = MappingProxyType({}),
    *,
    chunk: Address | None = None,
) -> str:
    """The script of these entry modules, run one after the other, saying `texts`. Raises ScriptUnreadable."""
    bundle = Bundle(folder, address, chunk, texts)
    for entry in entries:
        bundle.add(entry, entry=True)
    return bundle.text()


def bundled_later(folder: Path, name: str, there: Iterable[str], address: Address, texts: Mapping[str, str]) -> str:
    """The script of a module that is fetched later, for a page that has the modules `there`."""
    bundle = Bundle(folder, address, None, texts)
    bundle.without(there)
    bundle.add(name)
    return bundle.text()


def needed_at_once(folder: Path, entries: tuple[str, ...]) -> frozenset[str]:
    """The entries with everything that they import, and not what they fetch later."""
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        imports, _, _ = _taken_apart(list(_read((folder / name).read_text(encoding="utf-8"))), name)
        waiting += [_resolved(name, needed) for needed, _ in imports]
    return frozenset(found)


@lru_cache(256)
def _read(source: str) -> tuple[Token, ...]:
    return tuple(slim(tokens(source)))


def _value(literal: str) -> str:
    """Of a string in double quotes, as ours are; of another nothing that a catalogue holds."""
    try:
        return str(json.loads(literal))
    except ValueError:
        return ""


def _taken_apart(
    found: list[Token], name: str
) -> tuple[list[tuple[str, list[str]]], list[tuple[str, str]], list[Token]]:
    """What is imported (from where, as `a` or `a: b`), what is exported (own name, public name), and the rest."""
    imports: list[tuple[str, list[str]]] = []
    exports: list[tuple[str, str]] = []
    body: list[Token] = []
    depth, at = 0, 0
    while at < len(found):
        token = found[at]
        if token.kind is Kind.SIGN:
            depth += (token.text in "{([") - (token.text in "})]")
        statement = token.kind is Kind.NAME and depth == 0 and _starts_statement(body)
        if statement and token.text == "import" and _spoken(found, at + 1).text != "(":
            end = next(i for i in range(at, len(found)) if found[i].text == ";")
            imports.append(_import(found[at + 1 : end], name))
            at = end + 1
        elif statement and token.text == "export":
            following = _spoken(found, at + 1)
            if following.text == "{":
                end = next(i for i in range(at, len(found)) if found[i].text == "}")
                exports += _listed(found[at + 1 : end], name)
                at = end + 1
                continue
            if following.text not in _DECLARES:
                raise ScriptUnreadable(f"{name}: export {following.text} is not known to the bundler")
            names = [one.text for one in found[at + 1 : at + 12] if one.kind in (Kind.NAME, Kind.SIGN)]
            own = next(one for one in names if one not in (*_DECLARES, "*"))
            exports.append((own, own))
            at += 1
        else:
            body.append(token)
            at += 1
    return imports, exports, body


def _import(part: list[Token], name: str) -> tuple[str, list[str]]:
    spoken = [token.text for token in part if token.kind is not Kind.SPACE]
    source = spoken[-1].strip("\"'")
    if len(spoken) == 1:
        return source, []
    if spoken[0] != "{" or spoken[-2] != "from" or spoken[-3] != "}":
        raise ScriptUnreadable(f"{name}: an import that the bundler does not know: {' '.join(spoken)}")
    names = " ".join(spoken[1:-3]).split(",")
    return source, [one.strip().replace(" as ", ": ") for one in names if one.strip()]


def _listed(part: list[Token], name: str) -> list[tuple[str, str]]:
    names = " ".join(token.text for token in part if token.kind is not Kind.SPACE).strip("{ ").split(",")
    pairs = [one.strip().partition(" as ") for one in names if one.strip()]
    return [(own, public or own) for own, _, public in pairs]


def _starts_statement(body: list[Token]) -> bool:
    last = next((token for token in reversed(body) if token.kind is not Kind.SPACE), None)
    return last is None or last.text in (";", "}") or (bool(body) and body[-1].text == "\n")


def _spoken(found: list[Token], at: int) -> Token:
    return next(token for token in found[at:] if token.kind is not Kind.SPACE)


def _resolved(name: str, needed: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / needed).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _key(name: str) -> str:
    return f'"{name.removesuffix(".mjs")}"'
