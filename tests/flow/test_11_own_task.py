"""A pipeline of one's own, with one C stage and one Python stage, as examples/README.md has it."""
import pytest
from daybook import ROOT, wait_until

EXAMPLE = ROOT / "examples"


def test_example_is_there():
    assert (EXAMPLE / "README.md").exists()
