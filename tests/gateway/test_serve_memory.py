"""How a process that serves looks for garbage."""

import gc

import pytest

from gateway.serve import _collect_less


@pytest.fixture
def _as_it_was():
    """Leave the collector as it was found."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("_as_it_was")
def test_garbage_is_still_looked_for():
    """Less often, and not among what was there from the start; but a ring of dead objects goes."""
    _collect_less()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == 20_000
    assert gc.get_freeze_count() > 0
    ring = []
    ring.append(ring)
    del ring
    assert gc.collect() > 0
