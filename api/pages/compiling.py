"""How our templates are compiled: once for all languages, and a text without values is looked up, not called for.

A page of an advocate holds some 200 texts. Each `_("...")` costs three calls through the template's context; in a table
of the language it is one look-up.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import BytecodeCache, Environment, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup


class Once(BytecodeCache):
    """What a template compiles to, for the lifetime of the process: it is the same in each language."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Where another language compiled it."""
        if code := self.code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """For the others."""
        self.code[bucket.key] = bucket.bytecode_to_string()


class KnownTexts(dict[str, Markup]):
    """The texts of a language as a template writes them, each translated the first time that it is asked for."""

    def __init__(self, gettext: Callable[[str], str]) -> None:
        super().__init__()
        self._gettext = gettext

    def __missing__(self, text: str) -> Markup:
        # A format without values, as jinja2's own gettext has it: "%%" in a text is a percent sign.
        self[text] = known = Markup(self._gettext(text)) % {}  # noqa: S704  # our own catalogue
        return known


class _Compiler(CodeGenerator):
    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """`_("...")` with nothing to fill in is one look-up."""
        if (text := _text_alone(node)) is None:
            super().visit_Call(node, frame, forward_caller=forward_caller)
        else:
            self.write(f"environment.known_texts[{text!r}]")


def _text_alone(node: nodes.Call) -> str | None:
    match node:
        case nodes.Call(
            node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], kwargs=[], dyn_args=None, dyn_kwargs=None
        ):
            return text
    return None


class Templates(Environment):
    """An environment of one language; `known_texts` is what `_("...")` stands for in it."""

    code_generator_class = _Compiler

    def __init__(self, gettext: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)
        self.known_texts = KnownTexts(gettext)
