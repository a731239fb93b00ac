"""Replacing a document so that a crash brings its older self back.

Every table keeps its versions. Before a document is replaced, the versions are written down in
the table `library`; after it they are struck out. Who opens or writes to a library in which they
still stand takes the tables back to them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

REPLACING = "replacing"


def write_down(library: Any, tables: Mapping[str, Any]) -> None:
    """Notes the present versions of `tables`; the caller holds the writer's lock."""
    import pyarrow as pa

    versions = {name: int(table.version) for name, table in tables.items()}
    row = {"key": REPLACING, "value": json.dumps(versions)}
    library.add(pa.Table.from_pylist([row], schema=library.schema))


def strike_out(library: Any) -> None:
    """Forgets the versions: what was to be replaced is replaced."""
    library.delete(f"key = '{REPLACING}'")


def roll_back(library: Any, tables: Mapping[str, Any]) -> bool:
    """Takes `tables` back to the versions noted, if there are any; whether there were."""
    noted = _noted(library)
    if not noted:
        return False
    for name, version in json.loads(noted[0]).items():
        if int(tables[name].version) != version:
            tables[name].restore(version)
    strike_out(library)
    return True


def is_noted(library: Any) -> bool:
    """Whether a replacement is under way, or was cut short."""
    return bool(_noted(library))


def _noted(library: Any) -> list[str]:
    rows = library.search().to_arrow().to_pylist()
    return [row["value"] for row in rows if row["key"] == REPLACING]
