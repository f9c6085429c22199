"""States as statistics of the predicted action."""


rule fit_category:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", "train"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "train"),
        vocabulary="results/vocabulary.json",
    output:
        "results/states/category/statistics.parquet",
    log:
        "logs/fit_category.log",
    benchmark:
        "results/benchmarks/fit_category.tsv"
    conda:
        "../../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        settings=settings("states", "category"),
    shell:
        f"{PYTHON} {SCRIPTS}/fit_category.py"
        " --videos {input.videos:q} --annotations {input.annotations:q}"
        " --vocabulary {input.vocabulary:q} --settings {params.settings:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule predict_category:
    input:
        statistics="results/states/category/statistics.parquet",
        actions=ACTIONS,
        parts=PARTS,
        vocabulary="results/vocabulary.json",
    output:
        "results/states/category/{shard}.parquet",
    log:
        "logs/predict_category/{shard}.log",
    benchmark:
        "results/benchmarks/predict_category/{shard}.tsv"
    conda:
        "../../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/predict_category.py"
        " --statistics {input.statistics:q}"
        " --actions {input.actions:q} --parts {input.parts:q}"
        " --vocabulary {input.vocabulary:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
