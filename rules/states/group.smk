"""States as classes of whole videos, a classifier for each of six part groups.

Methods named group_… are the same with other networks, which fusions.states may join.
"""


wildcard_constraints:
    grouped="|".join(methods.of_kind("group")),


rule train_group:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=lambda wildcards: weights_of("states", wildcards.grouped, "train"),
        frames=lambda wildcards: tables(
            pictures_of("states", wildcards.grouped), "train"
        ),
        vocabulary="results/vocabulary.json",
        init=lambda wildcards: initial_model(wildcards.grouped),
    output:
        directory("results/states/{grouped}/{group}/model"),
    log:
        "logs/train_group/{grouped}/{group}.log",
    benchmark:
        "results/benchmarks/train_group/{grouped}/{group}.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=2,
        threads=THREADS,
        cache=frames_folder,
        init=lambda wildcards, input: f"--init {input.init}" if input.init else "",
        settings=lambda wildcards: settings("states", wildcards.grouped, "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_group.py"
        " --group {wildcards.group} --videos {input.videos:q}"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " {params.init} --settings {params.settings:q} --version {params.version}"
        " --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_group:
    input:
        models=expand("results/states/{{grouped}}/{group}/model", group=PART_GROUPS),
        actions=ACTIONS,
        parts=PARTS,
        frames=lambda wildcards: pictures_of("states", wildcards.grouped).format(
            shard=wildcards.shard
        ),
        vocabulary="results/vocabulary.json",
    output:
        "results/states/{grouped}/{shard}.parquet",
    log:
        "logs/predict_group/{grouped}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_group/{grouped}/{shard}.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=1,
        threads=THREADS,
        cache=frames_folder,
        models=lambda wildcards, input: name_files(PART_GROUPS, input.models),
        settings=lambda wildcards: settings("states", wildcards.grouped, "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_group.py"
        " --models {params.models:q} --actions {input.actions:q}"
        " --parts {input.parts:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
