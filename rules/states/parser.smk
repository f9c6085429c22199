"""The person parser: keypoints, parts, states and an action from one network."""


# for files in S3, where no wildcard is held to its constraint
ruleorder: predict_parser > detect_parts


use rule network_stage as predict_parser with:
    input:
        model=model_of("parser"),
        persons=lambda wildcards: (
            "results/dataset/annotations/{shard}.parquet"
            if is_annotated(wildcards)
            else methods.detected
        ),
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        persons="results/parser/persons/{shard}.parquet",
        keypoints="results/parser/keypoints/{shard}.parquet",
        parts="results/parts/parser/{shard}.parquet",
        states="results/states/parser/{shard}.parquet",
        actions="results/actions/parser/{shard}.parquet",
        problems=problems_of("states/parser"),
    log:
        "logs/predict_parser/{shard}.log",
    benchmark:
        "results/benchmarks/predict_parser/{shard}.tsv"
    params:
        **arguments(
            "predict_parser",
            settings=parser_settings,
            annotated=is_annotated,
            stride=lambda wildcards: (
                config["parts"]["train"]["frame_stride"] if is_annotated(wildcards) else STRIDE
            ),
        ),


use rule network_stage as predict_tracked_parser with:
    input:
        model=model_of("parser"),
        persons="results/tracks/persons/{shard}.parquet",
        frames=lambda wildcards: f"results/frames/{videos_of(wildcards)}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        persons="results/parser/tracked/persons/{shard}.parquet",
        keypoints="results/parser/tracked/keypoints/{shard}.parquet",
        parts="results/parser/tracked/parts/{shard}.parquet",
        states="results/parser/tracked/states/{shard}.parquet",
        actions="results/parser/tracked/actions/{shard}.parquet",
        problems=problems_of("parser/tracked"),
    log:
        "logs/predict_tracked_parser/{shard}.log",
    benchmark:
        "results/benchmarks/predict_tracked_parser/{shard}.tsv"
    params:
        **arguments(
            "predict_parser",
            settings=parser_settings,
            # every annotated frame is tracked, every detected one is wanted
            stride=lambda wildcards: (
                config["tracks"]["frame_stride"] if is_annotated(wildcards) else 1
            ),
        ),


if not TEST_ONLY:

    use rule network_stage as train_parser with:
        input:
            weights_of("states", "parser", "train"),
            unpack(learnt("videos", "annotations", "frames")),
            vocabulary="results/vocabulary.json",
            init=lambda wildcards: (
                ["results/states/parser/model"] if wildcards.fit == "refit" else []
            ),
        output:
            directory("results/states/parser/{fit}"),
        log:
            "logs/train_parser/{fit}.log",
        benchmark:
            "results/benchmarks/train_parser/{fit}.tsv"
        params:
            **arguments("train_parser", root=ROOT, settings=fit_settings("parser")),
