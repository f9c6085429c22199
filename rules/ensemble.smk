"""From distributions to decisions: each method's parses, and what joins them."""

# what is ranked on val: the methods, which vote; and whose parse an action's videos take
RANKED = {"ranking": METHODS, "choice": [*METHODS, "vote"]}


use rule table_stage as parse_states with:
    input:
        unpack(lambda wildcards: methods.boxes_of(wildcards.method)),
        states="results/states/{method}/{shard}.parquet",
    output:
        "results/parses/{method}/{shard}.parquet",
        problems=problems_of("parses/{method}"),
    log:
        "logs/parse_states/{method}/{shard}.log",
    wildcard_constraints:
        method="|".join(METHODS),
    params:
        **arguments("parse_states"),


if not TEST_ONLY:

    use rule short_stage as rank_methods with:
        input:
            scores=lambda wildcards: expand(
                "{results}/scores/val/{method}.csv",
                results=data.judging_runs,
                method=RANKED[wildcards.ranked],
            ),
        output:
            "results/ensemble/{ranked}.csv",
        log:
            "logs/rank_methods/{ranked}.log",
        wildcard_constraints:
            ranked="|".join(RANKED),
        localrule: True
        params:
            **arguments("rank_methods", folds=config["ensemble"]["folds"]),


use rule table_stage as vote with:
    input:
        parses=expand("results/parses/{method}/{{shard}}.parquet", method=METHODS),
        ranking="results/ensemble/ranking.csv",
    output:
        parses="results/parses/vote/{shard}.parquet",
        votes="results/ensemble/votes/{shard}.parquet",
        problems=problems_of("parses/vote"),
    log:
        "logs/vote/{shard}.log",
    benchmark:
        "results/benchmarks/vote/{shard}.tsv"
    params:
        **arguments(
            "vote",
            of={"parses": METHODS},
            split=split_of,
            folds=config["ensemble"]["folds"],
            iou=config["ensemble"]["iou"],
        ),


use rule table_stage as choose_by_category with:
    input:
        parses=expand("results/parses/{method}/{{shard}}.parquet", method=RANKED["choice"]),
        choice="results/ensemble/choice.csv",
        actions=ACTIONS,
    output:
        parses="results/parses/by_category/{shard}.parquet",
        chosen="results/ensemble/chosen/{shard}.csv",
    log:
        "logs/choose_by_category/{shard}.log",
    benchmark:
        "results/benchmarks/choose_by_category/{shard}.tsv"
    params:
        **arguments(
            "choose_by_category",
            of={"parses": RANKED["choice"]},
            split=split_of,
            folds=config["ensemble"]["folds"],
        ),
