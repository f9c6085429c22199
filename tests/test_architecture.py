"""The order of the rooms (docs/design.md): imports run downward only, and planning stays light."""

import ast
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

LEVELS = """
    errors
    files
    language
    running
    frames
    dataset challenge demo learning
    recognition metric
    detection
    states
    ensemble
    decision
    report
    inference
    planning
    commands
    cli
""".strip().splitlines()
"""Lowest first; rooms of one level do not import each other."""

LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms.split()}
LANGUAGE = {"vocabulary", "boxes", "tables", "row_keys", "sampling", "augment"}
ROOT = LANGUAGE | {"errors", "cli"}
"""The modules that lie at the root of partparse/."""

ABOVE_PLANNING = {"planning", "commands", "cli"}
BELOW_PLANNING = {"errors", "files", "language", "planning"}
LIGHT = {
    "partparse.dataset.layout",
    "partparse.dataset.lists",
    "partparse.dataset.splits",
    "partparse.demo.plan",
    "partparse.frames.names",
    "partparse.states.methods",
}
"""What planning/ imports besides: these, and the module `settings` of any room."""

HEAVY = {"torch", "torchvision", "lightning", "ultralytics", "mmpose", "timm", "cv2", "av"}

HEAVY |= {"transformers", "numpy", "pandas", "pandera", "pyarrow", "scipy", "sklearn", "matplotlib"}
HEAVY |= {"partparse.detection.yolo.environment"}  # makes a folder


@dataclass(frozen=True)
class Import:
    """One import of a module of partparse: at `place` (file:line), by `module`, of `target`."""

    place: str
    module: str
    target: str


def room(module):
    """The room of partparse that a module lies in: the six modules of the language are one."""
    name = module.split(".")[1]
    return "language" if name in LANGUAGE else name


def inner_room(module):
    """The folder in a room that a module lies in, as states/instance; the module if it is none."""
    return ".".join(module.split(".")[:3])


def modules_of(root, package):
    """{module's name: its file, from `root`} of all modules of a package, sorted."""
    files = sorted(path.relative_to(root) for path in (root / package).rglob("*.py"))
    parts = {path: path.with_suffix("").parts for path in files}
    return {".".join(p[:-1] if p[-1] == "__init__" else p): path for path, p in parts.items()}


def imports_of(module, path, text, modules):
    """Each import of partparse in a module's text, those inside functions included."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: write the import from partparse on"
            named = [f"{node.module}.{alias.name}" for alias in node.names]
            targets = [name if name in modules else str(node.module) for name in named]
        else:
            continue
        for target in dict.fromkeys(targets):
            if target.startswith("partparse."):
                yield Import(f"{path}:{node.lineno}", module, target)


@pytest.fixture(scope="module")
def modules(repository):
    return modules_of(repository, "partparse")


@pytest.fixture(scope="module")
def imports(repository, modules):
    found = []
    for module, path in modules.items():
        found += imports_of(module, path, (repository / path).read_text(), modules)
    return found


def climbing(imports: Iterable[Import]) -> list[str]:
    """The imports of a room that does not lie below."""
    faults = []
    for one in imports:
        here, there = room(one.module), room(one.target)
        if here != there and not LEVEL[there] < LEVEL[here]:
            side = "beside" if LEVEL[there] == LEVEL[here] else "above"
            faults.append(
                f"{one.place}: imports {one.target}, but {there} lies {side} {here}; "
                f"what {here} needs belongs in a room below it"
            )
    return faults


def circle(arrows: Iterable[tuple[str, str]]) -> list[str]:
    """A circle of arrows, its first node again at its end; empty where there is none."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for start, end in arrows:
        if start != end:
            sorter.add(start, end)
    try:
        sorter.prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def misplaced(modules: Iterable[str]) -> list[str]:
    """Modules at the root that are not in the plan, and rooms that are not in the order."""
    faults = []
    for module in modules:
        name, *inner = module.split(".")[1:]
        if inner and name not in LEVEL:
            faults.append(f"{module}: the room {name} has no level in LEVELS")
        elif not inner and name not in ROOT and name not in LEVEL:
            faults.append(f"{module}: lies at the root; move it to the room of its subject")
    return faults


def beyond_planning(imports: Iterable[Import]) -> list[str]:
    """What planning/ imports and should not, and who else imports it."""
    faults = []
    for one in imports:
        here, there = room(one.module), room(one.target)
        if here == "planning" and not (
            there in BELOW_PLANNING or one.target in LIGHT or one.target.endswith(".settings")
        ):
            faults.append(
                f"{one.place}: imports {one.target}; planning/ reads the language, files/, "
                "the settings of rooms and what LIGHT names"
            )
        if there == "planning" and here not in ABOVE_PLANNING:
            faults.append(f"{one.place}: imports {one.target}, which only rules and commands do")
    return faults


def test_imports_run_downward(imports):
    faults = climbing(imports)
    assert not faults, "\n".join(faults)


def test_neither_rooms_nor_modules_import_in_a_circle(imports):
    for named in (room, inner_room, str):  # the last: modules themselves
        found = circle((named(one.module), named(one.target)) for one in imports)
        assert not found, " -> ".join(found)


def test_every_module_has_its_room(modules):
    faults = misplaced(name for name in modules if name != "partparse")
    assert not faults, "\n".join(faults)


def test_planning_reads_light_modules_and_is_read_by_rules_and_commands(imports):
    faults = beyond_planning(imports)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("light", ["planning", "settings"])
def test_what_the_rules_read_loads_nothing_heavy(repository, modules, light):
    """All of planning/, and the settings of all rooms: the workflow is parsed for every job."""
    names = [name for name in modules if light in name.split(".")]
    assert names
    program = f"import sys, {', '.join(names)}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=True
    )
    heavy = HEAVY & set(loaded.stdout.split())
    assert not heavy, f"{light} loads {sorted(heavy)}: `python -X importtime` tells through what"


def made_up(module, target):
    return Import(f"{module.replace('.', '/')}.py:7", module, target)


def test_an_arrow_that_goes_up_is_told():
    good = [
        made_up("partparse.frames.cache", "partparse.errors"),
        made_up("partparse.tables", "partparse.vocabulary"),
        made_up("partparse.cli", "partparse.commands.parse"),
    ]
    assert climbing(good) == []
    up = made_up("partparse.frames.cache", "partparse.dataset.layout")
    beside = made_up("partparse.metric.psc", "partparse.recognition.clips")
    low = made_up("partparse.errors", "partparse.files.atomic")
    assert climbing([*good, up, beside, low]) == [
        "partparse/frames/cache.py:7: imports partparse.dataset.layout, but dataset lies above "
        "frames; what frames needs belongs in a room below it",
        "partparse/metric/psc.py:7: imports partparse.recognition.clips, but recognition lies "
        "beside metric; what metric needs belongs in a room below it",
        "partparse/errors.py:7: imports partparse.files.atomic, but files lies above errors; "
        "what errors needs belongs in a room below it",
    ]


def test_a_circle_is_told():
    assert circle([("a", "b"), ("b", "c"), ("a", "c"), ("c", "c")]) == []
    found = circle([("a", "b"), ("b", "c"), ("c", "b")])
    assert found in (["b", "c", "b"], ["c", "b", "c"])


def test_a_module_out_of_the_plan_is_told():
    good = ["partparse.boxes", "partparse.frames", "partparse.frames.cache", "partparse.cli"]
    assert misplaced(good) == []
    assert misplaced([*good, "partparse.helpers", "partparse.attic.old"]) == [
        "partparse.helpers: lies at the root; move it to the room of its subject",
        "partparse.attic.old: the room attic has no level in LEVELS",
    ]


def test_what_planning_may_not_read_is_told():
    good = [
        made_up("partparse.planning.shards", "partparse.dataset.layout"),
        made_up("partparse.planning.traits", "partparse.states.instance.settings"),
        made_up("partparse.planning.traits", "partparse.vocabulary"),
        made_up("partparse.commands.parse", "partparse.planning.shards"),
    ]
    assert beyond_planning(good) == []
    far = made_up("partparse.planning.shards", "partparse.dataset.tables")
    back = made_up("partparse.report.page", "partparse.planning.shards")
    assert beyond_planning([*good, far, back]) == [
        "partparse/planning/shards.py:7: imports partparse.dataset.tables; planning/ reads the "
        "language, files/, the settings of rooms and what LIGHT names",
        "partparse/report/page.py:7: imports partparse.planning.shards, which only rules and "
        "commands do",
    ]


def test_imports_are_found_wherever_they_stand():
    text = """
import partparse.boxes as edges
from partparse import errors, __version__
from partparse.metric.psc import score
import torch
def late():
    from partparse.files import atomic
"""
    modules = {"partparse", "partparse.boxes", "partparse.errors", "partparse.files.atomic"}
    found = imports_of("partparse.a", Path("a.py"), text, modules)
    assert [(one.place, one.target) for one in found] == [
        ("a.py:2", "partparse.boxes"),
        ("a.py:3", "partparse.errors"),
        ("a.py:4", "partparse.metric.psc"),
        ("a.py:7", "partparse.files.atomic"),
    ]
