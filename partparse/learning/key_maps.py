"""The names that public checkpoints give to weights, mapped to those of our networks.

Our CSN, SlowFast, I3D and X3D have the names of pytorchvideo, our Swin, MViT, R(2+1)D and TSN
those of torchvision: their checkpoints fit as they are. The table below is for the others. Names
are those of open-mmlab/mmaction2 1.x (mmaction/models/backbones and heads), of its first ip-CSN, of
facebookresearch/SlowFast (.pyth), of Siyu-C/ACAR-Net, of the ImageNet checkpoints of Swin and of
huggingface/transformers. An entry is chosen by a name that its files hold, and those above it do
not.

mmaction2's I3D, X3D and R(2+1)D are not here: they differ from ours in strides, in a batch norm
and in widths.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

_DROPPED = ("relative_position_index", "attn_mask")  # constants that the networks work out
_SLOW_OVER_FAST = 8  # channels, in every public SlowFast
_CSN_EPS = 1e-3  # of its batch norms
_LAYER = r"backbone.layers.\1"  # of our encoders of clips
_WHOLE = r"(?:videomae\.|vjepa2\.)?"  # before an encoder's names, where a head is beside it

_Rules = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KeyMap:
    """How the names of one kind of public checkpoint become ours."""

    source: str  # whose checkpoints these are
    mark: str  # pattern of a name that tells them from all others
    rules: _Rules  # patterns of whole names and what replaces them; the first that matches counts
    unused: str | None = None  # pattern of whole names of what our network has no use for
    change: Callable[[str, Tensor], Tensor] | None = None
    """What else becomes of a value, by its new name."""
    complete: Callable[[dict[str, Tensor]], None] | None = None
    """Puts in what our network has and theirs has not."""


def translate(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str | None]:
    """Weights under our names, and whose names they had (None: no public ones that differ).

    mmaction2's files of a backbone alone, which its CSNs start from, lack the prefix that its whole
    recognisers have. A name that no rule knows stays as it is, so that it is told as one that does
    not fit.
    """
    for prefix in ("", "backbone."):
        named = {prefix + key: value for key, value in state.items()}
        for entry in KEY_MAPS:
            if any(re.search(entry.mark, key) for key in named):
                return _renamed(named, entry), entry.source
    return dict(state), None


def _renamed(state: Mapping[str, Tensor], entry: KeyMap) -> dict[str, Tensor]:
    result = {}
    for key, value in state.items():
        if key.endswith(_DROPPED) or (entry.unused and re.fullmatch(entry.unused, key)):
            continue
        matches = ((re.fullmatch(pattern, key), to) for pattern, to in entry.rules)
        name = next((match.expand(to) for match, to in matches if match), key)
        result[name] = entry.change(name, value) if entry.change else value
    if entry.complete:
        entry.complete(result)
    return result


def _bottlenecks(public: str, ours: str, middle: _Rules) -> _Rules:
    """The blocks of mmaction2's 3D ResNets; `middle`: of the second of three convolutions."""
    outer = (
        ("conv1.conv", "branch2.conv_a"),
        ("conv1.bn", "branch2.norm_a"),
        *middle,
        ("conv3.conv", "branch2.conv_c"),
        ("conv3.bn", "branch2.norm_c"),
        ("downsample.conv", "branch1_conv"),
        ("downsample.bn", "branch1_norm"),
    )
    return tuple(
        (rf"{public}layer(\d)\.(\d+)\.{re.escape(name)}\.(\w+)", rf"{ours}res_blocks.\2.{to}.\3")
        for name, to in outer
    )


def _csn(middle: _Rules) -> _Rules:
    return (
        (r"backbone\.conv1\.conv\.(\w+)", r"blocks.0.conv.\1"),
        (r"backbone\.conv1\.bn\.(\w+)", r"blocks.0.norm.\1"),
        *_bottlenecks(r"backbone\.", r"blocks.\1.", middle),
        (r"cls_head\.fc_cls\.(\w+)", r"blocks.5.proj.\1"),
    )


def _slowfast() -> _Rules:
    middle = (("conv2.conv", "branch2.conv_b"), ("conv2.bn", "branch2.norm_b"))
    fused = "multipathway_fusion.conv_fast_to_slow"
    rules: _Rules = (
        (r"backbone\.slow_path\.conv1_lateral\.conv\.(\w+)", rf"blocks.0.{fused}.\1"),
        (r"backbone\.slow_path\.layer(\d)_lateral\.conv\.(\w+)", rf"blocks.\1.{fused}.\2"),
        (r"cls_head\.fc_cls\.(\w+)", r"blocks.6.proj.\1"),
    )
    for number, path in enumerate(("slow", "fast")):
        public, ours = rf"backbone\.{path}_path\.", f"multipathway_blocks.{number}."
        rules += (
            (rf"{public}conv1\.conv\.(\w+)", rf"blocks.0.{ours}conv.\1"),
            (rf"{public}conv1\.bn\.(\w+)", rf"blocks.0.{ours}norm.\1"),
            *_bottlenecks(public, rf"blocks.\1.{ours}", middle),
        )
    return rules


def _add_norms_that_change_nothing(state: dict[str, Tensor]) -> None:
    """mmaction2's first ip-CSN has no batch norm after the 1 x 1 x 1 convolution of a bottleneck.

    Ours changes nothing as long as it is frozen.
    """
    for key in [key for key in state if key.endswith(".branch2.conv_b.0.weight")]:
        ones, norm = torch.ones(len(state[key])), key.removesuffix("0.weight") + "1."
        state |= {f"{norm}weight": ones, f"{norm}bias": 0 * ones, f"{norm}running_mean": 0 * ones}
        state[f"{norm}running_var"] = ones - _CSN_EPS


def _slowfast_of_authors() -> _Rules:
    """PySlowFast, whose stages are s1, the stem, to s5."""
    rules: _Rules = ((r"head\.projection\.(\w+)", r"blocks.6.proj.\1"),)
    for stage in range(5):
        public, ours = rf"s{stage + 1}", f"blocks.{stage}"
        blocks = rf"{ours}.multipathway_blocks.\1"
        rules += (
            (
                rf"{public}_fuse\.conv_f2s\.(\w+)",
                rf"{ours}.multipathway_fusion.conv_fast_to_slow.\1",
            ),
            (rf"{public}_fuse\.bn\.(\w+)", rf"{ours}.multipathway_fusion.norm.\1"),
            (rf"{public}\.pathway(\d)_stem\.conv\.(\w+)", rf"{blocks}.conv.\2"),
            (rf"{public}\.pathway(\d)_stem\.bn\.(\w+)", rf"{blocks}.norm.\2"),
        )
        public, blocks = rf"{public}\.pathway(\d)_res(\d+)\.", rf"{blocks}.res_blocks.\2."
        rules += (
            (rf"{public}branch1\.(\w+)", rf"{blocks}branch1_conv.\3"),
            (rf"{public}branch1_bn\.(\w+)", rf"{blocks}branch1_norm.\3"),
            (rf"{public}branch2\.([abc])\.(\w+)", rf"{blocks}branch2.conv_\3.\4"),
            (rf"{public}branch2\.([abc])_bn\.(\w+)", rf"{blocks}branch2.norm_\3.\4"),
        )
    return rules


def _slowfast_of_acar() -> _Rules:
    """ACAR-Net, without batch norms after the lateral convolutions; saved amid DDP or not."""
    before = r"(?:module\.)?(?:backbone\.)?"
    rules: _Rules = ()
    for stage in range(4):
        lateral = f"blocks.{stage}.multipathway_fusion.conv_fast_to_slow"
        rules += ((rf"{before}Tconv{stage + 1}\.(\w+)", rf"{lateral}.\1"),)
    for number, path in enumerate(("slow", "fast")):
        ours = f"multipathway_blocks.{number}."
        public, block = rf"{before}{path}_res(\d)\.(\d+)\.", rf"blocks.\1.{ours}res_blocks.\2."
        rules += (
            (rf"{before}{path}_conv1\.(\w+)", rf"blocks.0.{ours}conv.\1"),
            (rf"{before}{path}_bn1\.(\w+)", rf"blocks.0.{ours}norm.\1"),
            (rf"{public}downsample\.0\.(\w+)", rf"{block}branch1_conv.\3"),
            (rf"{public}downsample_bn\.(\w+)", rf"{block}branch1_norm.\3"),
        )
        for place, letter in enumerate("abc", start=1):
            rules += (
                (rf"{public}conv{place}\.(\w+)", rf"{block}branch2.conv_{letter}.\3"),
                (rf"{public}bn{place}\.(\w+)", rf"{block}branch2.norm_{letter}.\3"),
            )
    return rules


def _fast_last(name: str, value: Tensor) -> Tensor:
    """mmaction2's classifier reads the fast pathway first, pytorchvideo's the slow one."""
    if name != "blocks.6.proj.weight":
        return value
    return torch.roll(value, -(value.shape[1] // (_SLOW_OVER_FAST + 1)), dims=1)


def _swin(prefix: str) -> _Rules:
    """Of mmaction2, whose names are those of the first Swin, with `prefix` backbone."""
    rules: _Rules = (
        (rf"{prefix}(patch_embed\..*)", r"\1"),
        (rf"{prefix}norm3?\.(\w+)", r"norm.\1"),
        (r"cls_head\.fc_cls\.(\w+)", r"head.\1"),
    )
    for stage in range(4):
        public, ours = rf"{prefix}layers\.{stage}\.", f"features.{2 * stage}"
        rules += (
            (rf"{public}blocks\.(\d+)\.mlp\.fc1\.(\w+)", rf"{ours}.\1.mlp.0.\2"),
            (rf"{public}blocks\.(\d+)\.mlp\.fc2\.(\w+)", rf"{ours}.\1.mlp.3.\2"),
            (rf"{public}blocks\.(\d+)\.(.*)", rf"{ours}.\1.\2"),
            (rf"{public}downsample\.(.*)", rf"features.{2 * stage + 1}.\1"),
        )
    return rules


def _swin_2d_torchvision() -> _Rules:
    """In 2D the embedding of patches is the first of the features, in 3D it stands before them."""
    stages = tuple((rf"features\.{i}\.(.*)", rf"features.{i - 1}.\1") for i in range(1, 8))
    patches = (
        (r"features\.0\.0\.(\w+)", r"patch_embed.proj.\1"),
        (r"features\.0\.2\.(\w+)", r"patch_embed.norm.\1"),
    )
    return patches + stages


_TSN: _Rules = (
    (r"backbone\.conv1\.conv\.(\w+)", r"conv1.\1"),
    (r"backbone\.conv1\.bn\.(\w+)", r"bn1.\1"),
    (r"backbone\.(layer\d\.\d+)\.conv(\d)\.conv\.(\w+)", r"\1.conv\2.\3"),
    (r"backbone\.(layer\d\.\d+)\.conv(\d)\.bn\.(\w+)", r"\1.bn\2.\3"),
    (r"backbone\.(layer\d\.\d+)\.downsample\.conv\.(\w+)", r"\1.downsample.0.\2"),
    (r"backbone\.(layer\d\.\d+)\.downsample\.bn\.(\w+)", r"\1.downsample.1.\2"),
    (r"cls_head\.fc_cls\.(\w+)", r"fc.\1"),
)
_C3D: _Rules = (
    (r"backbone\.(conv\d[ab])\.conv\.(\w+)", r"\1.\2"),
    (r"backbone\.(fc[67])\.(\w+)", r"\1.\2"),
    (r"cls_head\.fc_cls\.(\w+)", r"fc8.\1"),
)
_MVIT: _Rules = (
    (r"backbone\.patch_embed\.projection\.(\w+)", r"conv_proj.\1"),
    (r"backbone\.cls_token", r"pos_encoding.class_token"),
    (r"backbone\.(blocks\.\d+\.attn)\.proj\.(\w+)", r"\1.project.0.\2"),
    (r"backbone\.(blocks\.\d+\.attn)\.pool_([qkv])\.(\w+)", r"\1.pool_\2.pool.\3"),
    (r"backbone\.(blocks\.\d+\.attn)\.norm_([qkv])\.(\w+)", r"\1.pool_\2.norm_act.0.\3"),
    (r"backbone\.(blocks\.\d+)\.mlp\.fc1\.(\w+)", r"\1.mlp.0.\2"),
    (r"backbone\.(blocks\.\d+)\.mlp\.fc2\.(\w+)", r"\1.mlp.3.\2"),
    (r"backbone\.(blocks\.\d+)\.proj\.(\w+)", r"\1.project.\2"),
    (r"backbone\.(blocks\..*)", r"\1"),
    (r"backbone\.norm3\.(\w+)", r"norm.\1"),
    (r"cls_head\.fc_cls\.(\w+)", r"head.1.\1"),
)


_VIDEOMAE: _Rules = (
    (rf"{_WHOLE}embeddings\.patch_embeddings\.projection\.(\w+)", r"backbone.patches.\1"),
    # as public files have them; the library calls them otherwise since its version 5
    (rf"{_WHOLE}encoder\.layer\.(.*)\.q_bias", rf"{_LAYER}.query.bias"),
    (rf"{_WHOLE}encoder\.layer\.(.*)\.v_bias", rf"{_LAYER}.value.bias"),
    (rf"{_WHOLE}encoder\.layer\.(.*)", _LAYER),
    (r"fc_norm\.(\w+)", r"pooler.norm.\1"),
)
_VJEPA2: _Rules = (
    (rf"{_WHOLE}encoder\.embeddings\.patch_embeddings\.proj\.(\w+)", r"backbone.patches.\1"),
    (rf"{_WHOLE}encoder\.layer\.(.*)", _LAYER),
    (rf"{_WHOLE}encoder\.layernorm\.(\w+)", r"backbone.norm.\1"),
)


def _flat_token(name: str, value: Tensor) -> Tensor:
    """mmaction2's class token is (1, 1, channels)."""
    return value.flatten() if name == "pos_encoding.class_token" else value


KEY_MAPS: tuple[KeyMap, ...] = (
    KeyMap(
        "mmaction2, first ip-CSN",
        r"^backbone\.layer1\.0\.conv2\.0\.weight$",
        _csn(
            (
                ("conv2.0", "branch2.conv_b.0"),
                ("conv2.1.conv", "branch2.conv_b.2"),
                ("conv2.1.bn", "branch2.norm_b"),
            )
        ),
        complete=_add_norms_that_change_nothing,
    ),
    KeyMap(
        "mmaction2, ip-CSN",
        r"^backbone\.layer1\.0\.conv2\.1\.conv\.",
        _csn(
            (
                ("conv2.0.conv", "branch2.conv_b.0"),
                ("conv2.0.bn", "branch2.conv_b.1"),
                ("conv2.1.conv", "branch2.conv_b.2"),
                ("conv2.1.bn", "branch2.norm_b"),
            )
        ),
    ),
    KeyMap(
        "mmaction2, ir-CSN",
        r"^backbone\.layer1\.0\.conv2\.0\.conv\.",  # those of ip-CSN were caught above
        _csn((("conv2.0.conv", "branch2.conv_b"), ("conv2.0.bn", "branch2.norm_b"))),
    ),
    KeyMap("PySlowFast, SlowFast", r"^s1\.pathway1_stem\.", _slowfast_of_authors()),
    KeyMap("ACAR-Net, SlowFast", r"^(module\.)?(backbone\.)?slow_res1\.", _slowfast_of_acar()),
    KeyMap("mmaction2, SlowFast", r"^backbone\.slow_path\.", _slowfast(), change=_fast_last),
    KeyMap(
        "mmaction2, Video Swin",
        r"^backbone\.layers\.0\.blocks\.0\.attn\.relative_position_bias_table$",
        _swin(r"backbone\."),
    ),
    KeyMap(
        "Swin for images", r"^layers\.0\.blocks\.0\.attn\.relative_position_bias_table$", _swin("")
    ),
    KeyMap("torchvision, Swin for images", r"^features\.0\.0\.weight$", _swin_2d_torchvision()),
    KeyMap("mmaction2, MViT", r"^backbone\.patch_embed\.projection\.", _MVIT, change=_flat_token),
    KeyMap(
        "transformers, VideoMAE",
        rf"^{_WHOLE}encoder\.layer\.0\.attention\.attention\.",
        _VIDEOMAE,
        # of the pretraining: what fills in, and a norm that is replaced in fine-tuning
        unused=rf"mask_token|encoder_to_decoder\..*|decoder\..*|{_WHOLE}layernorm\..*",
    ),
    KeyMap(
        "transformers, V-JEPA 2",
        rf"^{_WHOLE}encoder\.layer\.0\.attention\.query\.",
        _VJEPA2,
        unused=rf"{_WHOLE}predictor\..*",
    ),
    KeyMap("mmaction2, C3D", r"^backbone\.conv1a\.conv\.", _C3D),
    KeyMap("mmaction2, TSN", r"^backbone\.layer1\.0\.conv1\.conv\.", _TSN),
)
"""The first whose mark a file holds is its map."""
