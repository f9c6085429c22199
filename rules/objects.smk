"""Where objects are: what the official baseline looks at beside persons and parts."""

OBJECTS = "results/objects/detected/{shard}.parquet"


use rule network_stage as detect_objects with:
    input:
        model="results/objects/model",
        frames="results/frames/{shard}.parquet",
    output:
        OBJECTS,
        problems=problems_of("objects/detected"),
    log:
        "logs/detect_objects/{shard}.log",
    benchmark:
        "results/benchmarks/detect_objects/{shard}.tsv"
    params:
        **arguments("detect_objects", "objects.predict", stride=STRIDE),


if not TEST_ONLY:

    use rule network_stage as train_objects with:
        input:
            weights_of("objects", "train"),
            **given("annotations", "objects", "frames"),
            init=["results/persons/model"] if config["objects"]["init"] else [],
        output:
            directory("results/objects/model"),
        log:
            "logs/train_objects.log",
        benchmark:
            "results/benchmarks/train_objects.tsv"
        params:
            **arguments("train_objects", "objects.train"),
