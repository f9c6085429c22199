"""States as labels of clips: of whole videos, or of the frames that they are about."""


wildcard_constraints:
    level="|".join(methods.of_kind("clip_labels")),


use rule network_stage as predict_clip_labels with:
    input:
        model="results/states/{level}/model",
        parts=PARTS,
        frames=lambda wildcards: pictures_of("states", wildcards.level),
        vocabulary="results/vocabulary.json",
    output:
        "results/states/{level}/{shard}.parquet",
        problems=problems_of("states/{level}"),
    log:
        "logs/predict_clip_labels/{level}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_clip_labels/{level}/{shard}.tsv"
    params:
        **arguments("predict_clip_labels", "states.{level}.predict"),


if not TEST_ONLY:

    use rule network_stage as train_clip_labels with:
        input:
            lambda wildcards: weights_of("states", wildcards.level, "train"),
            annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
            frames=lambda wildcards: tables(pictures_of("states", wildcards.level), "train"),
            vocabulary="results/vocabulary.json",
            init=lambda wildcards: methods.initial_model(wildcards.level),
        output:
            directory("results/states/{level}/model"),
        log:
            "logs/train_clip_labels/{level}.log",
        benchmark:
            "results/benchmarks/train_clip_labels/{level}.tsv"
        params:
            **arguments(
                "train_clip_labels",
                "states.{level}.train",
                level=lambda wildcards: wildcards.level,
                frame_stride=lambda wildcards: section_of("states", wildcards.level).get(
                    "frame_stride", 1
                ),
            ),
