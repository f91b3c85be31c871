"""What engines of 2020 read: private names become plain ones, fields of a class move into its constructor.

Our modules use `#names` and fields. Chrome 80 reads no private method, Safari 13 no field at all. Both say the same in
older words, and only these two forms are changed; a test holds that nothing newer is left in what is sent.
"""

from api.assets.lexing import Kind, ScriptUnreadable, Token

_OPEN, _CLOSE = {"{", "(", "["}, {"}", ")", "]"}
_WORDS = {"static", "get", "set", "async", "*"}


def lowered(found: list[Token]) -> list[Token]:
    """The same program for older engines. Takes tokens without comments."""
    plain = [Token(Kind.NAME, f"_{token.text[1:]}") if _is_private(token) else token for token in found]
    out: list[Token] = []
    at = 0
    while at < len(plain):
        out.append(plain[at])
        at += 1
        if out[-1] != Token(Kind.NAME, "class") or _before(out, 1) == "." or not _begins_class(plain, at):
            continue
        start = at
        while plain[at].text != "{":
            at += 1
        heading = plain[start:at]
        end = _end_of(plain, at)
        extends = any(token.text == "extends" for token in heading)
        out += [*heading, *_body(plain[at + 1 : end], extends=extends)]
        at = end + 1
    return out


def _begins_class(plain: list[Token], at: int) -> bool:
    """Whether a class follows the word: it is a property's name as well, as in `{ class: x }`."""
    following = next((token for token in plain[at:] if token.kind is not Kind.SPACE), None)
    return following is not None and (following.kind is Kind.NAME or following.text == "{")


def _body(inner: list[Token], *, extends: bool) -> list[Token]:
    """A class body with its braces; nested classes inside methods are handled in their turn."""
    members: list[list[Token]] = []
    fields: list[list[Token]] = []
    at = 0
    while at < len(inner):
        if inner[at].kind is Kind.SPACE or inner[at].text == ";":
            at += 1
            continue
        start = at
        while inner[at].text in _WORDS or inner[at].kind is Kind.SPACE:
            following = next(token for token in inner[at + 1 :] if token.kind is not Kind.SPACE)
            if inner[at].kind is not Kind.SPACE and following.text in ("(", "=", ";"):
                break  # a member that is called like a keyword
            at += 1
        static = any(token.text == "static" for token in inner[start:at])
        if inner[at].text == "[":
            at = _end_of(inner, at)
        name, at = inner[at], at + 1
        while at < len(inner) and inner[at].kind is Kind.SPACE:
            at += 1
        if at < len(inner) and inner[at].text == "(":
            at = _end_of(inner, at) + 1
            while inner[at].kind is Kind.SPACE:
                at += 1
            at = _end_of(inner, at) + 1
            members.append(inner[start:at])
            continue
        if static or name.kind is not Kind.NAME:
            raise ScriptUnreadable(f"the bundler knows no static field: {name.text}")
        value_at = at
        while at < len(inner) and inner[at].text != ";":
            at = _end_of(inner, at) if inner[at].text in _OPEN else at
            at += 1
        value = inner[value_at:at] if value_at < at else [*_signs(" = undefined")]
        fields.append([*_signs("this."), name, *value, *_signs(";")])
        at += 1
    moved = [token for one in fields for token in one]
    if moved:
        members = _with_fields(members, moved, extends=extends)
    parts = [token for member in members for token in [*lowered_member(member), Token(Kind.SPACE, "\n")]]
    return [Token(Kind.SIGN, "{"), *parts, Token(Kind.SIGN, "}")]


def lowered_member(member: list[Token]) -> list[Token]:
    """Classes inside a method are lowered as well."""
    return lowered(member) if any(token == Token(Kind.NAME, "class") for token in member) else member


def _with_fields(members: list[list[Token]], moved: list[Token], *, extends: bool) -> list[list[Token]]:
    for number, member in enumerate(members):
        if member[0].text != "constructor":
            continue
        body = _end_of(member, next(i for i, token in enumerate(member) if token.text == "(")) + 1
        while member[body].text != "{":
            body += 1
        place = body + 1
        if extends:
            call = next(i for i, token in enumerate(member) if token.text == "super")
            while member[call].text != "(":
                call += 1
            place = _end_of(member, call) + 1
            moved = [*_signs(";"), *moved]
        rest = member[place:]
        changed = [*member[:place], *moved, *rest]
        return [*members[:number], changed, *members[number + 1 :]]
    start = "constructor(...given){super(...given);" if extends else "constructor(){"
    return [[*_signs(start), *moved, *_signs("}")], *members]


def _end_of(found: list[Token], at: int) -> int:
    """Where the bracket at `at` is closed."""
    depth = 0
    for index in range(at, len(found)):
        if found[index].kind is not Kind.SIGN:
            continue
        depth += (found[index].text in _OPEN) - (found[index].text in _CLOSE)
        if depth == 0:
            return index
    raise ScriptUnreadable("a bracket is not closed")


def _is_private(token: Token) -> bool:
    return token.kind is Kind.NAME and token.text.startswith("#")


def _before(out: list[Token], back: int) -> str:
    spoken = [token.text for token in out[-8:] if token.kind is not Kind.SPACE]
    return spoken[-1 - back] if len(spoken) > back else ""


def _signs(text: str) -> tuple[Token, ...]:
    return (Token(Kind.TEXT, text),)
