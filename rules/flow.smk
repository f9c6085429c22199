"""Optical flow, for the clip networks whose `modality` it is; not run for others."""


use rule table_stage as extract_flow with:
    input:
        frames="results/frames/{shard}.parquet",
    output:
        "results/flow/{shard}.parquet",
    log:
        "logs/extract_flow/{shard}.log",
    benchmark:
        "results/benchmarks/extract_flow/{shard}.tsv"
    threads: THREADS
    resources:
        mem_mb=MEMORY,  # for as long as a network may have
    params:
        **arguments("extract_flow", "flow"),
