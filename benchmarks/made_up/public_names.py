"""The names that others give to the weights of our networks, written down from their sources.

mmaction2's, but for SlowFast, which has two more.

Each function gives pairs (public name, our name). Those with `depths` know stages of any number of
blocks; the others, and these unless told, stages of one block each.
"""

from collections.abc import Iterator

Pairs = Iterator[tuple[str, str]]
Depths = tuple[int, int, int, int]
_SINGLE: Depths = (1, 1, 1, 1)
_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def _norm(public: str, ours: str) -> Pairs:
    return ((f"{public}.{entry}", f"{ours}.{entry}") for entry in _NORM)


def _weights(public: str, ours: str) -> Pairs:
    return ((f"{public}.{entry}", f"{ours}.{entry}") for entry in ("weight", "bias"))


def _convolution(public: str, ours: str, norm: str) -> Pairs:
    """mmcv's ConvModule of a convolution without bias and a batch norm."""
    yield f"{public}.conv.weight", f"{ours}.weight"
    yield from _norm(f"{public}.bn", norm)


def _blocks(depths: Depths) -> Iterator[tuple[int, int]]:
    """Stage, from 1, and block, from 0, of all blocks."""
    return ((stage, block) for stage, depth in enumerate(depths, 1) for block in range(depth))


def _bottleneck(public: str, ours: str, block: int = 0) -> Pairs:
    yield from _convolution(f"{public}.conv1", f"{ours}.branch2.conv_a", f"{ours}.branch2.norm_a")
    yield from _convolution(f"{public}.conv3", f"{ours}.branch2.conv_c", f"{ours}.branch2.norm_c")
    if block == 0:  # the first of a stage has a shortcut of its own
        yield from _convolution(
            f"{public}.downsample", f"{ours}.branch1_conv", f"{ours}.branch1_norm"
        )


def ir_csn(depths: Depths = _SINGLE) -> Pairs:
    """Depthwise convolutions alone in the middle of a bottleneck."""
    yield from _convolution("backbone.conv1", "blocks.0.conv", "blocks.0.norm")
    for stage, block in _blocks(depths):
        public, ours = f"backbone.layer{stage}.{block}", f"blocks.{stage}.res_blocks.{block}"
        yield from _bottleneck(public, ours, block)
        yield from _convolution(
            f"{public}.conv2.0", f"{ours}.branch2.conv_b", f"{ours}.branch2.norm_b"
        )
    yield from _weights("cls_head.fc_cls", "blocks.5.proj")


def ip_csn(depths: Depths = _SINGLE) -> Pairs:
    """A 1 x 1 x 1 convolution before the depthwise one."""
    yield from _convolution("backbone.conv1", "blocks.0.conv", "blocks.0.norm")
    for stage, block in _blocks(depths):
        public, ours = f"backbone.layer{stage}.{block}", f"blocks.{stage}.res_blocks.{block}"
        inner = f"{ours}.branch2.conv_b"
        yield from _bottleneck(public, ours, block)
        yield from _convolution(f"{public}.conv2.0", f"{inner}.0", f"{inner}.1")
        yield from _convolution(f"{public}.conv2.1", f"{inner}.2", f"{ours}.branch2.norm_b")
    yield from _weights("cls_head.fc_cls", "blocks.5.proj")


def slowfast() -> Pairs:
    """Without batch norms after the lateral convolutions."""
    lateral = "multipathway_fusion.conv_fast_to_slow.weight"
    yield "backbone.slow_path.conv1_lateral.conv.weight", f"blocks.0.{lateral}"
    for stage in range(1, 4):
        yield f"backbone.slow_path.layer{stage}_lateral.conv.weight", f"blocks.{stage}.{lateral}"
    for number, path in ((0, "slow"), (1, "fast")):
        stem = f"blocks.0.multipathway_blocks.{number}"
        yield from _convolution(f"backbone.{path}_path.conv1", f"{stem}.conv", f"{stem}.norm")
        for stage in range(1, 5):
            public = f"backbone.{path}_path.layer{stage}.0"
            ours = f"blocks.{stage}.multipathway_blocks.{number}.res_blocks.0"
            yield from _bottleneck(public, ours)
            yield from _convolution(
                f"{public}.conv2", f"{ours}.branch2.conv_b", f"{ours}.branch2.norm_b"
            )
    yield from _weights("cls_head.fc_cls", "blocks.6.proj")


def tsn() -> Pairs:
    """Basic blocks, as of depth 18 and 34; the first stage has no shortcut convolution."""
    yield from _convolution("backbone.conv1", "conv1", "bn1")
    for stage in range(1, 5):
        public, ours = f"backbone.layer{stage}.0", f"layer{stage}.0"
        for number in (1, 2):
            yield from _convolution(
                f"{public}.conv{number}", f"{ours}.conv{number}", f"{ours}.bn{number}"
            )
        if stage > 1:
            yield from _convolution(
                f"{public}.downsample", f"{ours}.downsample.0", f"{ours}.downsample.1"
            )
    yield from _weights("cls_head.fc_cls", "fc")


def c3d() -> Pairs:
    """Without batch norms."""
    for layer in ("1a", "2a", "3a", "3b", "4a", "4b", "5a", "5b"):
        yield from _weights(f"backbone.conv{layer}.conv", f"conv{layer}")
    yield from _weights("backbone.fc6", "fc6")
    yield from _weights("backbone.fc7", "fc7")
    yield from _weights("cls_head.fc_cls", "fc8")


def swin3d(
    prefix: str = "backbone.",
    norm: str = "norm3",
    head: str = "cls_head.fc_cls",
    depths: Depths = _SINGLE,
) -> Pairs:
    """The prefix is "" and the norm `norm` in the first Swin."""
    yield from _weights(f"{prefix}patch_embed.proj", "patch_embed.proj")
    yield from _weights(f"{prefix}patch_embed.norm", "patch_embed.norm")
    for stage, block in _blocks(depths):
        public = f"{prefix}layers.{stage - 1}.blocks.{block}"
        ours = f"features.{2 * stage - 2}.{block}"
        yield from _weights(f"{public}.norm1", f"{ours}.norm1")
        for name in ("relative_position_bias_table", "relative_position_index"):
            yield f"{public}.attn.{name}", f"{ours}.attn.{name}"
        yield from _weights(f"{public}.attn.qkv", f"{ours}.attn.qkv")
        yield from _weights(f"{public}.attn.proj", f"{ours}.attn.proj")
        yield from _weights(f"{public}.norm2", f"{ours}.norm2")
        yield from _weights(f"{public}.mlp.fc1", f"{ours}.mlp.0")
        yield from _weights(f"{public}.mlp.fc2", f"{ours}.mlp.3")
    for stage in range(3):
        down = f"{prefix}layers.{stage}.downsample"
        yield f"{down}.reduction.weight", f"features.{2 * stage + 1}.reduction.weight"
        yield from _weights(f"{down}.norm", f"features.{2 * stage + 1}.norm")
    yield from _weights(f"{prefix}{norm}", "norm")
    yield from _weights(head, "head")


def mvit() -> Pairs:
    """MViTv2 with four stages of one block."""
    yield from _weights("backbone.patch_embed.projection", "conv_proj")
    yield "backbone.cls_token", "pos_encoding.class_token"
    for block in range(4):
        public, ours = f"backbone.blocks.{block}", f"blocks.{block}"
        yield from _weights(f"{public}.norm1", f"{ours}.norm1")
        for axis in "hwt":
            yield f"{public}.attn.rel_pos_{axis}", f"{ours}.attn.rel_pos_{axis}"
        yield from _weights(f"{public}.attn.qkv", f"{ours}.attn.qkv")
        yield from _weights(f"{public}.attn.proj", f"{ours}.attn.project.0")
        for what in "qkv":
            pool = f"{ours}.attn.pool_{what}"
            yield f"{public}.attn.pool_{what}.weight", f"{pool}.pool.weight"
            yield from _weights(f"{public}.attn.norm_{what}", f"{pool}.norm_act.0")
        yield from _weights(f"{public}.norm2", f"{ours}.norm2")
        yield from _weights(f"{public}.mlp.fc1", f"{ours}.mlp.0")
        yield from _weights(f"{public}.mlp.fc2", f"{ours}.mlp.3")
        if block:
            yield from _weights(f"{public}.proj", f"{ours}.project")
    yield from _weights("backbone.norm3", "norm")
    yield from _weights("cls_head.fc_cls", "head.1")


def pyslowfast() -> Pairs:
    """facebookresearch/SlowFast, with a batch norm after each lateral convolution."""
    for stage in range(4):
        public, ours = f"s{stage + 1}_fuse", f"blocks.{stage}.multipathway_fusion"
        yield f"{public}.conv_f2s.weight", f"{ours}.conv_fast_to_slow.weight"
        yield from _norm(f"{public}.bn", f"{ours}.norm")
    for path in range(2):
        stem = f"blocks.0.multipathway_blocks.{path}"
        yield f"s1.pathway{path}_stem.conv.weight", f"{stem}.conv.weight"
        yield from _norm(f"s1.pathway{path}_stem.bn", f"{stem}.norm")
        for stage in range(1, 5):
            public = f"s{stage + 1}.pathway{path}_res0"
            ours = f"blocks.{stage}.multipathway_blocks.{path}.res_blocks.0"
            yield f"{public}.branch1.weight", f"{ours}.branch1_conv.weight"
            yield from _norm(f"{public}.branch1_bn", f"{ours}.branch1_norm")
            for letter in "abc":
                yield f"{public}.branch2.{letter}.weight", f"{ours}.branch2.conv_{letter}.weight"
                yield from _norm(f"{public}.branch2.{letter}_bn", f"{ours}.branch2.norm_{letter}")


def acar(depths: Depths = _SINGLE) -> Pairs:
    """ACAR-Net's backbone, saved amid data-parallel training; its head is another."""
    for stage in range(4):
        lateral = f"blocks.{stage}.multipathway_fusion.conv_fast_to_slow.weight"
        yield f"module.backbone.Tconv{stage + 1}.weight", lateral
    for number, path in enumerate(("slow", "fast")):
        public, stem = f"module.backbone.{path}", f"blocks.0.multipathway_blocks.{number}"
        yield f"{public}_conv1.weight", f"{stem}.conv.weight"
        yield from _norm(f"{public}_bn1", f"{stem}.norm")
        for stage, index in _blocks(depths):
            block = f"{public}_res{stage}.{index}"
            ours = f"blocks.{stage}.multipathway_blocks.{number}.res_blocks.{index}"
            if index == 0:
                yield f"{block}.downsample.0.weight", f"{ours}.branch1_conv.weight"
                yield from _norm(f"{block}.downsample_bn", f"{ours}.branch1_norm")
            for place, letter in enumerate("abc", start=1):
                yield f"{block}.conv{place}.weight", f"{ours}.branch2.conv_{letter}.weight"
                yield from _norm(f"{block}.bn{place}", f"{ours}.branch2.norm_{letter}")


MMACTION2 = {
    "ir_csn": ir_csn,
    "ip_csn": ip_csn,
    "slowfast": slowfast,
    "tsn": tsn,
    "c3d": c3d,
    "swin3d": swin3d,
    "mvit": mvit,
}
