"""Parts by a detector of one stage, on whole frames: `single` among the variants of `parts`."""

if "single" in VARIANTS:

    rule train_single:
        input:
            annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
            weights=weights_of("parts", "single", "train"),
            init=["results/persons/model"] if config["parts"]["init"] else [],
            frames=tables("results/frames/{shard}.parquet", "train"),
        output:
            directory("results/parts/single/model"),
        log:
            "logs/train_parts/single.log",
        benchmark:
            "results/benchmarks/train_parts/single.tsv"
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
            settings=settings("parts", "single", "train"),
        shell:
            f"{PYTHON} {SCRIPTS}/train_single.py"
            " --annotations {input.annotations:q} --frames {input.frames:q}"
            " {params.init} --cache {params.cache:q} --settings {params.settings:q}"
            " --version {params.version} --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
            " 2> >(tee {log:q} >&2)"

    rule detect_single:
        input:
            model="results/parts/single/model",
            persons=PERSONS,
            frames="results/frames/{shard}.parquet",
        output:
            "results/parts/single/{shard}.parquet",
        log:
            "logs/detect_parts/single/{shard}.log",
        benchmark:
            "results/benchmarks/detect_parts/single/{shard}.tsv"
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
            settings=settings("parts", "single", "predict"),
        shell:
            f"{PYTHON} {SCRIPTS}/detect_single.py"
            " --model {input.model:q} --persons {input.persons:q}"
            " --frames {input.frames:q} --cache {params.cache:q}"
            " --settings {params.settings:q} --version {params.version}"
            " --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
            " 2> >(tee {log:q} >&2)"
