"""What the settings say of the office beside its policy: by which channels it is reached."""

from __future__ import annotations

import pytest

from gateway import config

_OFFICE = """\
[office]
name = "The Office"
address = "hello@office.example.org"
alerts = "duty@office.example.org"
domains = ["office.example.org"]
"""
_USUAL = {"email", "call", "letter", "visit"}


@pytest.mark.parametrize(
    ("more", "ways"),
    [
        pytest.param("", _USUAL, id="unless it says otherwise, what every office has"),
        pytest.param('[phone]\ntexts = "hello@office.example.org"', _USUAL | {"sms"}, id="texts with an inbox"),
        pytest.param(
            '[phone]\ntext_lines = { "+441632960101" = "hello@office.example.org" }',
            _USUAL | {"sms"},
            id="texts where those to one line have an inbox",
        ),
        pytest.param('channels = ["email", "web"]', {"email", "web"}, id="what it names, and nothing else"),
    ],
)
def test_PHSO_18_the_channels_by_which_the_office_is_reached(tmp_path, more, ways):
    """They are what a total block is judged by, and what the page of arrangements calls open."""
    (tmp_path / config.FILE_NAME).write_text(_OFFICE + more, encoding="utf-8")
    assert config.load(tmp_path).policy.ways_in == ways
