"""What threads need to share work without a lock, in compiled code: words of memory that change in one piece.

And two calls by address, so that the machine code can be kept on disk without any: cblas_sgemm, and Linux's futex, with
which a thread sleeps until a word changes.

Read next: blas.py.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WORD, NUMBER, REAL = ir.IntType(64), ir.IntType(32), ir.FloatType()
ROW_MAJOR, AS_IT_IS = 101, 111  # CblasRowMajor, CblasNoTrans
ALIGNMENT = 8  # bytes
FUTEX, WAIT, WAKE, ALL = 202, 128, 129, 1 << 30  # as Linux numbers them on x86-64; both private to the process


def _word(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, WORD.as_pointer())


@intrinsic
def load(context: Any, address: Any) -> Any:
    """Return the 64-bit word at an address; nothing that is read afterwards is older."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_word(builder, arguments[0]), "acquire", ALIGNMENT)

    return types.intp(types.intp), build


@intrinsic
def store(context: Any, address: Any, value: Any) -> Any:
    """Write a 64-bit word; whoever loads it finds all that was written before."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store_atomic(arguments[1], _word(builder, arguments[0]), "release", ALIGNMENT)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), build


@intrinsic
def add(context: Any, address: Any, value: Any) -> Any:
    """Add to a 64-bit word in one piece; return what it was."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", _word(builder, arguments[0]), arguments[1], "seq_cst")

    return types.intp(types.intp, types.intp), build


@intrinsic
def replace(context: Any, address: Any, old: Any, new: Any) -> Any:
    """Write `new` where `old` still stands, in one piece; return 1 if so, else 0."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = builder.cmpxchg(_word(builder, arguments[0]), arguments[1], arguments[2], "seq_cst", "seq_cst")
        return builder.zext(builder.extract_value(found, 1), WORD)

    return types.intp(types.intp, types.intp, types.intp), build


@intrinsic
def pause(context: Any) -> Any:
    """Tell the processor that this is a loop that waits."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), build


@intrinsic
def multiply(
    context: Any,
    where: Any,
    m: Any,
    n: Any,
    k: Any,
    a: Any,
    a_row: Any,
    b: Any,
    b_row: Any,
    beta: Any,
    c: Any,
    c_row: Any,
) -> Any:
    """Call cblas_sgemm at the address `where`: C = A B + beta C, A (m, k), B (k, n), by addresses and row lengths."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        where, m, n, k, a, a_row, b, b_row, beta, c, c_row = arguments
        kinds = [NUMBER] * 3 + [WORD] * 3 + [REAL, WORD, WORD, WORD, WORD, REAL, WORD, WORD]
        function = builder.inttoptr(where, ir.FunctionType(ir.VoidType(), kinds).as_pointer())
        order = [NUMBER(ROW_MAJOR), NUMBER(AS_IT_IS), NUMBER(AS_IT_IS)]
        builder.call(function, [*order, m, n, k, REAL(1.0), a, a_row, b, b_row, beta, c, c_row])
        return context.get_dummy_value()

    word = types.intp
    return types.void(word, word, word, word, word, word, word, word, types.float32, word, word), build


def _futex(context: Any, builder: Any, where: Any, address: Any, what: int, value: Any) -> Any:
    kinds = ir.FunctionType(WORD, [WORD] * 7)
    function = builder.inttoptr(where, kinds.as_pointer())
    builder.call(function, [WORD(FUTEX), address, WORD(what), value, WORD(0), WORD(0), WORD(0)])
    return context.get_dummy_value()


@intrinsic
def sleep_while(context: Any, where: Any, address: Any, value: Any) -> Any:
    """Sleep until woken, unless the word at the address is no longer `value`; `where` is the C library's syscall."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _futex(context, builder, arguments[0], arguments[1], WAIT, arguments[2])

    return types.void(types.intp, types.intp, types.intp), build


@intrinsic
def wake_all(context: Any, where: Any, address: Any) -> Any:
    """Wake all who sleep at an address."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _futex(context, builder, arguments[0], arguments[1], WAKE, WORD(ALL))

    return types.void(types.intp, types.intp), build
