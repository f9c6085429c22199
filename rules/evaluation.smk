"""The challenge's score of every method, on the splits whose truth is known."""


rule score_parses:
    input:
        unpack(lambda wildcards: truth_of(wildcards.split, wildcards.method)),
        parses=lambda wildcards: tables(
            f"results/parses/{wildcards.method}/" + "{shard}.parquet", wildcards.split
        ),
    output:
        videos="results/scores/{split}/{method}.csv",
        parts="results/scores/{split}/{method}_parts.csv",
        actions="results/scores/{split}/{method}_actions.csv",
    log:
        "logs/score_parses/{split}/{method}.log",
    benchmark:
        "results/benchmarks/score_parses/{split}/{method}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
        stride=STRIDE,
    shell:
        f"{PYTHON} {SCRIPTS}/score_parses.py"
        " --method {wildcards.method} --split {wildcards.split}"
        " --parses {input.parses:q} --actions {input.actions:q} --truth {input.truth:q}"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " --stride {params.stride} --out {output.videos:q} --parts-out {output.parts:q}"
        " --actions-out {output.actions:q}"
        " 2> >(tee {log:q} >&2)"


rule score_oracles:
    input:
        unpack(lambda wildcards: truth_of(wildcards.split, FINAL)),
        parses=lambda wildcards: tables(
            f"results/parses/{FINAL}/" + "{shard}.parquet", wildcards.split
        ),
    output:
        "results/oracles/{split}.csv",
    log:
        "logs/score_oracles/{split}.log",
    benchmark:
        "results/benchmarks/score_oracles/{split}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        stride=STRIDE,
        method=FINAL,
    shell:
        f"{PYTHON} {SCRIPTS}/score_oracles.py"
        " --method {params.method} --split {wildcards.split}"
        " --parses {input.parses:q} --actions {input.actions:q} --truth {input.truth:q}"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " --stride {params.stride} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule score_actions:
    input:
        truth=lambda wildcards: tables(
            "results/dataset/truth/{shard}.parquet", wildcards.split
        ),
        actions=lambda wildcards: tables(
            f"results/actions/{wildcards.scored_model}/" + "{shard}.parquet",
            wildcards.split,
        ),
    output:
        "results/scores/actions/{split}/{scored_model}.csv",
    log:
        "logs/score_actions/{split}/{scored_model}.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/score_actions.py"
        " --model {wildcards.scored_model} --split {wildcards.split}"
        " --actions {input.actions:q} --truth {input.truth:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule join_scores:
    input:
        actions=expand(
            "results/scores/actions/{split}/{model}.csv",
            split=SCORED_SPLITS,
            model=ACTION_MODELS,
        ),
        videos=expand(
            "results/scores/{split}/{method}.csv",
            split=SCORED_SPLITS,
            method=[*METHODS, *ENSEMBLES],
        ),
        oracles=expand("results/oracles/{split}.csv", split=SCORED_SPLITS),
        detection=expand("results/detection/{split}.csv", split=SCORED_SPLITS),
        frames=tables("results/frames/{shard}.parquet", *SPLITS),
    output:
        table="results/scores.csv",
        actions="results/scores/actions.csv",
        text="results/scores.txt",
    log:
        "logs/join_scores.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=2,
    shell:
        f"{PYTHON} {SCRIPTS}/join_scores.py"
        " --videos {input.videos:q} --oracles {input.oracles:q}"
        " --detection {input.detection:q} --frames {input.frames:q} --actions {input.actions:q}"
        " --out {output.table:q} --actions-out {output.actions:q} --text {output.text:q}"
        " 2> >(tee {log:q} >&2)"
