"""States as classes of whole videos, a classifier for each of six part groups."""

GROUP_INIT = config["states"]["group"]["init"]


rule train_group:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=weights_of("states", "group", "train"),
        frames=tables("results/frames/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
        init=[f"results/actions/{GROUP_INIT}/model"] if GROUP_INIT else [],
    output:
        directory("results/states/group/{group}/model"),
    log:
        "logs/train_group/{group}.log",
    benchmark:
        "benchmarks/results/train_group/{group}.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=1,
        cache=frames_folder,
        init=lambda wildcards, input: f"--init {input.init}" if GROUP_INIT else "",
        settings=settings("states", "group", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_group.py"
        " --group {wildcards.group} --videos {input.videos:q}"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " {params.init} --settings {params.settings:q} --version {params.version}"
        " --threads {threads} --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_group:
    input:
        models=expand("results/states/group/{group}/model", group=PART_GROUPS),
        actions=ACTIONS,
        parts=PARTS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        "results/states/group/{shard}.parquet",
    log:
        "logs/predict_group/{shard}.log",
    benchmark:
        "benchmarks/results/predict_group/{shard}.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=1,
        cache=frames_folder,
        models=expand("{group}=results/states/group/{group}/model", group=PART_GROUPS),
        settings=settings("states", "group", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_group.py"
        " --models {params.models:q} --actions {input.actions:q}"
        " --parts {input.parts:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --threads {threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
