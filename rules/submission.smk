"""The challenge's files, and the check that they can be scored."""


use rule table_stage as write_submission with:
    input:
        parses=tables(f"results/parses/{FINAL}/{{shard}}.parquet", "test"),
        actions=tables(actions_of(FINAL), "test"),
        frames=tables("results/frames/{shard}.parquet", "test"),
    output:
        parts="results/submission/pred_part_result.json",
        actions="results/submission/pred_vid_result.json",
        zip="results/submission/submission.zip",
    log:
        "logs/write_submission.log",
    benchmark:
        "results/benchmarks/write_submission.tsv"
    params:
        **arguments("write_submission", stride=STRIDE),


use rule table_stage as check_submission with:
    input:
        submission="results/submission/submission.zip",
        frames=tables("results/frames/{shard}.parquet", "test"),
    output:
        "results/submission/checked.txt",
    log:
        "logs/check_submission.log",
    params:
        **arguments("check_submission", stride=STRIDE),
