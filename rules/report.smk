"""What people look at. `snakemake --report results/report.html` joins it to one page."""


report: os.path.abspath("results/report/front_page.rst")


FIGURES = {
    "ladder": ("Scores", "Ladder of methods"),
    "oracles": ("Scores", "Oracle ladder: the next point"),
    "threshold_curve": ("Scores", "The score as an area"),
    "psc_distribution": ("Scores", "PSC of the videos"),
    "part_accuracy": ("States", "Parts by method"),
    "state_accuracy": ("States", "States by action and part"),
    "choice": ("States", "Methods by action"),
    "action_confusion": ("Actions", "Confusion of actions"),
}
OVERLAYS = config["report"]["overlays"]
GALLERY = config["report"]["gallery"]
SCORED = SCORED_SPLITS[-1]  # the figures that are of one split alone are of this one


rule write_front_page:
    input:
        scores="results/scores.csv",
        videos=f"results/scores/{SCORED}/{FINAL}.csv",
        oracles=f"results/oracles/{SCORED}.csv",
        choice="results/ensemble/choice.csv",
        frames=tables("results/frames/{shard}.parquet", *SPLITS),
    output:
        "results/report/front_page.rst",
    log:
        "logs/write_front_page.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        data_set=(
            "the embedded data set of drawn persons"
            if IS_DEMO
            else ROOT.resolve().name
        ),
        final=FINAL,
    shell:
        f"{PYTHON} {SCRIPTS}/write_front_page.py"
        " --data-set {params.data_set:q} --scores {input.scores:q} --videos {input.videos:q}"
        " --oracles {input.oracles:q} --choice {input.choice:q} --frames {input.frames:q}"
        " --final {params.final} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


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
        actions=f"results/scores/{SCORED}/{FINAL}_actions.csv",
        oracles=expand("results/oracles/{split}.csv", split=SCORED_SPLITS),
        choice="results/ensemble/choice.csv",
    output:
        **{
            name: report(
                f"results/report/{name}.svg",
                caption=f"captions/{name}.rst",
                category=category,
                labels={"figure": title},
            )
            for name, (category, title) in FIGURES.items()
        },
    log:
        "logs/draw_report.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
        final=FINAL,
        split=SCORED,
    shell:
        f"{PYTHON} {SCRIPTS}/draw_report.py"
        " --scores {input.scores:q} --videos {input.videos:q}"
        " --parts {input.parts:q} --actions {input.actions:q} --oracles {input.oracles:q}"
        " --choice {input.choice:q} --final {params.final} --split {params.split}"
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
            labels={"figure": "Reliability"},
        ),
        expected=report(
            "results/report/expected_psc.svg",
            caption="captions/expected_psc.rst",
            category="Decision",
            labels={"figure": "PSC expected and obtained"},
        ),
        weights=report(
            "results/report/weights.svg",
            caption="captions/weights.rst",
            category="Decision",
            labels={"figure": "Weights of the methods"},
        ),
        chosen=report(
            "results/report/decision.html",
            caption="captions/decision.rst",
            category="Decision",
            labels={"figure": "What the decision chose"},
        ),
    log:
        "logs/draw_decision.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
    shell:
        f"{PYTHON} {SCRIPTS}/draw_decision.py"
        " --model {input.model:q} --expected {input.expected:q} --videos {input.videos:q}"
        " --reliability-out {output.reliability:q} --expected-out {output.expected:q}"
        " --weights-out {output.weights:q} --chosen-out {output.chosen:q}"
        " 2> >(tee {log:q} >&2)"


rule draw_steps:
    input:
        "results/ladder.csv",
    output:
        report(
            "results/report/steps.svg",
            caption="captions/steps.rst",
            category="Decision",
            labels={"figure": "What each step adds"},
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


rule draw_detection:
    input:
        "results/detection/curves/val.csv",
    output:
        report(
            "results/report/detection.svg",
            caption="captions/detection.rst",
            category="Detection",
            labels={"figure": "Precision and recall"},
        ),
    log:
        "logs/draw_detection.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
    shell:
        f"{PYTHON} {SCRIPTS}/draw_detection.py"
        " --curves {input:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule draw_trainings:
    input:
        trained_models().values(),
    output:
        report(
            "results/report/trainings.svg",
            caption="captions/trainings.rst",
            category="Training",
            labels={"figure": "Training curves"},
        ),
    log:
        "logs/draw_trainings.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        models=lambda wildcards, input: name_files(trained_models(), input),
    shell:
        f"{PYTHON} {SCRIPTS}/draw_trainings.py"
        " --models {params.models:q} --out {output:q}"
        " 2> >(tee {log:q} >&2)"


rule write_gallery:
    input:
        videos=f"results/scores/{SCORED}/{FINAL}.csv",
        parses=tables(f"results/parses/{FINAL}/" + "{shard}.parquet", SCORED),
        annotations=tables("results/dataset/annotations/{shard}.parquet", SCORED),
        frames=tables("results/frames/{shard}.parquet", SCORED),
    output:
        report(
            "results/report/gallery.html",
            caption="captions/gallery.rst",
            category="Videos",
            labels={"figure": "Best, median, worst"},
        ),
    log:
        "logs/write_gallery.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
        cache=frames_folder,
        stride=STRIDE,
        method=FINAL,
        split=SCORED,
        each=GALLERY["videos"],
        pictures=GALLERY["frames"],
        persons=OVERLAYS["persons"],
        score=OVERLAYS["score"],
    shell:
        f"{PYTHON} {SCRIPTS}/write_gallery.py"
        " --videos {input.videos:q} --method {params.method} --split {params.split}"
        " --parses {input.parses:q} --annotations {input.annotations:q}"
        " --frames {input.frames:q} --cache {params.cache:q} --stride {params.stride}"
        " --count {params.each} --pictures {params.pictures}"
        " --persons {params.persons} --score {params.score} --out {output:q}"
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
            category="Videos",
            labels={"figure": "Frame {place}"},
        ),
    log:
        "logs/draw_overlays.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    params:
        version=2,
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
        flow=tables("results/flow/{shard}.parquet", *SPLITS) if USES_FLOW else [],
    output:
        report(
            "results/report/problems.html",
            caption="captions/problems.rst",
            category="Data",
            labels={"figure": "Videos with problems"},
        ),
    log:
        "logs/write_problems.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=2,
        flow=lambda wildcards, input: f"--flow {input.flow}" if USES_FLOW else "",
    shell:
        f"{PYTHON} {SCRIPTS}/write_problems.py"
        " --frames {input.frames:q} {params.flow} --out {output:q}"
        " 2> >(tee {log:q} >&2)"
