"""How this project compiles: one decorator for kernels, and the three instructions that numba has no name for."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

LANES = 16
"""Codes that `near_lanes` compares at a time."""


def inlined(function: Function) -> Function:
    """Put the function's body wherever a kernel calls it: for a few lines that several kernels repeat."""
    return cast(Function, njit(inline="always")(function))


def compiled(*signatures: str) -> Callable[[Function], Function]:
    """Compile for these signatures and let other threads run meanwhile (the kernel holds no GIL).

    The machine code is kept in __pycache__; where that is read-only, in NUMBA_CACHE_DIR or the user's cache directory.
    Where nothing can be written at all each process compiles anew, which takes seconds, and works. After a change in
    this file, or in a function that kernels of other files call, delete `monitor/matching/__pycache__/*.nb?`: the cache
    looks only at the content of the file that a kernel stands in.
    """

    def wrap(function: Function) -> Function:
        try:
            made = njit(list(signatures), nogil=True, cache=True)(function)
        except RuntimeError as no_place:
            if "no locator available" not in str(no_place):
                raise
            made = njit(list(signatures), nogil=True)(function)
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


def _spread(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    """The value in each of LANES lanes."""
    empty = ir.Constant(ir.VectorType(LONG, LANES), ir.Undefined)
    lanes = ir.Constant(ir.VectorType(SHORT, LANES), [0] * LANES)
    return builder.shuffle_vector(builder.insert_element(empty, value, SHORT(0)), empty, lanes)


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
