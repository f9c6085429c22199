"""States as labels of clips: of whole videos, or of the frames that they are about."""


wildcard_constraints:
    level="|".join(methods.of_kind("clip_labels")),


rule train_clip_labels:
    input:
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=lambda wildcards: weights_of("states", wildcards.level, "train"),
        frames=lambda wildcards: tables(pictures_of("states", wildcards.level), "train"),
        vocabulary="results/vocabulary.json",
        init=lambda wildcards: initial_model(wildcards.level),
    output:
        directory("results/states/{level}/model"),
    log:
        "logs/train_clip_labels/{level}.log",
    benchmark:
        "results/benchmarks/train_clip_labels/{level}.tsv"
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
        frame_stride=lambda wildcards: config["states"][wildcards.level].get(
            "frame_stride", 1
        ),
        settings=lambda wildcards: settings("states", wildcards.level, "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_clip_labels.py"
        " --level {wildcards.level} --annotations {input.annotations:q}"
        " --frames {input.frames:q} --vocabulary {input.vocabulary:q}"
        " --cache {params.cache:q} --frame-stride {params.frame_stride} {params.init}"
        " --settings {params.settings:q} --version {params.version} --threads {params.threads}"
        " --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_clip_labels:
    input:
        model="results/states/{level}/model",
        parts=PARTS,
        frames=lambda wildcards: pictures_of("states", wildcards.level).format(
            shard=wildcards.shard
        ),
        vocabulary="results/vocabulary.json",
    output:
        "results/states/{level}/{shard}.parquet",
    log:
        "logs/predict_clip_labels/{level}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_clip_labels/{level}/{shard}.tsv"
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
        settings=lambda wildcards: settings("states", wildcards.level, "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_clip_labels.py"
        " --model {input.model:q} --parts {input.parts:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
