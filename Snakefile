# From a folder of videos to a scored submission.
#
#   snakemake --cores all --resources gpu=4                  everything that is not yet up to date
#   snakemake --cores all -R detect_persons                  one stage again, and what follows
#   snakemake --cores all --configfile my.yaml --directory runs/a   another data set, kept apart

from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")


configfile: str(Path(workflow.basedir) / "config.yaml")


include: "rules/common.smk"
include: "rules/stages.smk"
include: "rules/methods.smk"
include: "rules/dataset.smk"
include: "rules/flow.smk"
include: "rules/detection.smk"
include: "rules/tracks.smk"
include: "rules/single.smk"
include: "rules/actions.smk"
include: "rules/states.smk"
include: "rules/ensemble.smk"
include: "rules/decision.smk"
include: "rules/parsed.smk"


if not TEST_ONLY:

    include: "rules/submission.smk"
    include: "rules/evaluation.smk"
    include: "rules/report.smk"
    include: "rules/provenance.smk"

    rule all:
        default_target: True
        input:
            "results/submission/submission.zip",
            "results/submission/checked.txt",
            "results/scores.csv",
            [f"results/report/{file}" for file in PAGES if file != "steps.svg"],
            "results/report/front_page.rst",
            "results/report/overlays",
            "results/run.json",
            DAMAGED,
        localrule: True


onsuccess:
    # what each stage has cost so far, whenever it last ran, and which videos it left out
    if not TEST_ONLY and Path("results/benchmarks").is_dir():
        shell(f"{PYTHON} {SCRIPTS}/print_times.py >&2")
    told = {"problems": "results/problems.parquet", "parsed": problems_of("parsed")}
    found = {name: sorted(Path().glob(files.format(shard="*"))) for name, files in told.items()}
    words = [f"--{name} {' '.join(map(str, files))}" for name, files in found.items() if files]
    if not TEST_ONLY and words:
        shell(f"{PYTHON} {SCRIPTS}/print_problems.py {' '.join(words)} >&2")
