"""What people look at. `snakemake --report results/report.html` joins it to one page."""

FIGURES = {
    "ladder": "Scores",
    "oracles": "Scores",
    "threshold_curve": "Scores",
    "part_accuracy": "States",
    "action_confusion": "Actions",
}
OVERLAYS = config["report"]["overlays"]


rule draw_report:
    input:
        scores="results/scores.csv",
        videos=expand(
            "results/scores/{split}/{method}.csv",
            split=SCORED_SPLITS,
            method=[*METHODS, *ENSEMBLES],
        ),
        parts=expand(
            "results/scores/{split}/{method}_parts.csv",
            split=SCORED_SPLITS,
            method=[*METHODS, *ENSEMBLES],
        ),
        oracles=expand("results/oracles/{split}.csv", split=SCORED_SPLITS),
    output:
        **{
            name: report(
                f"results/report/{name}.svg",
                caption=f"captions/{name}.rst",
                category=category,
            )
            for name, category in FIGURES.items()
        },
    log:
        "logs/draw_report.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        final=FINAL,
    shell:
        f"{PYTHON} {SCRIPTS}/draw_report.py"
        " --scores {input.scores:q} --videos {input.videos:q}"
        " --parts {input.parts:q} --oracles {input.oracles:q} --final {params.final}"
        ' --out "$(dirname {output.ladder:q})"'
        " 2> >(tee {log:q} >&2)"


rule draw_decision:
    input:
        model="results/decision/decide/model",
        expected=tables("results/decision/decide/expected/{shard}.csv", *SCORED_SPLITS),
        videos=expand("results/scores/{split}/decide.csv", split=SCORED_SPLITS),
    output:
        reliability=report(
            "results/report/reliability.svg",
            caption="captions/reliability.rst",
            category="Decision",
        ),
        expected=report(
            "results/report/expected_psc.svg",
            caption="captions/expected_psc.rst",
            category="Decision",
        ),
    log:
        "logs/draw_decision.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/draw_decision.py"
        " --model {input.model:q} --expected {input.expected:q} --videos {input.videos:q}"
        " --reliability-out {output.reliability:q} --expected-out {output.expected:q}"
        " 2> >(tee {log:q} >&2)"


rule draw_steps:
    input:
        "results/ladder.csv",
    output:
        report(
            "results/report/steps.svg",
            caption="captions/steps.rst",
            category="Decision",
        ),
    log:
        "logs/draw_steps.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/draw_steps.py"
        " --ladder {input:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule draw_overlays:
    input:
        parses=tables(f"results/parses/{FINAL}/" + "{shard}.parquet", "test"),
        annotations=tables("results/dataset/annotations/{shard}.parquet", "test"),
        actions=tables(actions_of(FINAL), "test"),
        frames=tables("results/frames/{shard}.parquet", "test"),
    output:
        report(
            directory("results/report/overlays"),
            patterns=["{place}.jpg"],
            caption="captions/overlays.rst",
            category="Frames",
        ),
    log:
        "logs/draw_overlays.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=1,
        cache=frames_folder,
        stride=STRIDE,
        pictures=OVERLAYS["frames"],
        persons=OVERLAYS["persons"],
        score=OVERLAYS["score"],
    shell:
        f"{PYTHON} {SCRIPTS}/draw_overlays.py"
        " --parses {input.parses:q}"
        " --annotations {input.annotations:q} --actions {input.actions:q}"
        " --frames {input.frames:q} --cache {params.cache:q} --stride {params.stride}"
        " --count {params.pictures} --persons {params.persons} --score {params.score}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule write_problems:
    input:
        frames=tables("results/frames/{shard}.parquet", *SPLITS),
    output:
        report(
            "results/report/problems.html",
            caption="captions/problems.rst",
            category="Data",
        ),
    log:
        "logs/write_problems.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/write_problems.py"
        " --frames {input.frames:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
