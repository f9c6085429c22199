"""The parse of each video, for people and for other programs.

`snakemake parse_videos` writes those of the test videos; `partparse parse` those of any video, with
what a finished run has fitted.
"""


use rule table_stage as write_parsed with:
    input:
        videos="results/dataset/videos/{shard}.parquet",
        parses=f"results/parses/{FINAL}/{{shard}}.parquet",
        actions=actions_of(FINAL),
        probabilities=actions_of(FINAL, "probabilities"),
        persons=PERSONS if USES_POSE else [],
        keypoints=[KEYPOINTS] if USES_POSE else [],
        run=["results/run.json"] if TEST_ONLY else [],
        frames="results/frames/{shard}.parquet",
        times="results/times/{shard}.parquet",
        tracks="results/tracks/persons/{shard}.parquet",
    output:
        directory("results/parsed/{shard}"),
        problems=problems_of("parsed"),
    log:
        "logs/write_parsed/{shard}.log",
    benchmark:
        "results/benchmarks/write_parsed/{shard}.tsv"
    threads: THREADS
    params:
        **arguments(
            "write_parsed",
            root=ROOT,
            method=FINAL,
            stride=STRIDE,
            most=config["report"]["overlays"]["persons"],
            score=config["report"]["overlays"]["score"],
            shortest=config["report"]["timeline"]["shortest"],
        ),


rule parse_videos:
    input:
        tables("results/parsed/{shard}", "test"),
    localrule: True
