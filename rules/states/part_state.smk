"""States of one frame's parts: the net of the winner of 2021."""


rule train_part_state:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=weights_of("states", "part_state", "train"),
        frames=tables("results/frames/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
    output:
        directory("results/states/part_state/model"),
    log:
        "logs/train_part_state.log",
    benchmark:
        "results/benchmarks/train_part_state.tsv"
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
        settings=settings("states", "part_state", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_part_state.py"
        " --videos {input.videos:q} --annotations {input.annotations:q}"
        " --frames {input.frames:q} --vocabulary {input.vocabulary:q}"
        " --cache {params.cache:q} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_part_state:
    input:
        model="results/states/part_state/model",
        persons=PERSONS,
        parts=PARTS,
        actions=ACTIONS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        "results/states/part_state/{shard}.parquet",
    log:
        "logs/predict_part_state/{shard}.log",
    benchmark:
        "results/benchmarks/predict_part_state/{shard}.tsv"
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
        settings=settings("states", "part_state", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_part_state.py"
        " --model {input.model:q} --persons {input.persons:q} --parts {input.parts:q}"
        " --actions {input.actions:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --version {params.version}"
        " --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
