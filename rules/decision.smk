"""The decision: what all methods say, joined to the submission with the highest expected score.

`decide` is what the settings say. The other rungs of its ladder leave out its later steps, so that
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
            directory("results/decision/{rung}/model"),
        log:
            "logs/fit_decision/{rung}.log",
        benchmark:
            "results/benchmarks/fit_decision/{rung}.tsv"
        threads: THREADS
        params:
            **arguments(
                "fit_decision",
                of={"manifest": FITTED},
                stride=STRIDE,
                folds=config["ensemble"]["folds"],
                settings=lambda wildcards: decision_settings(wildcards.rung),
            ),

    use rule short_stage as compare_rungs with:
        input:
            scores=expand(
                "results/scores/{split}/{method}.csv",
                split=SCORED_SPLITS,
                method=[*RUNGS, *REFERENCES],
            ),
        output:
            "results/ladder.csv",
        log:
            "logs/compare_rungs.log",
        params:
            **arguments("compare_methods", methods=list(RUNGS), references=REFERENCES),


use rule table_stage as decide with:
    input:
        manifest=manifest_files(DECIDED),
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
    threads: THREADS
    params:
        **arguments(
            "decide",
            of={"manifest": DECIDED},
            split=split_of,
            folds=config["ensemble"]["folds"],
            settings=lambda wildcards: decision_settings(wildcards.rung),
        ),
