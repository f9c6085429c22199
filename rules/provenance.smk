"""What the results of the run came from."""


rule record_run:
    input:
        videos=tables("results/dataset/videos/{shard}.parquet", *SPLITS),
        annotations=tables("results/dataset/annotations/{shard}.parquet", *SPLITS),
        objects=tables("results/dataset/objects/{shard}.parquet", *SPLITS),
        truth=tables("results/dataset/truth/{shard}.parquet", *SPLITS),
        vocabulary="results/vocabulary.json",
        submission=rules.write_submission.output,
        scores="results/scores.csv",
    output:
        report(
            "results/run.json",
            caption="captions/run.rst",
            category="Data",
            labels={"figure": "What the run came from, for programs"},
        ),
    log:
        "logs/record_run.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        root=ROOT,
        # another commit has the record made again, and nothing else
        commit=lambda wildcards: commit_argument(),
        config=settings(),
    shell:
        f"{PYTHON} {SCRIPTS}/record_run.py"
        " --root {params.root:q} --videos {input.videos:q}"
        " --annotations {input.annotations:q} --objects {input.objects:q}"
        " --truth {input.truth:q} --vocabulary {input.vocabulary:q}"
        " --submission {input.submission:q} --scores {input.scores:q}"
        " --config {params.config:q} {params.commit} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule write_provenance:
    input:
        "results/run.json",
    output:
        report(
            "results/report/provenance.html",
            caption="captions/run.rst",
            category="Data",
            labels={"figure": "What the run came from"},
        ),
    log:
        "logs/write_provenance.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/write_provenance.py"
        " --record {input:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
