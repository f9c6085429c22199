"""States by a detector of (part, state) pairs, on persons and parts of its own."""


rule train_onestage:
    input:
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=weights_of("states", "onestage", "train"),
        init=["results/persons/model"] if config["states"]["onestage"]["init"] else [],
        frames=tables("results/frames/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
    output:
        directory("results/states/onestage/model"),
    log:
        "logs/train_onestage.log",
    benchmark:
        "results/benchmarks/train_onestage.tsv"
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
        settings=settings("states", "onestage", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_onestage.py"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} {params.init} --cache {params.cache:q}"
        " --settings {params.settings:q} --version {params.version} --threads {params.threads}"
        " --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_onestage:
    input:
        model="results/states/onestage/model",
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        persons="results/onestage/persons/{shard}.parquet",
        parts="results/onestage/parts/{shard}.parquet",
        states="results/states/onestage/{shard}.parquet",
    log:
        "logs/predict_onestage/{shard}.log",
    benchmark:
        "results/benchmarks/predict_onestage/{shard}.tsv"
    conda:
        "../../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=3,
        threads=THREADS,
        cache=frames_folder,
        stride=STRIDE,
        settings=settings("states", "onestage", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_onestage.py"
        " --model {input.model:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --stride {params.stride} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --persons-out {output.persons:q} --parts-out {output.parts:q}"
        " --states-out {output.states:q}"
        " 2> >(tee {log:q} >&2)"
