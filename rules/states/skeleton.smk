"""States, and an action, from the keypoints of tracked persons."""


use rule network_stage as predict_skeleton with:
    input:
        model="results/states/skeleton/model",
        persons=PERSONS,
        parts=PARTS,
        own=KEYPOINTS,
        tracked="results/tracks/persons/{shard}.parquet",
        keypoints=TRACKED_KEYPOINTS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        states="results/states/skeleton/{shard}.parquet",
        actions="results/actions/skeleton/{shard}.parquet",
    log:
        "logs/predict_skeleton/{shard}.log",
    benchmark:
        "results/benchmarks/predict_skeleton/{shard}.tsv"
    params:
        **arguments("predict_skeleton", "states.skeleton.predict"),


if not TEST_ONLY:

    use rule network_stage as train_skeleton with:
        input:
            **given("videos", "annotations", "frames"),
            tracked=tables("results/tracks/persons/{shard}.parquet", "train"),
            keypoints=tables(TRACKED_KEYPOINTS, "train"),
            vocabulary="results/vocabulary.json",
        output:
            directory("results/states/skeleton/model"),
        log:
            "logs/train_skeleton.log",
        benchmark:
            "results/benchmarks/train_skeleton.tsv"
        params:
            **arguments("train_skeleton", "states.skeleton.train"),
