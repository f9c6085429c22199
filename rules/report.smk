"""What people look at. `snakemake --report results/report.html` joins it to one page."""


report: os.path.abspath("results/report/front_page.rst")


# {file: it, under its category and title, with the caption of its name}
PAGES = {
    file: report(
        f"results/report/{file}",
        caption=f"captions/{Path(file).stem}.rst",
        category=category,
        labels={"figure": title},
    )
    for file, category, title in (
        ("ladder.svg", "Scores", "Ladder of methods"),
        ("oracles.svg", "Scores", "Oracle ladder: the next point"),
        ("threshold_curve.svg", "Scores", "The score as an area"),
        ("psc_distribution.svg", "Scores", "PSC of the videos"),
        ("part_accuracy.svg", "States", "Parts by method"),
        ("state_accuracy.svg", "States", "States by action and part"),
        ("choice.svg", "States", "Methods by action"),
        ("action_confusion.svg", "Actions", "Confusion of actions"),
        ("reliability.svg", "Decision", "Reliability"),
        ("expected_psc.svg", "Decision", "PSC expected and obtained"),
        ("weights.svg", "Decision", "Weights of the methods"),
        ("decision.html", "Decision", "What the decision chose"),
        ("steps.svg", "Decision", "What each step adds"),
        ("detection.svg", "Detection", "Precision and recall"),
        ("trainings.svg", "Training", "Training curves"),
        ("gallery.html", "Videos", "Best, median, worst"),
        ("problems.html", "Data", "Videos with problems"),
        ("provenance.html", "Data", "What the run came from"),
    )
}
SCORED = SCORED_SPLITS[-1]  # the figures that are of one split alone are of this one
OVERLAYS = config["report"]["overlays"]
GALLERY = config["report"]["gallery"]
DRAWN = {"persons": OVERLAYS["persons"], "score": OVERLAYS["score"], "stride": STRIDE}


use rule short_stage as write_front_page with:
    input:
        scores="results/scores.csv",
        videos=rules.join_scores.input.videos,
        oracles=f"results/oracles/{SCORED}.csv",
        choice="results/ensemble/choice.csv",
        problems="results/problems.parquet",
    output:
        "results/report/front_page.rst",
    log:
        "logs/write_front_page.log",
    localrule: True
    params:
        **arguments(
            "write_front_page",
            data_set=(
                "the embedded data set of drawn persons" if IS_DEMO else ROOT.resolve().name
            ),
            final=FINAL,
        ),


use rule table_stage as draw_report with:
    input:
        scores="results/scores.csv",
        videos=rules.join_scores.input.videos,
        parts=expand(
            "results/scores/{split}/{method}_parts.csv",
            split=SCORED_SPLITS,
            method=[*METHODS, *ENSEMBLES],
        ),
        actions=f"results/scores/{SCORED}/{FINAL}_actions.csv",
        oracles=rules.join_scores.input.oracles,
        choice="results/ensemble/choice.csv",
    output:
        ladder=PAGES["ladder.svg"],
        oracles=PAGES["oracles.svg"],
        threshold_curve=PAGES["threshold_curve.svg"],
        psc_distribution=PAGES["psc_distribution.svg"],
        part_accuracy=PAGES["part_accuracy.svg"],
        state_accuracy=PAGES["state_accuracy.svg"],
        choice=PAGES["choice.svg"],
        action_confusion=PAGES["action_confusion.svg"],
    log:
        "logs/draw_report.log",
    params:
        **arguments("draw_report", final=FINAL, split=SCORED),


use rule table_stage as draw_decision with:
    input:
        model="results/decision/decide/model",
        expected=tables("results/decision/decide/expected/{shard}.csv", *SCORED_SPLITS),
        videos=expand("results/scores/{split}/decide.csv", split=SCORED_SPLITS),
    output:
        reliability=PAGES["reliability.svg"],
        expected=PAGES["expected_psc.svg"],
        weights=PAGES["weights.svg"],
        chosen=PAGES["decision.html"],
    log:
        "logs/draw_decision.log",
    params:
        **arguments("draw_decision"),


use rule short_stage as draw_steps with:
    input:
        ladder="results/ladder.csv",
    output:
        PAGES["steps.svg"],
    log:
        "logs/draw_steps.log",
    localrule: True
    params:
        **arguments("draw_steps"),


use rule short_stage as draw_detection with:
    input:
        curves="results/detection/curves/val.csv",
    output:
        PAGES["detection.svg"],
    log:
        "logs/draw_detection.log",
    localrule: True
    params:
        **arguments("draw_detection"),


use rule short_stage as draw_trainings with:
    input:
        models=methods.trained_models().values(),
    output:
        PAGES["trainings.svg"],
    log:
        "logs/draw_trainings.log",
    localrule: True
    params:
        **arguments("draw_trainings", of={"models": list(methods.trained_models())}),


use rule table_stage as write_gallery with:
    input:
        **given("annotations", "frames", splits=[SCORED]),
        videos=f"results/scores/{SCORED}/{FINAL}.csv",
        parses=tables(f"results/parses/{FINAL}/{{shard}}.parquet", SCORED),
    output:
        PAGES["gallery.html"],
    log:
        "logs/write_gallery.log",
    params:
        **arguments(
            "write_gallery",
            method=FINAL,
            split=SCORED,
            each=GALLERY["videos"],
            pictures=GALLERY["frames"],
            **DRAWN,
        ),


use rule table_stage as draw_overlays with:
    input:
        **given("annotations", "frames", splits=["test"]),
        parses=tables(f"results/parses/{FINAL}/{{shard}}.parquet", "test"),
        actions=tables(actions_of(FINAL), "test"),
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
    params:
        **arguments("draw_overlays", pictures=OVERLAYS["frames"], **DRAWN),


use rule short_stage as write_problems with:
    input:
        frames=tables("results/frames/{shard}.parquet", *SPLITS),
        flow=(tables("results/flow/{shard}.parquet", *SPLITS) if methods.uses_flow else []),
        problems=problem_tables(methods, data),
    output:
        table="results/problems.parquet",
        page=PAGES["problems.html"],
    log:
        "logs/write_problems.log",
    localrule: True
    params:
        **arguments("write_problems"),
