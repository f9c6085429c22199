"""mmpose 1.3 in an environment it was not made for: every stub and alias, with its reason.

Call `load` before anything is imported from mmpose. Four things are in the way of that import:

- `xtcocotools` has no release that works with NumPy 2. mmpose needs only what pycocotools has
  under the same names, so its modules are aliases of pycocotools'.
- `mmcv.ops` exists only in the mmcv that is compiled for one release of torch. HRNet needs none
  of it, but two heads do that are imported with all the others.
- `mmdet` is as hard to install: one head imports two names from it.
- `transformers` is imported by mmengine for an optimiser wherever it is installed, which takes more
  than half a second of every job: it is hidden, unless it is there already.

The stubs are taken away once mmpose is imported, so that whoever looks for mmcv.ops or mmdet
later learns that they are absent.
"""

import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from partparse.errors import InputError

_CONFIGS = Path(".mim", "configs", "body_2d_keypoint", "topdown_heatmap", "coco")
_STUBS: dict[str, tuple[str, ...]] = {
    "mmcv.ops": ("DeformConv2d", "MultiScaleDeformableAttention"),
    "mmdet": (),
    "mmdet.utils": ("ConfigType", "reduce_mean"),
}

_TRANSFORMERS = "transformers"


@cache
def load() -> None:
    """Import mmpose and register its models, data sets, transforms and hooks with mmengine."""
    _alias_xtcocotools()
    with _stubs():
        from mmpose.utils import register_all_modules

        register_all_modules()
    # mmengine tells how each single parameter was initialised
    from mmengine.logging import MMLogger

    MMLogger.get_current_instance().setLevel("ERROR")


def config_names() -> list[str]:
    """Names of mmpose's own configurations of HRNets with a heat map for each of COCO's keypoints.

    Left out are those of two data sets at once (19 keypoints), and of heat maps with offsets.
    """
    names = sorted(path.stem for path in _config_folder().glob("td-hm_hrnet-*.py"))
    return [name for name in names if "-aic-" not in name and "-regress-" not in name]


def config_file(name: str) -> Path:
    """The file of one of `config_names`. Raises InputError for any other name."""
    known = config_names()
    if name not in known:
        raise InputError(f"pose model {name!r}: not one of mmpose's: {', '.join(known)}")
    return _config_folder() / f"{name}.py"


def use_device(device: str) -> None:
    """Make mmengine's Runner use `device`: left alone it takes a GPU wherever it sees one."""
    importlib.import_module("mmengine.device.utils").DEVICE = device  # type: ignore[attr-defined]


def _config_folder() -> Path:
    # find_spec does not import: mmpose's own import needs `load`
    spec = importlib.util.find_spec("mmpose")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / _CONFIGS


def _alias_xtcocotools() -> None:
    package = types.ModuleType("xtcocotools")
    sys.modules["xtcocotools"] = package
    for name in ("coco", "cocoeval", "mask"):
        module = importlib.import_module(f"pycocotools.{name}")
        setattr(package, name, module)
        sys.modules[f"xtcocotools.{name}"] = module


@contextmanager
def _stubs() -> Iterator[None]:
    for name, attributes in _STUBS.items():
        stub = types.ModuleType(name)
        for attribute in attributes:
            setattr(stub, attribute, type(attribute, (), {}))
        sys.modules[name] = stub
    hidden = {_TRANSFORMERS} - sys.modules.keys()
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in (*_STUBS, *hidden):
            del sys.modules[name]
