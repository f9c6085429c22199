"""States by a detector of (part, state) pairs, on persons and parts of its own."""


use rule network_stage as predict_onestage with:
    input:
        model="results/states/onestage/model",
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        persons="results/onestage/persons/{shard}.parquet",
        parts="results/onestage/parts/{shard}.parquet",
        states="results/states/onestage/{shard}.parquet",
        problems=problems_of("states/onestage"),
    log:
        "logs/predict_onestage/{shard}.log",
    benchmark:
        "results/benchmarks/predict_onestage/{shard}.tsv"
    params:
        **arguments("predict_onestage", "states.onestage.predict", stride=STRIDE),


if not TEST_ONLY:

    use rule network_stage as train_onestage with:
        input:
            weights_of("states", "onestage", "train"),
            **given("annotations", "frames"),
            init=(["results/persons/model"] if config["states"]["onestage"]["init"] else []),
            vocabulary="results/vocabulary.json",
        output:
            directory("results/states/onestage/model"),
        log:
            "logs/train_onestage.log",
        benchmark:
            "results/benchmarks/train_onestage.tsv"
        params:
            **arguments("train_onestage", "states.onestage.train"),
