"""The action of each video: a distribution for each model in `actions` and for each fusion."""


use rule network_stage as predict_action with:
    input:
        model="results/actions/{model}/model",
        frames=lambda wildcards: pictures_of("actions", wildcards.model),
        tracked=lambda wildcards: viewed_persons(
            wildcards.model, "results/tracks/persons/{shard}.parquet"
        ),
    output:
        "results/actions/{model}/{shard}.parquet",
        problems=problems_of("actions/{model}"),
    log:
        "logs/predict_action/{model}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_action/{model}/{shard}.tsv"
    params:
        **arguments("predict_action", "actions.{model}.predict"),


use rule short_stage as fuse_actions with:
    input:
        actions=lambda wildcards: [
            f"results/actions/{member}/" + "{shard}.parquet"
            for member in FUSIONS[wildcards.fusion]
        ],
    output:
        "results/actions/{fusion}/{shard}.parquet",
        problems=problems_of("actions/{fusion}"),
    log:
        "logs/fuse_actions/{fusion}/{shard}.log",
    localrule: True
    params:
        **arguments(
            "fuse_actions",
            of={"actions": lambda wildcards: list(FUSIONS[wildcards.fusion])},
            weights=lambda wildcards: [
                f"{member}={weight}" for member, weight in FUSIONS[wildcards.fusion].items()
            ],
        ),


use rule short_stage as choose_action with:
    input:
        actions=[f"results/actions/{model}/" + "{shard}.parquet" for model in ACTION_MODELS],
        ranking="results/actions/ranking.csv",
    output:
        "results/actions/best/{shard}.parquet",
    log:
        "logs/choose_action/{shard}.log",
    localrule: True
    params:
        **arguments(
            "choose_action",
            of={"actions": ACTION_MODELS},
            split=split_of,
            folds=config["ensemble"]["folds"],
        ),


if not TEST_ONLY:

    use rule short_stage as rank_actions with:
        input:
            **given_judges("truth"),
            actions=[
                table
                for model in ACTION_MODELS
                for table in judging(f"results/actions/{model}/" + "{shard}.parquet")
            ],
        output:
            "results/actions/ranking.csv",
        log:
            "logs/rank_actions.log",
        localrule: True
        params:
            **arguments(
                "rank_actions",
                of={"actions": [model for model in ACTION_MODELS for _ in data.judges]},
                folds=config["ensemble"]["folds"],
            ),

    use rule network_stage as train_action with:
        input:
            lambda wildcards: weights_of("actions", wildcards.model, "train"),
            videos=tables("results/dataset/videos/{shard}.parquet", "train"),
            frames=lambda wildcards: tables(pictures_of("actions", wildcards.model), "train"),
            # val is watched only: a model does not change with it
            val_videos=ancient(tables("results/dataset/videos/{shard}.parquet", "val")),
            val_frames=ancient(
                lambda wildcards: tables(pictures_of("actions", wildcards.model), "val")
            ),
            tracked=lambda wildcards: viewed_persons(
                wildcards.model, tables("results/tracks/persons/{shard}.parquet", "train")
            ),
            val_tracked=ancient(
                lambda wildcards: viewed_persons(
                    wildcards.model, tables("results/tracks/persons/{shard}.parquet", "val")
                )
            ),
            vocabulary="results/vocabulary.json",
        output:
            directory("results/actions/{model}/model"),
        log:
            "logs/train_action/{model}.log",
        benchmark:
            "results/benchmarks/train_action/{model}.tsv"
        params:
            **arguments("train_action", "actions.{model}.train"),
