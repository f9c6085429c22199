"""The challenge's score of every method, on the splits whose truth is known."""


use rule table_stage as score_parses with:
    input:
        unpack(lambda wildcards: truth_of(wildcards.split, wildcards.method)),
        parses=lambda wildcards: tables(
            f"results/parses/{wildcards.method}/{{shard}}.parquet", wildcards.split
        ),
    output:
        videos="results/scores/{split}/{method}.csv",
        parts="results/scores/{split}/{method}_parts.csv",
        actions="results/scores/{split}/{method}_actions.csv",
    log:
        "logs/score_parses/{split}/{method}.log",
    benchmark:
        "results/benchmarks/score_parses/{split}/{method}.tsv"
    params:
        **arguments(
            "score_parses",
            method=lambda wildcards: wildcards.method,
            split=lambda wildcards: wildcards.split,
            stride=STRIDE,
        ),


use rule table_stage as score_oracles with:
    input:
        unpack(lambda wildcards: truth_of(wildcards.split, FINAL)),
        parses=lambda wildcards: tables(
            f"results/parses/{FINAL}/{{shard}}.parquet", wildcards.split
        ),
    output:
        "results/oracles/{split}.csv",
    log:
        "logs/score_oracles/{split}.log",
    benchmark:
        "results/benchmarks/score_oracles/{split}.tsv"
    params:
        **arguments(
            "score_oracles", method=FINAL, split=lambda wildcards: wildcards.split, stride=STRIDE
        ),


use rule short_stage as score_actions with:
    input:
        truth=lambda wildcards: tables("results/dataset/truth/{shard}.parquet", wildcards.split),
        actions=lambda wildcards: tables(
            f"results/actions/{wildcards.scored_model}/{{shard}}.parquet", wildcards.split
        ),
    output:
        "results/scores/actions/{split}/{scored_model}.csv",
    log:
        "logs/score_actions/{split}/{scored_model}.log",
    localrule: True
    params:
        **arguments(
            "score_actions",
            model=lambda wildcards: wildcards.scored_model,
            split=lambda wildcards: wildcards.split,
        ),


use rule short_stage as join_scores with:
    input:
        actions=expand(
            "results/scores/actions/{split}/{model}.csv",
            split=SCORED_SPLITS,
            model=methods.scored_actions,
        ),
        videos=expand(
            "results/scores/{split}/{method}.csv",
            split=SCORED_SPLITS,
            method=[*METHODS, *ENSEMBLES],
        ),
        oracles=expand("results/oracles/{split}.csv", split=SCORED_SPLITS),
        detection=expand("results/detection/{split}.csv", split=SCORED_SPLITS),
        problems="results/problems.parquet",
    output:
        table="results/scores.csv",
        actions="results/scores/actions.csv",
        text="results/scores.txt",
    log:
        "logs/join_scores.log",
    localrule: True
    params:
        **arguments("join_scores"),
