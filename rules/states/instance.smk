"""States of persons by clips about the frame: instance_context, instance_person, instance_roi."""


rule train_instance:
    input:
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=lambda wildcards: weights_of("states", wildcards.method, "train"),
        frames=tables("results/frames/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
        init=lambda wildcards: initial_model(wildcards.method),
        tracked=lambda wildcards: tracks_of(
            wildcards.method, tables("results/tracks/persons/{shard}.parquet", "train")
        ),
        keypoints=lambda wildcards: tracks_of(
            wildcards.method,
            tables("results/tracks/keypoints/{shard}.parquet", "train"),
        ),
    output:
        directory("results/states/{method}/model"),
    log:
        "logs/train_instance/{method}.log",
    benchmark:
        "results/benchmarks/train_instance/{method}.tsv"
    wildcard_constraints:
        method="|".join(methods.of_kind("instance")),
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
        init=lambda wildcards, input: f"--init {input.init}" if input.init else "",
        tracks=lambda wildcards, input: (
            f"--tracked {input.tracked} --keypoints {input.keypoints}"
            if input.tracked
            else ""
        ),
        settings=lambda wildcards: settings("states", wildcards.method, "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_instance.py"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q} {params.init}"
        " {params.tracks}"
        " --settings {params.settings:q} --stage train_{wildcards.method}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_instance:
    input:
        model="results/states/{method}/model",
        persons=PERSONS,
        parts=PARTS,
        tracked=lambda wildcards: tracks_of(
            wildcards.method, "results/tracks/persons/{shard}.parquet"
        ),
        keypoints=lambda wildcards: tracks_of(
            wildcards.method, "results/tracks/keypoints/{shard}.parquet"
        ),
        own=lambda wildcards: tracks_of(
            wildcards.method, "results/pose/{shard}.parquet"
        ),
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        "results/states/{method}/{shard}.parquet",
    log:
        "logs/predict_instance/{method}/{shard}.log",
    benchmark:
        "results/benchmarks/predict_instance/{method}/{shard}.tsv"
    wildcard_constraints:
        method="|".join(methods.of_kind("instance")),
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
        tracks=lambda wildcards, input: (
            f"--tracked {input.tracked} --keypoints {input.keypoints} --own {input.own}"
            if input.tracked
            else ""
        ),
        settings=lambda wildcards: settings("states", wildcards.method, "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_instance.py"
        " --model {input.model:q} --persons {input.persons:q} --parts {input.parts:q}"
        " --frames {input.frames:q} --vocabulary {input.vocabulary:q}"
        " --cache {params.cache:q} {params.tracks} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
