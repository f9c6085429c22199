"""States and actions by the official baseline: features of part, human, object and image."""


include: "../objects.smk"


use rule network_stage as predict_baseline with:
    input:
        model="results/states/baseline/model",
        persons=PERSONS,
        parts=PARTS,
        objects=OBJECTS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        states="results/states/baseline/{shard}.parquet",
        actions="results/actions/baseline/{shard}.parquet",
        problems=problems_of("states/baseline"),
    log:
        "logs/predict_baseline/{shard}.log",
    benchmark:
        "results/benchmarks/predict_baseline/{shard}.tsv"
    params:
        **arguments("predict_baseline", "states.baseline.predict", stride=STRIDE),


if not TEST_ONLY:

    use rule network_stage as train_baseline with:
        input:
            weights_of("states", "baseline", "train"),
            **given("videos", "annotations", "objects", "frames"),
            vocabulary="results/vocabulary.json",
            tsn=f"results/actions/{config['states']['baseline']['tsn']}/model",
        output:
            directory("results/states/baseline/model"),
        log:
            "logs/train_baseline.log",
        benchmark:
            "results/benchmarks/train_baseline.tsv"
        params:
            **arguments("train_baseline", "states.baseline.train"),
