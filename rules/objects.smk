"""Where objects are: what the official baseline looks at beside persons and parts."""

OBJECTS = "results/objects/detected/{shard}.parquet"


rule train_objects:
    input:
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        objects=tables("results/dataset/objects/{shard}.parquet", "train"),
        weights=weights_of("objects", "train"),
        init=["results/persons/model"] if config["objects"]["init"] else [],
        frames=tables("results/frames/{shard}.parquet", "train"),
    output:
        directory("results/objects/model"),
    log:
        "logs/train_objects.log",
    benchmark:
        "results/benchmarks/train_objects.tsv"
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
        init=lambda wildcards, input: f"--init {input.init}" if input.init else "",
        settings=settings("objects", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_objects.py"
        " --annotations {input.annotations:q} --objects {input.objects:q}"
        " --frames {input.frames:q} {params.init}"
        " --cache {params.cache:q} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule detect_objects:
    input:
        model="results/objects/model",
        frames="results/frames/{shard}.parquet",
    output:
        OBJECTS,
    log:
        "logs/detect_objects/{shard}.log",
    benchmark:
        "results/benchmarks/detect_objects/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    params:
        version=3,
        threads=THREADS,
        cache=frames_folder,
        stride=STRIDE,
        settings=settings("objects", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/detect_objects.py"
        " --model {input.model:q} --frames {input.frames:q}"
        " --cache {params.cache:q} --stride {params.stride} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
