"""The programs of the demo: `serve`, and on PostgreSQL further workers, each a process with its log in a file."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from monitor.core.errors import JikimiError

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 20.0


class ProgramStopped(JikimiError):
    """A program of the demo does not run."""


class Programs:
    """Starts, restarts and stops them. Only its own processes are ever signalled."""

    def __init__(
        self,
        config: Path,
        address: str,
        listener: socket.socket,
        *,
        environment: Mapping[str, str],
        workers: int,
    ) -> None:
        """`address`: http://HOST:PORT of the web application, where `listener` listens for it. `workers`: 1 is `serve`
        alone, which works too; more only where several programs may share the database."""
        self._config, self._address, self._environment = config, address, dict(environment)
        self._listener = listener
        self.names = ("serve", "work", *(f"work-{number}" for number in range(2, workers)))[:workers]
        """What runs; `work-2` is a `work` as any other."""
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    async def start(self) -> None:
        """Start all and wait until the web application answers. Raises ProgramStopped."""
        for name in self.names:
            await self.restart(name)

    async def wait_until_healthy(self) -> None:
        """Wait for /healthz. Raises ProgramStopped when `serve` ended or does not answer."""
        end = time.monotonic() + START_SECONDS
        async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
            while time.monotonic() < end:
                self.check()
                try:
                    if (await client.get(f"{self._address}/healthz")).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise ProgramStopped(f"serve does not answer within {START_SECONDS:.0f} s; see {self.log('serve')}")

    def check(self) -> None:
        """Raises ProgramStopped when one has ended by itself."""
        for name, process in self._running.items():
            if (code := process.poll()) is not None:
                raise ProgramStopped(f"{name} ended with code {code}; see {self.log(name)}")

    def log(self, name: str) -> Path:
        """Where a program's log is."""
        return self._config.parent / f"{name}.log"

    def kill(self, name: str) -> None:
        """kill -9, as a power cut would; for tests."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    async def restart(self, name: str) -> None:
        """Start one, also again after it was killed; for `serve` wait until it answers."""
        self._launch(name)
        if name == "serve":
            await self.wait_until_healthy()

    async def stop(self) -> None:
        """Ask all to end; kill those that do not."""
        running, self._running = list(self._running.values()), {}
        for process in running:
            process.terminate()
        await asyncio.gather(*(asyncio.to_thread(_wait, process) for process in running))

    def _launch(self, name: str) -> None:
        command = [sys.executable, "-m", "monitor", name.partition("-")[0], "--config", str(self._config)]
        handed = (self._listener.fileno(),) if name == "serve" else ()
        command += [f"--listen-fd={number}" for number in handed]
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                pass_fds=handed,
                start_new_session=True,  # Ctrl-C reaches the demo alone, which then stops them in order
            )


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
