"""One decoder process as its parent sees it: started afresh (never forked), fed, watched and ended."""

import os
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from monitor.core.errors import DecoderUnavailable, NotInspected
from monitor.fingerprints.decoder import protocol
from monitor.fingerprints.decoder.protocol import NO_WISH, Wish
from monitor.fingerprints.decoder.shape import check_shape
from monitor.fingerprints.hashes.values import HashedMedium

WORKER = "monitor.fingerprints.decoder.worker"
_ROOT = str(Path(__file__).resolve().parents[3])
_START_LIMIT = 60.0
_TICK_MS = 20
_CHUNK = 1 << 20
KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR", "SYSTEMROOT")
MADE_ENVIRONMENT = {
    "PYTHONPATH": _ROOT,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONCOERCECLOCALE": "0",  # where no locale is set, Python would add one of its own
    "OPENBLAS_NUM_THREADS": "1",
}


class DecoderProcess:
    """A running decoder. Used by one thread at a time."""

    def __init__(
        self, *, time_limit: float, memory_limit: int, program: str = WORKER, finds_faces: bool = False
    ) -> None:
        """Start it and wait until it is ready. `time_limit` in real seconds a medium, `memory_limit` in bytes of
        resident memory; `program`: another module than the decoder's own, to try what its doors hold back.
        `finds_faces`: it loads what that takes before it closes its doors.

        Raises DecoderUnavailable when it does not start."""
        self._time_limit, self._memory_limit = time_limit, memory_limit
        self.finds_faces = finds_faces
        self.served = 0
        """Media that it was asked for."""
        self.worked = 0.0
        """Real seconds that it took for them."""
        self.source = ""
        """For whom it worked last."""
        self.suspect = False
        """Whether it read a file that it could not make sense of."""
        # A whole new program: nothing of the parent's memory, files or __main__ comes along, and no secret of its
        # environment. A session of its own keeps Ctrl-C away from it.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                *(sys.executable, "-P", "-m", program, str(time_limit), str(memory_limit)),
                *(["faces"] if finds_faces else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what decoders print may quote the file
            env={name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ} | MADE_ENVIRONMENT,
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101 - for mypy
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        try:
            self.held = protocol.unpack_ready(self._exchange(b"", _START_LIMIT))
            """The measures that confine it."""
        except NotInspected as error:
            raise DecoderUnavailable(f"a decoder process does not start ({error.reason})") from None
        except ValueError:
            self.end()
            raise DecoderUnavailable("a decoder process does not say that it is ready") from None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def used(self) -> bool:
        """Whether it was asked for anything yet."""
        return self.served > 0

    @property
    def alive(self) -> bool:
        """False once it has ended."""
        return self._process.poll() is None

    def inspect(self, data: bytes, wish: Wish = NO_WISH, *, time_limit: float | None = None) -> HashedMedium:
        """Blocks until the answer; `time_limit` in real seconds, at most the decoder's own.

        Raises NotInspected; after crashed, hung or out-of-memory the process has ended.
        """
        self.served += 1
        began = time.monotonic()
        try:
            request = protocol.request(data, wish)
            answer = protocol.unpack(self._exchange(request, time_limit or self._time_limit))
            check_shape(answer, data, wish)
        except ValueError:
            self.end()
            raise NotInspected("crashed") from None
        finally:
            self.worked += time.monotonic() - began
        if isinstance(answer, NotInspected):
            if answer.reason in ("crashed", "out-of-memory"):
                self.end()
            raise answer
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def kill(self) -> None:
        """End it from another thread; a blocked `inspect` there sees its pipe close."""
        with suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """End it now and leave nothing behind."""
        self.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()

    def _exchange(self, message: bytes, limit: float) -> bytes:
        """Send `message`, give back the reply without its length. Ends the process and raises NotInspected when it
        takes longer than `limit` seconds, grows too large, or dies."""
        deadline = time.monotonic() + limit
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if message:
            poll.register(self._stdin, select.POLLOUT)
        unsent, reply = memoryview(message), bytearray()
        failure = ""
        while not failure:
            for descriptor, event in poll.poll(_TICK_MS):
                if descriptor == self._stdout.fileno():
                    part = self._stdout.read(_CHUNK)
                    failure = failure or ("crashed" if part == b"" else "")
                    reply += part or b""
                elif event & (select.POLLERR | select.POLLHUP):
                    poll.unregister(self._stdin)
                else:
                    unsent = unsent[self._write(unsent) :]
                    if not unsent:
                        poll.unregister(self._stdin)
            if (whole := _complete(reply)) is not None:
                return whole
            if len(reply) > protocol.MAX_REPLY:
                failure = "crashed"
            elif self._resident() > self._memory_limit:
                failure = "out-of-memory"
            elif time.monotonic() > deadline:
                failure = "hung"
        self.end()
        raise NotInspected(failure)

    def _write(self, unsent: memoryview) -> int:
        """How many bytes the pipe took."""
        try:
            return self._stdin.write(unsent[:_CHUNK]) or 0
        except BrokenPipeError:
            return 0  # it died: the other pipe says so next

    def _resident(self) -> int:
        """Its resident memory in bytes; 0 where the system does not tell (its own limit still holds there)."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_bytes().split()[1])
        except (OSError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")


def _complete(reply: bytearray) -> bytes | None:
    """The reply without its length, once all of it is there."""
    size = protocol.REPLY_HEAD.size
    if len(reply) < size:
        return None
    (length,) = protocol.REPLY_HEAD.unpack_from(reply)
    return bytes(reply[size : size + length]) if len(reply) >= size + length else None
