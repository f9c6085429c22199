"""Optical flow, for the clip networks whose `modality` it is; not run for others."""


rule extract_flow:
    input:
        frames="results/frames/{shard}.parquet",
    output:
        "results/flow/{shard}.parquet",
    log:
        "logs/extract_flow/{shard}.log",
    benchmark:
        "results/benchmarks/extract_flow/{shard}.tsv"
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        cache=frames_folder,
        flow=lambda wildcards, output: os.path.dirname(output[0]),
        settings=settings("flow"),
    shell:
        f"{PYTHON} {SCRIPTS}/extract_flow.py"
        " --frames {input.frames:q} --cache {params.cache:q} --flow {params.flow:q}"
        " --settings {params.settings:q} --version {params.version} --threads {threads}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"
