"""Where persons and their parts are: detectors, pose, pose-guided parts."""


# of files that are kept in S3 Snakemake does not look at the wildcards' constraints
ruleorder: grow_persons > detect_persons
ruleorder: choose_persons > detect_persons
ruleorder: detect_single > detect_parts
ruleorder: choose_parts > detect_parts


use rule network_stage as detect_persons with:
    input:
        model="results/persons/model",
        frames="results/frames/{shard}.parquet",
    output:
        "results/persons/{look}/{shard}.parquet",
        problems=problems_of("persons/{look}"),
    log:
        "logs/detect_persons/{look}/{shard}.log",
    benchmark:
        "results/benchmarks/detect_persons/{look}/{shard}.tsv"
    wildcard_constraints:
        look="detected|mirrored",
    params:
        **arguments(
            "detect_persons",
            "persons.predict",
            stride=STRIDE,
            mirrored=lambda wildcards: wildcards.look == "mirrored",
        ),


use rule network_stage as predict_pose with:
    input:
        model="results/pose/model",
        persons=lambda wildcards: (
            "results/dataset/annotations/{shard}.parquet"
            if is_annotated(wildcards)
            else methods.found
        ),
        frames="results/frames/{shard}.parquet",
    output:
        "results/pose/{shard}.parquet",
        problems=problems_of("pose"),
    log:
        "logs/predict_pose/{shard}.log",
    benchmark:
        "results/benchmarks/predict_pose/{shard}.tsv"
    params:
        **arguments(
            "predict_pose",
            "pose.predict",
            annotated=is_annotated,
            stride=lambda wildcards: (
                config["parts"]["train"]["frame_stride"] if is_annotated(wildcards) else STRIDE
            ),
        ),


use rule table_stage as choose_persons with:
    input:
        persons=[methods.boxes_given[name] for name in BOXES_GIVEN],
        ranking="results/persons/ranking.csv",
    output:
        "results/persons/found/{shard}.parquet",
    log:
        "logs/choose_persons/{shard}.log",
    params:
        **arguments(
            "choose_persons",
            of={"persons": BOXES_GIVEN},
            split=split_of,
            folds=config["ensemble"]["folds"],
        ),


use rule table_stage as grow_persons with:
    input:
        persons=methods.found,
        keypoints=KEYPOINTS,
        frames="results/frames/{shard}.parquet",
    output:
        "results/persons/grown/{shard}.parquet",
        problems=problems_of("persons/grown"),
    log:
        "logs/grow_persons/{shard}.log",
    params:
        **arguments("grow_persons", "parts.growth"),


use rule network_stage as detect_parts with:
    input:
        model="results/parts/{variant}/model",
        persons=PERSONS,
        keypoints=lambda wildcards: ([KEYPOINTS] if wildcards.variant == "dots" else []),
        frames="results/frames/{shard}.parquet",
    output:
        "results/parts/{variant}{mirrored}/{shard}.parquet",
        problems=problems_of("parts/{variant}{mirrored}"),
    log:
        "logs/detect_parts/{variant}{mirrored}/{shard}.log",
    benchmark:
        "results/benchmarks/detect_parts/{variant}{mirrored}/{shard}.tsv"
    wildcard_constraints:
        mirrored="(_mirrored)?",
    params:
        **arguments(
            "detect_parts", "parts.predict", mirrored=lambda wildcards: bool(wildcards.mirrored)
        ),


use rule table_stage as choose_parts with:
    input:
        parts=[f"results/parts/{variant}/" + "{shard}.parquet" for variant in PARTS_GIVEN],
        ranking="results/parts/ranking.csv",
    output:
        "results/parts/best/{shard}.parquet",
    log:
        "logs/choose_parts/{shard}.log",
    params:
        **arguments(
            "choose_parts",
            of={"parts": PARTS_GIVEN},
            split=split_of,
            folds=config["ensemble"]["folds"],
        ),


if not TEST_ONLY:

    use rule table_stage as rank_persons with:
        input:
            **given_judges("annotations"),
            parts=judging("results/parts/parser/{shard}.parquet"),
            persons=[table for name in BOXES_GIVEN for table in judging(methods.boxes_given[name])],
        output:
            "results/persons/ranking.csv",
        log:
            "logs/rank_persons.log",
        benchmark:
            "results/benchmarks/rank_persons.tsv"
        params:
            **arguments(
                "rank_persons",
                of={"persons": [name for name in BOXES_GIVEN for _ in data.judges]},
                stride=STRIDE,
                folds=config["ensemble"]["folds"],
            ),

    use rule table_stage as rank_parts with:
        input:
            **given_judges("annotations"),
            persons=judging(PERSONS),
            parts=[
                table
                for variant in methods.variants
                for table in judging(f"results/parts/{variant}/" + "{shard}.parquet")
            ],
        output:
            "results/parts/ranking.csv",
        log:
            "logs/rank_parts.log",
        benchmark:
            "results/benchmarks/rank_parts.tsv"
        params:
            **arguments(
                "rank_parts",
                of={"parts": [variant for variant in methods.variants for _ in data.judges]},
                stride=STRIDE,
                folds=config["ensemble"]["folds"],
            ),

    use rule network_stage as train_persons with:
        input:
            weights_of("persons", "train"),
            **given("annotations", "frames"),
        output:
            directory("results/persons/model"),
        log:
            "logs/train_persons.log",
        benchmark:
            "results/benchmarks/train_persons.tsv"
        params:
            **arguments("train_persons", "persons.train"),

    use rule network_stage as train_pose with:
        input:
            # asked for when the rule is used: without dots the pose net needs no weights
            lambda wildcards: weights_of("pose", "train"),
            **given("annotations", "frames"),
        output:
            directory("results/pose/model"),
        log:
            "logs/train_pose.log",
        benchmark:
            "results/benchmarks/train_pose.tsv"
        params:
            **arguments("train_pose", "pose.train", root=ROOT),

    use rule network_stage as train_parts with:
        input:
            weights_of("parts", "train"),
            **given("annotations", "frames"),
            init=["results/persons/model"] if config["parts"]["init"] else [],
            keypoints=lambda wildcards: (
                tables(KEYPOINTS, "train") if wildcards.variant == "dots" else []
            ),
        output:
            directory("results/parts/{variant}/model"),
        log:
            "logs/train_parts/{variant}.log",
        benchmark:
            "results/benchmarks/train_parts/{variant}.tsv"
        params:
            **arguments("train_parts", "parts.train"),

    use rule table_stage as evaluate_detection with:
        input:
            annotations=lambda wildcards: tables(
                "results/dataset/annotations/{shard}.parquet", wildcards.split
            ),
            persons=lambda wildcards: tables(methods.detected, wildcards.split),
            used=lambda wildcards: (
                [] if PERSONS == methods.detected else tables(PERSONS, wildcards.split)
            ),
            keypoints=lambda wildcards: (tables(KEYPOINTS, wildcards.split) if USES_POSE else []),
            parts=lambda wildcards: expand(
                "results/parts/{variant}/{shard}.parquet",
                variant=compared_variants(wildcards.split),
                shard=shards(wildcards.split),
            ),
        output:
            measures="results/detection/{split}.csv",
            curves="results/detection/curves/{split}.csv",
        log:
            "logs/evaluate_detection/{split}.log",
        benchmark:
            "results/benchmarks/evaluate_detection/{split}.tsv"
        params:
            **arguments(
                "evaluate_detection",
                of={
                    "parts": lambda wildcards: [
                        variant
                        for variant in compared_variants(wildcards.split)
                        for _ in shards(wildcards.split)
                    ]
                },
                root=ROOT,
                stride=STRIDE,
            ),
