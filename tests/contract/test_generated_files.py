"""The files that `make schema` writes are what the code says now."""

from __future__ import annotations

import pytest

from devtools.generate.__main__ import CHECKOUT, FILES


@pytest.mark.parametrize("name", FILES)
def test_generated_file_is_current(name: str) -> None:
    assert (CHECKOUT / name).read_text("utf-8") == FILES[name](), "run `make schema` and read the difference"
