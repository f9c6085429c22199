"""The decision: what all methods say, joined to the submission with the highest expected score.

`decide` is what the settings say. Its ablations leave out its later steps, so that
the worth of each can be measured: `snakemake draw_steps`.
"""

DECIDED = decision.decided_tables(methods)

if not TEST_ONLY:
    FITTED = decision.fitted_tables(methods, data)

    use rule table_stage as fit_decision with:
        input:
            manifest=manifest_files(FITTED),
            vocabulary="results/vocabulary.json",
        output:
            directory("results/decision/{ablation}/model"),
        log:
            "logs/fit_decision/{ablation}.log",
        benchmark:
            "results/benchmarks/fit_decision/{ablation}.tsv"
        threads: THREADS
        resources:
            mem_mb=MEMORY,  # for as long as a network may have
        params:
            **arguments(
                "fit_decision",
                of={"manifest": FITTED},
                stride=STRIDE,
                folds=config["ensemble"]["folds"],
                settings=lambda wildcards: decision_settings(wildcards.ablation),
            ),

    use rule short_stage as compare_ablations with:
        input:
            scores=expand(
                "results/scores/{split}/{method}.csv",
                split=SCORED_SPLITS,
                method=[*ABLATIONS, *REFERENCES],
            ),
        output:
            "results/ladder.csv",
        log:
            "logs/compare_ablations.log",
        localrule: True
        params:
            **arguments("compare_methods", methods=list(ABLATIONS), references=REFERENCES),


use rule table_stage as decide with:
    input:
        manifest=manifest_files(DECIDED),
        model="results/decision/{ablation}/model",
    output:
        parses="results/parses/{ablation}/{shard}.parquet",
        actions="results/decision/{ablation}/actions/{shard}.parquet",
        probabilities="results/decision/{ablation}/probabilities/{shard}.parquet",
        expected="results/decision/{ablation}/expected/{shard}.csv",
        problems=problems_of("parses/{ablation}"),
    log:
        "logs/decide/{ablation}/{shard}.log",
    benchmark:
        "results/benchmarks/decide/{ablation}/{shard}.tsv"
    threads: THREADS
    params:
        **arguments(
            "decide",
            of={"manifest": DECIDED},
            split=split_of,
            folds=config["ensemble"]["folds"],
        ),
