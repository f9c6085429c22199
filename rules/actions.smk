"""The action of each video: a distribution for each model in `actions` and for each fusion."""


rule train_action:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        weights=lambda wildcards: weights_of("actions", wildcards.model, "train"),
        frames=lambda wildcards: tables(
            pictures_of("actions", wildcards.model), "train"
        ),
        # val is watched only: a model does not change with it
        val_videos=ancient(tables("results/dataset/videos/{shard}.parquet", "val")),
        val_frames=ancient(
            lambda wildcards: tables(pictures_of("actions", wildcards.model), "val")
        ),
        vocabulary="results/vocabulary.json",
    output:
        directory("results/actions/{model}/model"),
    log:
        "logs/train_action/{model}.log",
    benchmark:
        "results/benchmarks/train_action/{model}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=2,
        threads=THREADS,
        cache=frames_folder,
        settings=lambda wildcards: settings("actions", wildcards.model, "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_action.py"
        " --videos {input.videos:q} --frames {input.frames:q}"
        " --val-videos {input.val_videos:q} --val-frames {input.val_frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --version {params.version} --threads {params.threads}"
        " --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_action:
    input:
        model="results/actions/{model}/model",
        frames=lambda wildcards: pictures_of("actions", wildcards.model).format(
            shard=wildcards.shard
        ),
    output:
        "results/actions/{model}/{shard}.parquet",
    log:
        "logs/predict_action/{model}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_action/{model}/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=1,
        threads=THREADS,
        cache=frames_folder,
        settings=lambda wildcards: settings("actions", wildcards.model, "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_action.py"
        " --model {input.model:q} --frames {input.frames:q}"
        " --cache {params.cache:q} --settings {params.settings:q} --threads {params.threads}"
        " --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule fuse_actions:
    input:
        lambda wildcards: expand(
            "results/actions/{member}/{{shard}}.parquet",
            member=config["fusions"]["actions"][wildcards.fusion],
        ),
    output:
        "results/actions/{fusion}/{shard}.parquet",
    log:
        "logs/fuse_actions/{fusion}/{shard}.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        members=lambda wildcards: list(config["fusions"]["actions"][wildcards.fusion]),
        weights=lambda wildcards: settings("fusions", "actions", wildcards.fusion),
    shell:
        f"{PYTHON} {SCRIPTS}/fuse_actions.py"
        " --models {params.members:q} --actions {input:q} --weights {params.weights:q}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
