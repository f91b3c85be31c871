"""How this project compiles: one decorator for kernels, and the three instructions that numba has no name for."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

LANES = 16
"""Codes that a function made by `near_columns` compares at a time."""
AT_ONCE = 32
"""Codes that `any_near` compares at a time."""
_WIDEST = 8
"""Words in the widest vectors there are."""


def inlined(function: Function) -> Function:
    """Put the function's body wherever a kernel calls it: for a few lines that several kernels repeat."""
    return cast(Function, njit(inline="always")(function))


def _place_for_machine_code() -> Path | None:
    """A folder for exactly these sources, or None where nothing can be written.

    By itself numba watches only the file that a kernel stands in: after an upgrade it would go on with the old code of
    functions that the kernel calls. NUMBA_CACHE_DIR decides where; else __pycache__, or the user's cache directory.
    """
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    wanted = [Path(os.environ.get("NUMBA_CACHE_DIR") or here / "__pycache__")]
    with suppress(RuntimeError):  # a user without a home
        wanted.append(Path.home() / ".cache" / "jikimi")
    for base in wanted:
        place = base / f"kernels-{hashlib.sha256(sources).hexdigest()[:12]}"
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            if os.access(place, os.W_OK):
                return place
    return None


_PLACE = _place_for_machine_code()
if _PLACE is not None:
    vars(config)["CACHE_DIR"] = str(_PLACE)  # made from the environment, under no name that type checkers see


def compiled(*signatures: str) -> Callable[[Function], Function]:
    """Compile for these signatures and let other threads run meanwhile (the kernel holds no GIL).

    Where machine code can be kept nowhere, each process compiles anew, which takes seconds, and works.
    """

    def wrap(function: Function) -> Function:
        made = njit(list(signatures), nogil=True, cache=_PLACE is not None)(function)
        return cast(Function, made)  # a dispatcher: called as the function is

    return wrap


def _instruction(typed: Callable[..., Any]) -> Callable[..., Any]:
    """numba's `intrinsic`, whose types describe what it is given (with a context), not how the result is called."""
    return cast(Callable[..., Any], intrinsic(typed))


def _count(builder: ir.IRBuilder, value: ir.Value, kind: str) -> ir.Value:
    """LLVM's population count of an integer or of each of a vector's: one instruction where the processor has it."""
    declared = builder.module.declare_intrinsic(f"llvm.ctpop.{kind}", (), ir.FunctionType(value.type, [value.type]))
    return builder.call(declared, [value])


@_instruction
def popcount(_context: Any, _word: Any) -> Any:
    """popcount(word) -> set bits of a uint64, as int64."""

    def generate(_context: Any, builder: ir.IRBuilder, _signature: Any, arguments: Any) -> ir.Value:
        return _count(builder, arguments[0], "i64")

    return types.int64(types.uint64), generate


@_instruction
def prefetch(_context: Any, array: Any, _at: Any) -> Any:
    """prefetch(array, at): ask for the cache line of a flat array's element `at`, and do not wait for it."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        bytes_, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        place = builder.bitcast(builder.gep(start, [arguments[1]]), bytes_)
        shape = ir.FunctionType(ir.VoidType(), [bytes_, word, word, word])
        declared = builder.module.declare_intrinsic("llvm.prefetch.p0", (), shape)
        read, keep, data = word(0), word(3), word(1)
        builder.call(declared, [place, read, keep, data])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


LONG, SHORT = ir.IntType(64), ir.IntType(32)


def _spread(builder: ir.IRBuilder, value: ir.Value, lanes: int = LANES) -> ir.Value:
    """The value in each of the lanes."""
    empty = ir.Constant(ir.VectorType(LONG, lanes), ir.Undefined)
    first = ir.Constant(ir.VectorType(SHORT, lanes), [0] * lanes)
    return builder.shuffle_vector(builder.insert_element(empty, value, SHORT(0)), empty, first)


def near_columns(words_compared: int) -> Callable[..., Any]:
    """near(columns, at, stride, q0, q1, q2, q3, limit) -> uint32: a bit for each of the LANES codes from `at` on.

    The bit is set where the first `words_compared` words differ from the query's q0 to q3 in at most `limit` bits. Word
    w of code `at` is columns[w * stride + at]. Vectors of a fixed length are legal LLVM on every processor: it takes
    AVX-512 where there is one, and splits them up elsewhere.
    """
    vector = ir.VectorType(LONG, LANES)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        columns, at, stride, *query, limit = arguments
        start = context.make_array(signature.args[0])(context, builder, columns).data
        apart = ir.Constant(vector, [0] * LANES)
        for number in range(words_compared):
            place = builder.gep(start, [builder.add(at, builder.mul(stride, LONG(number)))])
            column = builder.load(builder.bitcast(place, vector.as_pointer()), align=8)
            differing = builder.xor(column, _spread(builder, query[number]))
            apart = builder.add(apart, _count(builder, differing, f"v{LANES}i64"))
        near = builder.icmp_unsigned("<=", apart, _spread(builder, limit))
        return builder.zext(builder.bitcast(near, ir.IntType(LANES)), SHORT)

    @_instruction
    def near(_context: Any, columns: Any, at: Any, stride: Any, q0: Any, q1: Any, q2: Any, q3: Any, limit: Any) -> Any:
        word = types.uint64
        return types.uint32(columns, types.int64, types.int64, word, word, word, word, word), generate

    return near


@_instruction
def any_near(_context: Any, column: Any, _at: Any, _word: Any, _limit: Any) -> Any:
    """any_near(column, at, word, limit): whether one of AT_ONCE words from `at` on is within `limit` bits of `word`.

    The least of the counts is compared instead of each: comparing waits for the same part of a processor as counting.
    """
    vector = ir.VectorType(LONG, _WIDEST)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        column, at, word, limit = arguments
        start = context.make_array(signature.args[0])(context, builder, column).data
        asked = _spread(builder, word, _WIDEST)
        least = None
        for ahead in range(0, AT_ONCE, _WIDEST):
            place = builder.bitcast(builder.gep(start, [builder.add(at, LONG(ahead))]), vector.as_pointer())
            bits = _count(builder, builder.xor(builder.load(place, align=8), asked), f"v{_WIDEST}i64")
            least = bits if least is None else builder.select(builder.icmp_unsigned("<", bits, least), bits, least)
        near = builder.icmp_unsigned("<=", least, _spread(builder, limit, _WIDEST))
        mask = ir.IntType(_WIDEST)
        return builder.icmp_unsigned("!=", builder.bitcast(near, mask), mask(0))

    word = types.uint64
    return types.boolean(column, types.int64, word, word), generate


near_in_half = near_columns(2)
"""By the first 128 bits: most codes that are far are told so at half the cost; the rest must be compared again."""
near_in_whole = near_columns(4)
"""By all 256 bits."""


@_instruction
def near_in_rows(_context: Any, codes: Any, row: Any, q0: Any, q1: Any, q2: Any, q3: Any, limit: Any) -> Any:
    """As near_in_whole, for LANES codes that lie one after the other: (n, 4) words."""
    vector = ir.VectorType(LONG, 4 * LANES)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        codes, row, *query, limit = arguments
        start = context.make_array(signature.args[0])(context, builder, codes).data
        place = builder.gep(start, [builder.mul(row, LONG(4))])
        words = builder.load(builder.bitcast(place, vector.as_pointer()), align=8)
        pattern = ir.Constant(ir.VectorType(LONG, 4), ir.Undefined)
        for number, word in enumerate(query):
            pattern = builder.insert_element(pattern, word, SHORT(number))
        turns = ir.Constant(ir.VectorType(SHORT, 4 * LANES), [number % 4 for number in range(4 * LANES)])
        differing = builder.xor(words, builder.shuffle_vector(pattern, pattern, turns))
        bits = _count(builder, differing, f"v{4 * LANES}i64")
        for width in (2 * LANES, LANES):  # add neighbours, twice: four words make a code
            even = ir.Constant(ir.VectorType(SHORT, width), list(range(0, 2 * width, 2)))
            odd = ir.Constant(ir.VectorType(SHORT, width), list(range(1, 2 * width, 2)))
            bits = builder.add(builder.shuffle_vector(bits, bits, even), builder.shuffle_vector(bits, bits, odd))
        near = builder.icmp_unsigned("<=", bits, _spread(builder, limit))
        return builder.zext(builder.bitcast(near, ir.IntType(LANES)), SHORT)

    word = types.uint64
    return types.uint32(codes, types.int64, word, word, word, word, word), generate
