"""States as classes of whole videos, a classifier for each of six part groups.

Methods named group_… are the same with other networks, which fusions.states may join.
"""


wildcard_constraints:
    grouped="|".join(methods.of_kind("group")),


use rule network_stage as predict_group with:
    input:
        models=expand("results/states/{{grouped}}/{group}/model", group=PART_GROUPS),
        actions=ACTIONS,
        parts=PARTS,
        frames=lambda wildcards: pictures_of("states", wildcards.grouped),
        vocabulary="results/vocabulary.json",
    output:
        "results/states/{grouped}/{shard}.parquet",
        problems=problems_of("states/{grouped}"),
    log:
        "logs/predict_group/{grouped}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_group/{grouped}/{shard}.tsv"
    params:
        **arguments("predict_group", "states.{grouped}.predict", of={"models": list(PART_GROUPS)}),


if not TEST_ONLY:

    use rule network_stage as train_group with:
        input:
            lambda wildcards: weights_of("states", wildcards.grouped, "train"),
            **given("videos", "annotations"),
            frames=lambda wildcards: tables(pictures_of("states", wildcards.grouped), "train"),
            vocabulary="results/vocabulary.json",
            init=lambda wildcards: methods.initial_model(wildcards.grouped),
        output:
            directory("results/states/{grouped}/{group}/model"),
        log:
            "logs/train_group/{grouped}/{group}.log",
        benchmark:
            "results/benchmarks/train_group/{grouped}/{group}.tsv"
        params:
            **arguments(
                "train_group", "states.{grouped}.train", group=lambda wildcards: wildcards.group
            ),
