"""The parse of each video, for people and for other programs: JSON, a table, an annotated video.

`snakemake parse_videos` writes those of the test videos; `partparse parse` those of any video, with
what a finished run has fitted.
"""


rule write_parsed:
    input:
        videos="results/dataset/videos/{shard}.parquet",
        parses=f"results/parses/{FINAL}/" + "{shard}.parquet",
        actions=actions_of(FINAL),
        probabilities=probabilities_of(FINAL),
        persons=PERSONS if USES_POSE else [],
        keypoints=["results/pose/{shard}.parquet"] if USES_POSE else [],
        run=["results/run.json"] if TEST_ONLY else [],
        frames="results/frames/{shard}.parquet",
    output:
        directory("results/parsed/{shard}"),
    log:
        "logs/write_parsed/{shard}.log",
    benchmark:
        "results/benchmarks/write_parsed/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        threads=THREADS,
        cache=frames_folder,
        stride=STRIDE,
        method=FINAL,
        keypoints=lambda wildcards, input: (
            f"--persons {input.persons} --keypoints {input.keypoints}"
            if USES_POSE
            else ""
        ),
        run=lambda wildcards, input: f"--run {input.run}" if TEST_ONLY else "",
        most=OVERLAYS["persons"],
        score=OVERLAYS["score"],
    shell:
        f"{PYTHON} {SCRIPTS}/write_parsed.py"
        " --videos {input.videos:q} --parses {input.parses:q} --actions {input.actions:q}"
        " --probabilities {input.probabilities:q}"
        " {params.keypoints} {params.run} --frames {input.frames:q} --cache {params.cache:q}"
        " --method {params.method} --stride {params.stride} --most {params.most}"
        " --score {params.score} --threads {params.threads} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule parse_videos:
    input:
        tables("results/parsed/{shard}", "test"),
    localrule: True


if TEST_ONLY:
    # no rule is left but those that work on a shard, so that nothing can be fitted, and nothing
    # that is there be replaced; --allowed-rules does the same, but not for a Snakefile
    for known in list(workflow.rules):
        if "shard" not in known.wildcard_names and known.name != "parse_videos":
            del workflow._rules[known.name]
            workflow._localrules.discard(known.name)
