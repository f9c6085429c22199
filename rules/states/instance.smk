"""States of persons by clips about the frame: instance_context, instance_person, instance_roi."""


wildcard_constraints:
    instance="|".join(methods.of_kind("instance")),


use rule network_stage as predict_instance with:
    input:
        model="results/states/{instance}/model",
        persons=PERSONS,
        parts=PARTS,
        tracked=lambda wildcards: tracks_of(wildcards.instance, TRACKED_PERSONS),
        keypoints=lambda wildcards: tracks_of(wildcards.instance, TRACKED_KEYPOINTS),
        own=lambda wildcards: tracks_of(wildcards.instance, KEYPOINTS),
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        "results/states/{instance}/{shard}.parquet",
        problems=problems_of("states/{instance}"),
    log:
        "logs/predict_instance/{instance}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_instance/{instance}/{shard}.tsv"
    params:
        **arguments("predict_instance", "states.{instance}.predict"),


if not TEST_ONLY:

    use rule network_stage as train_instance with:
        input:
            lambda wildcards: weights_of("states", wildcards.instance, "train"),
            **given("annotations", "frames"),
            vocabulary="results/vocabulary.json",
            init=lambda wildcards: methods.initial_model(wildcards.instance),
            tracked=lambda wildcards: tracks_of(
                wildcards.instance, tables(TRACKED_PERSONS, "train")
            ),
            keypoints=lambda wildcards: tracks_of(
                wildcards.instance, tables(TRACKED_KEYPOINTS, "train")
            ),
        output:
            directory("results/states/{instance}/model"),
        log:
            "logs/train_instance/{instance}.log",
        benchmark:
            "results/benchmarks/train_instance/{instance}.tsv"
        params:
            **arguments(
                "train_instance",
                "states.{instance}.train",
                stage=lambda wildcards: f"train_{wildcards.instance}",
            ),
