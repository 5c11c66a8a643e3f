"""A line between an IMAP client and its server that a test can cut, or leave half open. Belongs here: nothing else."""

from __future__ import annotations

import socket
import threading


class Line:
    """Pass octets on between a port of its own and another, in threads; `asked` is all that clients said."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._silent = threading.Event()
        self._guard = threading.Lock()
        self.connections = 0
        self.passed = 0
        self.cut_after: int | None = None
        self.asked = bytearray()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._guard:
                self.connections += 1
                self._open += [near, far]
            for ends in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, here: socket.socket, there: socket.socket, of_client: bool) -> None:
        try:
            while octets := here.recv(65536):
                if self._silent.is_set():
                    continue
                self.passed += len(octets)
                if of_client:
                    self.asked += octets
                if self.cut_after is not None and self.passed > self.cut_after:
                    self.cut_after = None
                    self.cut()
                    return
                there.sendall(octets)
        except OSError:
            return
        if not self._silent.is_set():
            for one in (here, there):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def cut(self) -> None:
        """Cut every connection that there is; new ones are let through."""
        with self._guard:
            cut, self._open = self._open, []
        for one in cut:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                one.close()

    def go_silent(self) -> None:
        """Pass nothing on any more, and close nothing: what a client then has is half open."""
        self._silent.set()

    def speak(self) -> None:
        """Pass on again what is said over new connections; the old ones are cut."""
        self.cut()
        self._silent.clear()

    def end(self) -> None:
        """Cut everything and listen no more."""
        self._listening.close()
        self.cut()
