"""From distributions to decisions: each method's parses, and what joins them."""


rule parse_states:
    input:
        unpack(lambda wildcards: boxes_of(wildcards.method)),
        states="results/states/{method}/{shard}.parquet",
    output:
        "results/parses/{method}/{shard}.parquet",
    log:
        "logs/parse_states/{method}/{shard}.log",
    wildcard_constraints:
        method="|".join(METHODS),
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/parse_states.py"
        " --persons {input.persons:q} --parts {input.parts:q}"
        " --states {input.states:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule rank_methods:
    input:
        scores=expand("results/scores/val/{method}.csv", method=METHODS),
    output:
        "results/ensemble/ranking.csv",
    log:
        "logs/rank_methods.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        folds=config["ensemble"]["folds"],
    shell:
        f"{PYTHON} {SCRIPTS}/rank_methods.py"
        " --scores {input.scores:q} --folds {params.folds}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule vote:
    input:
        parses=expand("results/parses/{method}/{{shard}}.parquet", method=METHODS),
        ranking="results/ensemble/ranking.csv",
    output:
        parses="results/parses/vote/{shard}.parquet",
        votes="results/ensemble/votes/{shard}.parquet",
    log:
        "logs/vote/{shard}.log",
    benchmark:
        "results/benchmarks/vote/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        parses=lambda wildcards, input: name_files(METHODS, input.parses),
        split=lambda wildcards: wildcards.shard.split("-")[0],
        folds=config["ensemble"]["folds"],
        iou=config["ensemble"]["iou"],
    shell:
        f"{PYTHON} {SCRIPTS}/vote.py"
        " --parses {params.parses:q} --ranking {input.ranking:q}"
        " --split {params.split} --folds {params.folds} --iou {params.iou}"
        " --votes {output.votes:q} --out {output.parses:q}"
        " 2> >(tee {log:q} >&2)"


rule choose_methods:
    input:
        scores=expand("results/scores/val/{method}.csv", method=[*METHODS, "vote"]),
    output:
        "results/ensemble/choice.csv",
    log:
        "logs/choose_methods.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        folds=config["ensemble"]["folds"],
    shell:
        f"{PYTHON} {SCRIPTS}/rank_methods.py"
        " --scores {input.scores:q} --folds {params.folds}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule choose_by_category:
    input:
        parses=expand(
            "results/parses/{method}/{{shard}}.parquet", method=[*METHODS, "vote"]
        ),
        choice="results/ensemble/choice.csv",
        actions=ACTIONS,
    output:
        parses="results/parses/by_category/{shard}.parquet",
        chosen="results/ensemble/chosen/{shard}.csv",
    log:
        "logs/choose_by_category/{shard}.log",
    benchmark:
        "results/benchmarks/choose_by_category/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        parses=lambda wildcards, input: name_files([*METHODS, "vote"], input.parses),
        split=lambda wildcards: wildcards.shard.split("-")[0],
        folds=config["ensemble"]["folds"],
    shell:
        f"{PYTHON} {SCRIPTS}/choose_by_category.py"
        " --parses {params.parses:q} --choice {input.choice:q}"
        " --actions {input.actions:q} --split {params.split} --folds {params.folds}"
        " --chosen {output.chosen:q} --out {output.parses:q}"
        " 2> >(tee {log:q} >&2)"
