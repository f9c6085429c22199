"""Parts by a detector of one stage, on whole frames: `single` among the variants of `parts`."""


use rule network_stage as detect_single with:
    input:
        model="results/parts/single/model",
        persons=PERSONS,
        frames="results/frames/{shard}.parquet",
    output:
        "results/parts/single/{shard}.parquet",
        problems=problems_of("parts/single"),
    log:
        "logs/detect_parts/single/{shard}.log",
    benchmark:
        "results/benchmarks/detect_parts/single/{shard}.tsv"
    params:
        **arguments("detect_single", "parts.single.predict"),


if not TEST_ONLY:

    use rule network_stage as train_single with:
        input:
            lambda wildcards: weights_of("parts", "single", "train"),
            **given("annotations", "frames"),
            init=["results/persons/model"] if config["parts"]["init"] else [],
        output:
            directory("results/parts/single/model"),
        log:
            "logs/train_parts/single.log",
        benchmark:
            "results/benchmarks/train_parts/single.tsv"
        params:
            **arguments("train_single", "parts.single.train"),
