"""States of one frame's parts: the net of the winner of 2021."""


use rule network_stage as predict_part_state with:
    input:
        model="results/states/part_state/model",
        persons=PERSONS,
        parts=PARTS,
        actions=ACTIONS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        "results/states/part_state/{shard}.parquet",
        problems=problems_of("states/part_state"),
    log:
        "logs/predict_part_state/{shard}.log",
    benchmark:
        "results/benchmarks/predict_part_state/{shard}.tsv"
    params:
        **arguments("predict_part_state", "states.part_state.predict"),


if not TEST_ONLY:

    use rule network_stage as train_part_state with:
        input:
            weights_of("states", "part_state", "train"),
            **given("videos", "annotations", "frames"),
            vocabulary="results/vocabulary.json",
        output:
            directory("results/states/part_state/model"),
        log:
            "logs/train_part_state.log",
        benchmark:
            "results/benchmarks/train_part_state.tsv"
        params:
            **arguments("train_part_state", "states.part_state.train"),
