"""Ports for the servers of tests: each given once, to one process, for as long as that process lives.

A port that was free a moment ago may be taken by any connection out of this machine before a server listens there. So
ports are chosen below those that the kernel gives to clients, and a lock keeps other test processes from the same one.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LEAST = 10_000
_CLIENTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
# By chance that has no seed: runs at once must not follow each other through the same ports.
_chance = random.SystemRandom()


def free_port() -> int:
    """Give a port of the loopback address that nobody uses and that no other process will be given.

    Raises:
        RuntimeError: no port was found.

    """
    end = int(_CLIENTS.read_text("ascii").split()[0]) if _CLIENTS.exists() else 32_768
    for _ in range(1000):
        port = _chance.randrange(_LEAST, max(end, _LEAST + 1000))
        if _ours(port) and _unused(port):
            return port
    message = "no port is free"
    raise RuntimeError(message)


def _ours(port: int) -> bool:
    """Lock a port's file until this process ends; False where somebody has it, this process included."""
    folder = Path(tempfile.gettempdir()) / f"parley-ports-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    number = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(number)
        return False
    return True


def _unused(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
