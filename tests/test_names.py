"""Names say what they name: the share of those that do not only falls, and a file's name stands in few rooms."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.documents import MODULES, name_of
from tests.names import VAGUE, count_rooms
from tests.servers import ROOT

VAGUE_NAMES = {
    "access": 0,  # 0 in 1,000
    "api": 0,  # 0 in 1,000
    "catalogue": 0,  # 0 in 1,000
    "cli": 0,  # 0 in 1,000
    "collecting": 0,  # 0 in 1,000
    "coverage": 0,  # 0 in 1,000
    "database": 0,  # 0 in 1,000
    "exporting": 3,  # 4 in 1,000
    "flagging": 0,  # 0 in 1,000
    "gateways": 0,  # 0 in 1,000
    "importing": 0,  # 0 in 1,000
    "inquiring": 3,  # 25 in 1,000
    "jobs": 0,  # 0 in 1,000
    "kernel": 1,  # 2 in 1,000
    "notebook": 0,  # 0 in 1,000
    "reading": 0,  # 0 in 1,000
    "restating": 0,  # 0 in 1,000
    "reviewing": 0,  # 0 in 1,000
    "sandbox": 5,  # 2 in 1,000
    "scheduling": 0,  # 0 in 1,000
    "series": 0,  # 0 in 1,000
    "sources": 1,  # 0 in 1,000
    "stack": 1,  # 4 in 1,000
    "tasks": 0,  # 0 in 1,000
    "upkeep": 0,  # 0 in 1,000
    "watchlists": 0,  # 0 in 1,000
    "web": 4,  # 2 in 1,000
    "webapp": 0,  # 0 in 1,000
}
"""How many vague names each room may bind, at most; where a count has fallen, write the new one here."""

ROOMS_OF_A_NAME = {
    "tables.py": 11,
    "bars.py": 3,
    "contracts.py": 2,
    "files.py": 2,
    "instruments.py": 2,
    "preview.py": 2,
    "queries_moves.py": 2,
    "requests.py": 2,
    "rescue.py": 2,
    "uploads.py": 2,
}
"""In how many rooms below the entrances a file's name may stand; one that is not listed, in one."""

ENTRANCES = ("web", "api", "cli", "tasks")
"""They call a module by the noun that it shows, so that ``jobs.py`` stands in each of them."""

MOST_MODULES = 22


@pytest.mark.parametrize("room", sorted(set(VAGUE_NAMES) | set(count_rooms())))
def test_a_room_has_no_more_vague_names_than_before(room: str) -> None:
    vague = count_rooms()[room].vague if room in count_rooms() else 0
    most = VAGUE_NAMES.get(room, 0)
    assert vague <= most, (
        f"{room} binds {vague} names out of {sorted(VAGUE)}, and may bind {most}. "
        "Call values by their noun; python -m tests.names prints the table to paste once a count has fallen."
    )


def rooms_by_name() -> dict[str, set[str]]:
    rooms = defaultdict(set)
    for path in MODULES:
        room = path.relative_to(ROOT / "webapp").parts[0]
        if room not in (*ENTRANCES, "sandbox", path.name) and path.name != "__init__.py":
            rooms[path.name].add(room)
    return rooms


def test_a_noun_names_a_file_in_one_room() -> None:
    spread = {
        name: sorted(rooms) for name, rooms in rooms_by_name().items() if len(rooms) > ROOMS_OF_A_NAME.get(name, 1)
    }
    assert spread == {}, "a stranger opens the wrong one of two files with one name: choose another noun"


def modules_by_folder() -> dict[Path, int]:
    counts: dict[Path, int] = defaultdict(int)
    for path in MODULES:
        if "sandbox" not in path.parts:
            counts[path.parent] += 1
    return counts


def test_no_room_is_crowded() -> None:
    crowded = {name_of(folder): count for folder, count in modules_by_folder().items() if count > MOST_MODULES}
    assert crowded == {}, f"a folder holds at most {MOST_MODULES} modules, so that it is seen at once: part it by noun"
