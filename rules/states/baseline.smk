"""States and actions by the official baseline: features of part, human, object and image."""


include: "../objects.smk"


rule train_baseline:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        objects=tables("results/dataset/objects/{shard}.parquet", "train"),
        weights=weights_of("states", "baseline", "train"),
        frames=tables("results/frames/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
        tsn=f"results/actions/{config['states']['baseline']['tsn']}/model",
    output:
        directory("results/states/baseline/model"),
    log:
        "logs/train_baseline.log",
    benchmark:
        "results/benchmarks/train_baseline.tsv"
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
        settings=settings("states", "baseline", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_baseline.py"
        " --videos {input.videos:q} --annotations {input.annotations:q}"
        " --objects {input.objects:q} --frames {input.frames:q}"
        " --vocabulary {input.vocabulary:q} --tsn {input.tsn:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --version {params.version} --threads {params.threads}"
        " --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_baseline:
    input:
        model="results/states/baseline/model",
        persons=PERSONS,
        parts=PARTS,
        objects=OBJECTS,
        frames="results/frames/{shard}.parquet",
        vocabulary="results/vocabulary.json",
    output:
        states="results/states/baseline/{shard}.parquet",
        actions="results/actions/baseline/{shard}.parquet",
    log:
        "logs/predict_baseline/{shard}.log",
    benchmark:
        "results/benchmarks/predict_baseline/{shard}.tsv"
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
        stride=STRIDE,
        settings=settings("states", "baseline", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/predict_baseline.py"
        " --model {input.model:q} --frames {input.frames:q}"
        " --persons {input.persons:q} --parts {input.parts:q} --objects {input.objects:q}"
        " --vocabulary {input.vocabulary:q} --cache {params.cache:q}"
        " --stride {params.stride} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --states-out {output.states:q} --actions-out {output.actions:q}"
        " 2> >(tee {log:q} >&2)"
