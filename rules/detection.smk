"""Where persons and their parts are: detectors, pose, pose-guided parts."""


use rule network_stage as train_persons with:
    input:
        weights_of("persons", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        frames=tables("results/frames/{shard}.parquet", "train"),
    output:
        directory("results/persons/model"),
    log:
        "logs/train_persons.log",
    benchmark:
        "results/benchmarks/train_persons.tsv"
    params:
        **arguments("train_persons", settings=settings("persons", "train")),


use rule network_stage as detect_persons with:
    input:
        model="results/persons/model",
        frames="results/frames/{shard}.parquet",
    output:
        "results/persons/{look}/{shard}.parquet",
    log:
        "logs/detect_persons/{look}/{shard}.log",
    benchmark:
        "results/benchmarks/detect_persons/{look}/{shard}.tsv"
    wildcard_constraints:
        look="detected|mirrored",
    params:
        **arguments(
            "detect_persons",
            stride=STRIDE,
            mirrored=lambda wildcards: wildcards.look == "mirrored",
            settings=settings("persons", "predict"),
        ),


if USES_POSE:

    rule train_pose:
        input:
            videos=tables("results/dataset/videos/{shard}.parquet", "train"),
            annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
            weights=weights_of("pose", "train"),
            frames=tables("results/frames/{shard}.parquet", "train"),
        output:
            directory("results/pose/model"),
        log:
            "logs/train_pose.log",
        benchmark:
            "results/benchmarks/train_pose.tsv"
        conda:
            "../envs/partparse.yaml"
        threads: THREADS
        resources:
            gpu=1,
            mem_mb=MEMORY,
        params:
            version=2,
            threads=THREADS,
            root=ROOT,
            cache=frames_folder,
            settings=settings("pose", "train"),
        shell:
            f"{PYTHON} {SCRIPTS}/train_pose.py"
            " --root {params.root:q} --videos {input.videos:q}"
            " --annotations {input.annotations:q} --frames {input.frames:q}"
            " --cache {params.cache:q} --settings {params.settings:q}"
            " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
            " --out {output:q}"
            " 2> >(tee {log:q} >&2)"

    rule predict_pose:
        input:
            model="results/pose/model",
            persons=lambda wildcards: (
                "results/dataset/annotations/{shard}.parquet"
                if wildcards.shard in shards("train")
                else "results/persons/detected/{shard}.parquet"
            ),
            frames="results/frames/{shard}.parquet",
        output:
            "results/pose/{shard}.parquet",
        log:
            "logs/predict_pose/{shard}.log",
        benchmark:
            "results/benchmarks/predict_pose/{shard}.tsv"
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
            # the part detector learns from annotated persons, and is used on detected ones
            persons=lambda wildcards: (
                "--annotated" if wildcards.shard in shards("train") else ""
            ),
            stride=lambda wildcards: (
                config["parts"]["train"]["frame_stride"]
                if wildcards.shard in shards("train")
                else STRIDE
            ),
            settings=settings("pose", "predict"),
        shell:
            f"{PYTHON} {SCRIPTS}/predict_pose.py"
            " --model {input.model:q} --persons {input.persons:q}"
            " {params.persons} --frames {input.frames:q} --cache {params.cache:q}"
            " --stride {params.stride} --settings {params.settings:q}"
            " --version {params.version} --threads {params.threads} --gpus {resources.gpu}"
            " --out {output:q}"
            " 2> >(tee {log:q} >&2)"

    rule grow_persons:
        input:
            persons="results/persons/detected/{shard}.parquet",
            keypoints="results/pose/{shard}.parquet",
            frames="results/frames/{shard}.parquet",
        output:
            "results/persons/grown/{shard}.parquet",
        log:
            "logs/grow_persons/{shard}.log",
        conda:
            "../envs/partparse.yaml"
        resources:
            mem_mb=MEMORY,
        params:
            version=1,
            settings=settings("parts", "growth"),
        shell:
            f"{PYTHON} {SCRIPTS}/grow_persons.py"
            " --persons {input.persons:q}"
            " --keypoints {input.keypoints:q} --frames {input.frames:q}"
            " --settings {params.settings:q} --out {output:q}"
            " 2> >(tee {log:q} >&2)"


rule train_parts:
    input:
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        weights=weights_of("parts", "train"),
        init=["results/persons/model"] if config["parts"]["init"] else [],
        frames=tables("results/frames/{shard}.parquet", "train"),
        keypoints=lambda wildcards: dots_of(
            wildcards.variant, tables("results/pose/{shard}.parquet", "train")
        ),
    output:
        directory("results/parts/{variant}/model"),
    log:
        "logs/train_parts/{variant}.log",
    benchmark:
        "results/benchmarks/train_parts/{variant}.tsv"
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
        keypoints=lambda wildcards, input: (
            f"--keypoints {input.keypoints}" if wildcards.variant == "dots" else ""
        ),
        init=lambda wildcards, input: f"--init {input.init}" if input.init else "",
        settings=settings("parts", "train"),
    shell:
        f"{PYTHON} {SCRIPTS}/train_parts.py"
        " --annotations {input.annotations:q} --frames {input.frames:q}"
        " {params.keypoints} {params.init} --cache {params.cache:q} --settings {params.settings:q}"
        " --version {params.version} --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule detect_parts:
    input:
        model="results/parts/{variant}/model",
        persons=PERSONS,
        keypoints=lambda wildcards: dots_of(
            wildcards.variant, "results/pose/{shard}.parquet"
        ),
        frames="results/frames/{shard}.parquet",
    output:
        "results/parts/{variant}/{shard}.parquet",
    log:
        "logs/detect_parts/{variant}/{shard}.log",
    benchmark:
        "results/benchmarks/detect_parts/{variant}/{shard}.tsv"
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
        keypoints=lambda wildcards, input: (
            f"--keypoints {input.keypoints}" if wildcards.variant == "dots" else ""
        ),
        mirrored=mirrored_flag,
        settings=settings("parts", "predict"),
    shell:
        f"{PYTHON} {SCRIPTS}/detect_parts.py"
        " --model {input.model:q} --persons {input.persons:q} {params.keypoints}"
        " --frames {input.frames:q} --cache {params.cache:q}"
        " --settings {params.settings:q} --version {params.version} {params.mirrored}"
        " --threads {params.threads} --gpus {resources.gpu} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


use rule detect_parts as detect_mirrored_parts with:
    output:
        "results/parts/{variant}_mirrored/{shard}.parquet",
    log:
        "logs/detect_mirrored_parts/{variant}/{shard}.log",
    benchmark:
        "results/benchmarks/detect_mirrored_parts/{variant}/{shard}.tsv"


rule evaluate_detection:
    input:
        annotations=lambda wildcards: tables(
            "results/dataset/annotations/{shard}.parquet", wildcards.split
        ),
        persons=lambda wildcards: tables(
            "results/persons/detected/{shard}.parquet", wildcards.split
        ),
        grown=lambda wildcards: tables(PERSONS, wildcards.split) if USES_POSE else [],
        keypoints=lambda wildcards: (
            tables("results/pose/{shard}.parquet", wildcards.split)
            if USES_POSE
            else []
        ),
        parts=lambda wildcards: [
            table
            for variant in compared_variants(wildcards.split)
            for table in tables(
                f"results/parts/{variant}/" + "{shard}.parquet", wildcards.split
            )
        ],
    output:
        measures="results/detection/{split}.csv",
        curves="results/detection/curves/{split}.csv",
    log:
        "logs/evaluate_detection/{split}.log",
    benchmark:
        "results/benchmarks/evaluate_detection/{split}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
        root=ROOT,
        stride=STRIDE,
        keypoints=lambda wildcards, input: (
            f"--keypoints {input.keypoints}" if USES_POSE else ""
        ),
        grown=lambda wildcards, input: f"--grown {input.grown}" if USES_POSE else "",
        parts=lambda wildcards, input: name_files(
            [
                variant
                for variant in compared_variants(wildcards.split)
                for _ in shards(wildcards.split)
            ],
            input.parts,
        ),
    shell:
        f"{PYTHON} {SCRIPTS}/evaluate_detection.py"
        " --root {params.root:q}"
        " --annotations {input.annotations:q} --persons {input.persons:q}"
        " {params.grown} {params.keypoints}"
        " --parts {params.parts:q} --stride {params.stride} --out {output.measures:q}"
        " --curves-out {output.curves:q}"
        " 2> >(tee {log:q} >&2)"
