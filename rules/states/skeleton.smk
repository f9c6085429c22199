"""States, and an action, from the keypoints of tracked persons."""


use rule network_stage as predict_skeleton with:
    input:
        model=model_of("skeleton"),
        persons=PERSONS,
        parts=PARTS,
        own=KEYPOINTS,
        tracked=TRACKED_PERSONS,
        keypoints=TRACKED_KEYPOINTS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        states="results/states/skeleton/{shard}.parquet",
        actions="results/actions/skeleton/{shard}.parquet",
        problems=problems_of("states/skeleton"),
    log:
        "logs/predict_skeleton/{shard}.log",
    benchmark:
        "results/benchmarks/predict_skeleton/{shard}.tsv"
    params:
        **arguments("predict_skeleton", "states.skeleton.predict"),


if not TEST_ONLY:

    use rule network_stage as train_skeleton with:
        input:
            unpack(learnt("videos", "annotations", "frames")),
            tracked=annotated(TRACKED_PERSONS),
            keypoints=annotated(TRACKED_KEYPOINTS),
            vocabulary="results/vocabulary.json",
        output:
            directory("results/states/skeleton/{fit}"),
        log:
            "logs/train_skeleton/{fit}.log",
        benchmark:
            "results/benchmarks/train_skeleton/{fit}.tsv"
        params:
            **arguments("train_skeleton", "states.skeleton.train"),
