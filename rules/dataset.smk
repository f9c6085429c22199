"""From the folder of videos to tables and frames."""

if IS_DEMO:

    rule make_demo:
        output:
            statistics="results/demo.json",
            sheet=report(
                "results/demo_contact_sheet.jpg",
                caption="captions/demo_contact_sheet.rst",
                category="Data",
                labels={"figure": "Contact sheet"},
            ),
        log:
            "logs/make_demo.log",
        benchmark:
            "results/benchmarks/make_demo.tsv"
        conda:
            "../envs/partparse.yaml"
        threads: 8
        resources:
            mem_mb=MEMORY,
        params:
            version=1,
            root=ROOT,
            settings=settings("demo"),
        shell:
            f"{PYTHON} {SCRIPTS}/make_demo.py"
            " --root {params.root:q} --settings {params.settings:q}"
            " --version {params.version} --threads {threads}"
            " --out {output.statistics:q} --contact-sheet {output.sheet:q}"
            " 2> >(tee {log:q} >&2)"


rule list_shard:
    input:
        DEMO_STAMP,
    output:
        "results/shards/{shard}.csv",
    log:
        "logs/list_shard/{shard}.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        ids=lambda wildcards: SHARDS[wildcards.shard],
        root=ROOT,
        val_share=config["dataset"]["val_share"],
        seed=config["dataset"]["seed"],
        # not those of the other splits: training goes on where those of test change
        shards=lambda wildcards: config["dataset"]["shards"][
            wildcards.shard.split("-")[0]
        ],
    shell:
        f"{PYTHON} {SCRIPTS}/list_shard.py"
        " --root {params.root:q} --shard {wildcards.shard}"
        " --val-share {params.val_share} --seed {params.seed} --count {params.shards}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule read_vocabulary:
    input:
        DEMO_STAMP,
    output:
        "results/vocabulary.json",
    log:
        "logs/read_vocabulary.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        root=ROOT,
        source=identify_vocabulary(),
    shell:
        f"{PYTHON} {SCRIPTS}/read_vocabulary.py"
        " --root {params.root:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule read_dataset:
    input:
        shard_list="results/shards/{shard}.csv",
        vocabulary="results/vocabulary.json",
    output:
        videos="results/dataset/videos/{shard}.parquet",
        annotations="results/dataset/annotations/{shard}.parquet",
        objects="results/dataset/objects/{shard}.parquet",
        truth="results/dataset/truth/{shard}.parquet",
    log:
        "logs/read_dataset/{shard}.log",
    benchmark:
        "results/benchmarks/read_dataset/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        root=ROOT,
        # the labels of the test videos may arrive later
        has_truth=lambda wildcards: HAS_TEST_TRUTH
        or wildcards.shard not in shards("test"),
    shell:
        f"{PYTHON} {SCRIPTS}/read_dataset.py"
        " --root {params.root:q} --shard-list {input.shard_list:q}"
        " --vocabulary {input.vocabulary:q} --videos {output.videos:q}"
        " --annotations {output.annotations:q} --objects {output.objects:q}"
        " --truth {output.truth:q}"
        " 2> >(tee {log:q} >&2)"


rule extract_frames:
    input:
        videos="results/dataset/videos/{shard}.parquet",
    output:
        "results/frames/{shard}.parquet",
    log:
        "logs/extract_frames/{shard}.log",
    benchmark:
        "results/benchmarks/extract_frames/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        root=ROOT,
        cache=lambda wildcards, output: os.path.dirname(output[0]),
        settings=json.dumps({"jpeg_quality": config["frames"]["jpeg_quality"]}),
    shell:
        f"{PYTHON} {SCRIPTS}/extract_frames.py"
        " --root {params.root:q} --videos {input.videos:q}"
        " --cache {params.cache:q} --settings {params.settings:q}"
        " --version {params.version} --threads {threads} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
