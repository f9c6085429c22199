"""Descriptions of small detectors of the library transformers."""

from typing import Any

_BOTH: dict[str, Any] = {
    "encoder_hidden_dim": 16,
    "d_model": 16,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "decoder_in_channels": [16, 16, 16],
    "encoder_in_channels": [16, 16, 16],
    "decoder_layers": 2,
    "num_queries": 12,
    "num_denoising": 4,
    "hidden_expansion": 0.5,
    "freeze_backbone_batch_norms": False,  # they start from random weights
}
_STAGES = {"depths": [1, 1, 1, 1], "embedding_size": 8}
_MAPS = {"out_features": ["stage2", "stage3", "stage4"]}
TINY: dict[str, dict[str, Any]] = {
    "rt_detr_v2": _BOTH
    | {
        "model_type": "rt_detr_v2",
        "backbone_config": _STAGES
        | _MAPS
        | {"model_type": "rt_detr_resnet", "hidden_sizes": [8, 16, 16, 16], "layer_type": "basic"},
    },
    "d_fine": _BOTH
    | {
        "model_type": "d_fine",
        "head_dim": 8,
        "backbone_config": _STAGES
        | _MAPS
        | {
            "model_type": "hgnet_v2",
            "hidden_sizes": [8, 16, 16, 16],
            "stem_channels": [3, 8, 8],
            "stage_in_channels": [8, 8, 16, 16],
            "stage_mid_channels": [8, 8, 8, 8],
            "stage_out_channels": [8, 16, 16, 16],
            "stage_num_blocks": [1, 1, 1, 1],
            "stage_numb_of_layers": [1, 1, 1, 1],
        },
    },
}
"""By the library's name of the model; as the config.json beside its files."""
