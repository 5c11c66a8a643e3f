"""`parley serve` as a process: it says where it listens, stops cleanly, and says in a sentence that a port is taken."""

from __future__ import annotations

import errno
import signal
import socket
import subprocess
import sys
import threading

import pytest

from gateway import cli
from gateway.config import load
from gateway.serve import check_doors
from tests.ports import free_port

COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_stops_cleanly(office, free_ports, number):
    """Either signal ends it with 0, after it said where it listens."""
    mail, web = free_ports()
    with subprocess.Popen([*COMMAND, "serve"], stdout=subprocess.PIPE, text=True) as serving:
        line = next(line for line in serving.stdout if line.startswith("Mail on"))
        assert f"127.0.0.1:{mail}" in line
        with socket.create_connection(("127.0.0.1", mail), 5) as client:
            assert client.recv(100).startswith(b"220 ")
        with socket.create_connection(("127.0.0.1", web), 5) as client:
            client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            assert b" 200 " in client.recv(100)
        serving.send_signal(number)
        assert serving.wait(20) == 0


@pytest.mark.parametrize("which", [0, 1], ids=["mail", "calls"])
def test_a_port_that_is_taken(office, parley, free_ports, which):
    """A taken port is one sentence with its cure and exit 75, before anything on record is touched."""
    port = free_ports()[which]
    with socket.create_server(("127.0.0.1", port)):
        said = parley("serve")
    assert said.code == 75
    assert f"127.0.0.1:{port} cannot be listened on" in said.err
    assert said.err.count("\n") == 1


def test_looking_at_the_doors_lets_nobody_in(office, monkeypatch):
    """Before the doors open, whoever comes is refused at once: a connection that then ends could wait for ever."""
    mail = free_port()
    monkeypatch.setenv("PARLEY_MAIL__LISTEN", f"127.0.0.1:{mail}")
    config = load(office.state).config
    looking = threading.Event()

    def look() -> None:
        while not looking.is_set():
            check_doors(config)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(2000):
            with socket.socket() as client:
                assert client.connect_ex(("127.0.0.1", mail)) == errno.ECONNREFUSED
    finally:
        looking.set()
        thread.join()


def test_an_api_with_an_address_of_its_own(office, free_ports, monkeypatch):
    """It is said where it is; the door for calls has none of it, and the API's none of the calls."""
    _, web = free_ports()
    own = free_port()
    monkeypatch.setenv("PARLEY_API__LISTEN", f"127.0.0.1:{own}")
    with subprocess.Popen([*COMMAND, "serve"], stdout=subprocess.PIPE, text=True) as serving:
        line = next(line for line in serving.stdout if line.startswith("Mail on"))
        assert f"http://127.0.0.1:{own}/api" in line
        assert [_asked(port, "/api/health") for port in (own, web)] == [b"200", b"404"]
        assert [_asked(port, "/health") for port in (own, web)] == [b"404", b"200"]
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(20) == 0


def _asked(port, path):
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return client.recv(100).split()[1]


def test_an_api_whose_address_is_taken(office, parley, free_ports, monkeypatch):
    """One sentence, and which setting to change."""
    free_ports()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PARLEY_API__LISTEN", f"127.0.0.1:{taken.getsockname()[1]}")
        said = parley("serve")
    assert (said.code, "PARLEY_API__LISTEN" in said.err) == (75, True)


@pytest.mark.parametrize(("setting", "words"), [("", "API on http://127.0.0.1:{web}/api"), ("false", "no API")])
def test_it_says_where_the_api_is(office, free_ports, monkeypatch, setting, words):
    """Beside the calls unless it is switched off."""
    _, web = free_ports()
    if setting:
        monkeypatch.setenv("PARLEY_API__ENABLED", setting)
    with subprocess.Popen([*COMMAND, "serve"], stdout=subprocess.PIPE, text=True) as serving:
        line = next(line for line in serving.stdout if line.startswith("Mail on"))
        assert words.format(web=web) in line
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(20) == 0


def test_it_loads_nothing_that_others_alone_need():
    """What runs for weeks leaves the typesetter, the comparison of texts and the other commands where they are."""
    ask = "import sys; from gateway.cli import command; command(alone='serve'); print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.split())
    assert {"gateway.reception", "gateway.cli.serve"} <= loaded
    assert not {"typst", "rapidfuzz", "alembic", "gateway.cli.queue"} & loaded


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        pytest.param(["serve"], "serve", id="alone"),
        pytest.param(["--state", "serve", "queue", "list"], "queue", id="behind an option and its value"),
        pytest.param(["--state=var", "serve", "--help"], "serve", id="behind both in one"),
        pytest.param(["--version"], "", id="an option alone"),
        pytest.param([], "", id="nothing"),
    ],
)
def test_which_command_is_asked_for(arguments, asked):
    """The first word that is no option, nor what an option is given."""
    assert cli._asked(arguments) == asked
