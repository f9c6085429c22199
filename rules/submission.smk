"""The challenge's files, and the check that they can be scored."""


rule write_submission:
    input:
        parses=tables(f"results/parses/{FINAL}/" + "{shard}.parquet", "test"),
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
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        stride=STRIDE,
    shell:
        f"{PYTHON} {SCRIPTS}/write_submission.py"
        " --parses {input.parses:q} --actions {input.actions:q}"
        " --frames {input.frames:q} --stride {params.stride}"
        ' --out-dir "$(dirname {output.zip:q})"'
        " 2> >(tee {log:q} >&2)"


rule check_submission:
    input:
        submission="results/submission/submission.zip",
        frames=tables("results/frames/{shard}.parquet", "test"),
    output:
        "results/submission/checked.txt",
    log:
        "logs/check_submission.log",
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        stride=STRIDE,
    shell:
        f"{PYTHON} {SCRIPTS}/check_submission.py"
        " --submission {input.submission:q} --frames {input.frames:q}"
        " --stride {params.stride} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
