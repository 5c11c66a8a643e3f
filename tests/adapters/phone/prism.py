"""Twilio as its own OpenAPI describes it: Prism (npm) serves it, and refuses a request that does not fit.

The description is the one inside npm's @twilio/cli-core, pinned in tests/npm, cut to the paths that we ask: all of it
takes Prism half a minute of CPU to read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port

NPM = Path(__file__).parents[2] / "npm"
DESCRIPTION = NPM / "node_modules/@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
PRISM = NPM / "node_modules/@stoplight/prism-cli/dist/index.js"
_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
_PATHS = (
    "/2010-04-01/Accounts/{Sid}.json",
    *(
        f"{_ACCOUNT}/{of}.json"
        for of in (
            *("Calls", "Calls/{Sid}", "Messages", "Recordings", "Recordings/{Sid}"),
            *("Conferences", "Conferences/{Sid}", "IncomingPhoneNumbers", "Applications"),
        )
    ),
)


def missing() -> str:
    """Say what is missing, if anything."""
    if shutil.which("node") is None or not PRISM.is_file() or not DESCRIPTION.is_file():
        return "node or tests/npm/node_modules is missing"
    return ""


def cut(folder: Path) -> Path:
    """Write what of the description we ask for; every path of it must be there."""
    whole = json.loads(DESCRIPTION.read_text("utf-8"))
    whole["paths"] = {path: whole["paths"][path] for path in _PATHS}
    for path in whole["paths"].values():
        _first_page(path.get("get", {}))
    file = folder / "twilio.json"
    file.write_text(json.dumps(whole), "utf-8")
    return file


def _first_page(asked: dict) -> None:
    """Keep the examples that have something in them, and end them: their next pages do not fit the description."""
    for answer in asked.get("responses", {}).values():
        examples = answer["content"]["application/json"].get("examples", {})
        for name in [name for name in examples if "Empty" in name]:
            del examples[name]
        for example in examples.values():
            if "next_page_uri" in example["value"]:
                example["value"]["next_page_uri"] = None


@pytest.fixture(scope="session")
def prism(tmp_path_factory):
    """Serve it once for a session; skip where npm's packages are missing, under CI=true that is a failure."""
    if why := missing():
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    port = free_port()
    command = ["node", str(PRISM), "mock", "-p", str(port), str(cut(tmp_path_factory.mktemp("prism")))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: subprocess.Popen) -> None:
    """Wait until it answers at all: a path that it does not know is 404."""
    for _ in range(600):
        assert process.poll() is None, "Prism ended by itself"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as answered:
            answered.close()
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Prism did not begin")
