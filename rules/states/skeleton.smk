"""States, and an action, from the keypoints of tracked persons."""


rule train_skeleton:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        frames=tables("results/frames/{shard}.parquet", "train"),
        tracked=tables("results/tracks/persons/{shard}.parquet", "train"),
        keypoints=tables("results/tracks/keypoints/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
    output:
        directory("results/states/skeleton/model"),
    log:
        "logs/train_skeleton.log",
    benchmark:
        "results/benchmarks/train_skeleton.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=1,
        threads=THREADS,
        settings=settings("states", "skeleton", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_skeleton.py"
        " --videos {input.videos:q} --annotations {input.annotations:q}"
        " --frames {input.frames:q} --tracked {input.tracked:q}"
        " --keypoints {input.keypoints:q} --vocabulary {input.vocabulary:q}"
        " --settings {params.settings:q} --version {params.version} --threads {params.threads}"
        " --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_skeleton:
    input:
        model="results/states/skeleton/model",
        persons=PERSONS,
        parts=PARTS,
        own="results/pose/{shard}.parquet",
        tracked="results/tracks/persons/{shard}.parquet",
        keypoints="results/tracks/keypoints/{shard}.parquet",
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        states="results/states/skeleton/{shard}.parquet",
        actions="results/actions/skeleton/{shard}.parquet",
    log:
        "logs/predict_skeleton/{shard}.log",
    benchmark:
        "results/benchmarks/predict_skeleton/{shard}.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=1,
        threads=THREADS,
        settings=settings("states", "skeleton", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_skeleton.py"
        " --model {input.model:q} --persons {input.persons:q} --parts {input.parts:q}"
        " --own-keypoints {input.own:q} --tracked {input.tracked:q}"
        " --keypoints {input.keypoints:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --settings {params.settings:q}"
        " --threads {params.threads} --gpus {resources.gpu}"
        " --states-out {output.states:q} --actions-out {output.actions:q}"
        " 2> >(tee {log:q} >&2)"
