"""Which cell of a notebook is running, so that a cell that is run again can put away what it made before."""

import sys
from typing import NamedTuple

__all__ = ["Cell", "running_cell"]


class Cell(NamedTuple):
    name: str  # its id, or its text where the front end sends no id (the classic notebook)
    run: str  # differs from one run of it to the next

    def is_rerun_of(self, other: "Cell | None") -> bool:
        return other is not None and self.name == other.name and self.run != other.run


def running_cell() -> Cell | None:
    """The cell at work, or None outside a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    parent = shell.get_parent() if hasattr(shell, "get_parent") else None
    if not parent:
        return None
    name = parent.get("metadata", {}).get("cellId") or parent.get("content", {}).get("code", "")
    return Cell(name, parent.get("header", {}).get("msg_id", ""))
