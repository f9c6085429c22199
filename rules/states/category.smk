"""States as statistics of the predicted action."""


use rule table_stage as predict_category with:
    input:
        statistics="results/states/category/statistics.parquet",
        actions=ACTIONS,
        parts=PARTS,
        vocabulary="results/vocabulary.json",
    output:
        "results/states/category/{shard}.parquet",
        problems=problems_of("states/category"),
    log:
        "logs/predict_category/{shard}.log",
    benchmark:
        "results/benchmarks/predict_category/{shard}.tsv"
    params:
        **arguments("predict_category"),


if not TEST_ONLY:

    use rule table_stage as fit_category with:
        input:
            **given("videos", "annotations"),
            vocabulary="results/vocabulary.json",
        output:
            "results/states/category/statistics.parquet",
        log:
            "logs/fit_category.log",
        benchmark:
            "results/benchmarks/fit_category.tsv"
        params:
            **arguments("fit_category", "states.category"),
