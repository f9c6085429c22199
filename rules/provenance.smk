"""What the results of the run came from."""


use rule short_stage as record_run with:
    input:
        **given("videos", "annotations", "objects", "truth", splits=SPLITS),
        vocabulary="results/vocabulary.json",
        submission=rules.write_submission.output,
        scores="results/scores.csv",
    output:
        report(
            "results/run.json",
            caption="captions/provenance.rst",
            category="Data",
            labels={"figure": "What the run came from, for programs"},
        ),
    log:
        "logs/record_run.log",
    localrule: True
    params:
        **arguments(
            "record_run",
            root=ROOT,
            # another commit has the record made again, and nothing else
            commit=lambda wildcards: commit_of(BASE),
            config=settings(),
        ),


use rule short_stage as write_provenance with:
    input:
        record="results/run.json",
    output:
        PAGES["provenance.html"],
    log:
        "logs/write_provenance.log",
    localrule: True
    params:
        **arguments("write_provenance"),
