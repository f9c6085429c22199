"""The decision: what all methods say, joined to the submission with the highest expected score.

`decide` is what the settings say. The other rungs of its ladder leave out its later steps, so that
the worth of each can be measured: `snakemake draw_steps`.
"""


rule fit_decision:
    input:
        decided=decision_tables(*shards("val")),
        tracked=tables("results/tracks/persons/{shard}.parquet", "train"),
        posed=tables("results/pose/{shard}.parquet", "train") if USES_POSE else [],
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables(
            "results/dataset/annotations/{shard}.parquet", "train", "val"
        ),
        truth=tables("results/dataset/truth/{shard}.parquet", "val"),
        frames=tables("results/frames/{shard}.parquet", "val"),
        vocabulary="results/vocabulary.json",
    output:
        directory("results/decision/{rung}/model"),
    log:
        "logs/fit_decision/{rung}.log",
    benchmark:
        "results/benchmarks/fit_decision/{rung}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
        threads=THREADS,
        stride=STRIDE,
        folds=config["ensemble"]["folds"],
        tables=decision_arguments,
        shards=shards("val"),
        train_shards=shards("train"),
        settings=lambda wildcards: decision_settings(wildcards.rung),
    shell:
        f"{PYTHON} {SCRIPTS}/fit_decision.py"
        " {params.tables:q} --shards {params.shards} --train-shards {params.train_shards}"
        ' --videos "$(dirname {input.videos[0]:q})"/{{shard}}.parquet'
        ' --annotations "$(dirname {input.annotations[0]:q})"/{{shard}}.parquet'
        ' --truth "$(dirname {input.truth[0]:q})"/{{shard}}.parquet'
        ' --frames "$(dirname {input.frames[0]:q})"/{{shard}}.parquet'
        " --vocabulary {input.vocabulary:q} --stride {params.stride} --folds {params.folds}"
        " --settings {params.settings:q} --threads {params.threads} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule decide:
    input:
        decided=lambda wildcards: decision_tables(wildcards.shard),
        model="results/decision/{rung}/model",
    output:
        parses="results/parses/{rung}/{shard}.parquet",
        actions="results/decision/{rung}/actions/{shard}.parquet",
        probabilities="results/decision/{rung}/probabilities/{shard}.parquet",
        expected="results/decision/{rung}/expected/{shard}.csv",
    log:
        "logs/decide/{rung}/{shard}.log",
    benchmark:
        "results/benchmarks/decide/{rung}/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
        threads=THREADS,
        folds=config["ensemble"]["folds"],
        tables=decision_arguments,
        settings=lambda wildcards: decision_settings(wildcards.rung),
    shell:
        f"{PYTHON} {SCRIPTS}/decide.py"
        " {params.tables:q} --shard {wildcards.shard} --model {input.model:q}"
        " --folds {params.folds} --settings {params.settings:q} --threads {params.threads}"
        " --parses-out {output.parses:q} --actions-out {output.actions:q}"
        " --probabilities-out {output.probabilities:q} --expected-out {output.expected:q}"
        " 2> >(tee {log:q} >&2)"


rule compare_rungs:
    input:
        expand(
            "results/scores/{split}/{method}.csv",
            split=SCORED_SPLITS,
            method=[*RUNGS, *REFERENCES],
        ),
    output:
        "results/ladder.csv",
    log:
        "logs/compare_rungs.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        methods=list(RUNGS),
        references=REFERENCES,
    shell:
        f"{PYTHON} {SCRIPTS}/compare_methods.py"
        " --scores {input:q} --methods {params.methods} --references {params.references}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
