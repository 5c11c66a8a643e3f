"""Files that must be refused: each folder of tests/bad_imports holds one and all that is to be said of it."""

import re
from pathlib import Path

import pytest

from gateway.import_drafts import ImportRefused
from gateway.imports import bring_in
from tests.gateway.import_office import TERMS, everything, scratch

CASES = Path(__file__).parents[1] / "bad_imports"


def refused(record, path):
    """Import a file that must be refused, and give what is said."""
    with pytest.raises(ImportRefused) as caught:
        bring_in(record, path, TERMS, who="test")
    return list(caught.value.sentences)


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name.replace("_", " "))
def test_a_bad_file_is_refused_with_every_fault_and_leaves_no_trace(folder, tmp_path):
    """Each fault is named by file and line with its cure, and nothing at all is loaded."""
    (file,) = folder.glob("office.*")
    expected = (folder / "expected.txt").read_text("utf-8").splitlines()
    with scratch(tmp_path) as record:
        if (folder / "before.toml").exists():
            bring_in(record, folder / "before.toml", TERMS, who="test")
        before = record.read_now(everything)
        said = refused(record, file)
        assert [hidden(sentence, folder) for sentence in said] == expected
        assert record.read_now(everything) == before


def hidden(sentence, folder):
    """Take out what differs from run to run: the folder, and the serial number of a restriction."""
    return re.sub(r"\b0[0-9a-z]{20,}\b", "SERIAL", sentence.replace(f"{folder}/", ""))
