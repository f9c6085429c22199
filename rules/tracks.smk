"""Persons linked over frames, with keypoints where pose is used; run where a method asks."""


rule detect_between:
    input:
        model="results/persons/model",
        frames="results/frames/{shard}.parquet",
    output:
        "results/tracks/detected/{shard}.parquet",
    log:
        "logs/detect_between/{shard}.log",
    benchmark:
        "results/benchmarks/detect_between/{shard}.tsv"
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
        stride=config["tracks"]["stride"],
        settings=json.dumps(
            config["persons"]["predict"] | {"score": config["tracks"]["score"]},
            sort_keys=True,
        ),
    shell:
        f"{PYTHON} {SCRIPTS}/detect_persons.py"
        " --model {input.model:q} --frames {input.frames:q}"
        " --cache {params.cache:q} --stride {params.stride} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule track_persons:
    input:
        # scored frames first: where both have a frame, its persons keep their numbers
        persons=lambda wildcards: (
            "results/dataset/annotations/{shard}.parquet"
            if wildcards.shard in shards("train")
            else [
                "results/persons/detected/{shard}.parquet",
                "results/tracks/detected/{shard}.parquet",
            ]
        ),
    output:
        "results/tracks/persons/{shard}.parquet",
    log:
        "logs/track_persons/{shard}.log",
    benchmark:
        "results/benchmarks/track_persons/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        # methods learn from annotated persons, and are used on detected ones
        annotated=lambda wildcards: (
            "--annotated" if wildcards.shard in shards("train") else ""
        ),
        settings=settings("tracks"),
    shell:
        f"{PYTHON} {SCRIPTS}/track_persons.py"
        " --persons {input.persons:q} {params.annotated}"
        " --settings {params.settings:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


if USES_POSE:

    rule predict_tracked_pose:
        input:
            model="results/pose/model",
            persons="results/tracks/persons/{shard}.parquet",
            frames="results/frames/{shard}.parquet",
        output:
            "results/tracks/keypoints/{shard}.parquet",
        log:
            "logs/predict_tracked_pose/{shard}.log",
        benchmark:
            "results/benchmarks/predict_tracked_pose/{shard}.tsv"
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
            # every annotated frame is tracked, every detected one is wanted
            stride=lambda wildcards: (
                config["tracks"]["stride"] if wildcards.shard in shards("train") else 1
            ),
            settings=settings("pose", "predict"),
        shell:
            f"{PYTHON} {SCRIPTS}/predict_pose.py"
            " --model {input.model:q} --persons {input.persons:q}"
            " --frames {input.frames:q} --cache {params.cache:q}"
            " --stride {params.stride} --settings {params.settings:q}"
            " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
            " --out {output:q}"
            " 2> >(tee {log:q} >&2)"
