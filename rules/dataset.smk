"""From the folder of videos to tables and frames."""

# what is not set isn't passed: a run would begin anew where it was
HELD_OUT = {
    name: config["dataset"][name]
    for name in (
        ["val_share"] if config["dataset"]["val_folds"] is None else ["val_folds", "val_fold"]
    )
}


use rule short_stage as list_shard with:
    input:
        DEMO_STAMP,
    output:
        "results/shards/{shard}.csv",
    log:
        "logs/list_shard/{shard}.log",
    localrule: True
    params:
        lambda wildcards: data.shards[wildcards.shard],
        **arguments(
            "list_shard",
            root=ROOT,
            shard=lambda wildcards: wildcards.shard,
            **HELD_OUT,
            seed=config["dataset"]["seed"],
            # not those of the other splits: training goes on where those of test change
            shards=lambda wildcards: config["dataset"]["shards"][wildcards.shard.split("-")[0]],
        ),


use rule table_stage as read_dataset with:
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
    params:
        # the labels of the test videos may arrive later
        lambda wildcards: data.has_test_truth or wildcards.shard not in shards("test"),
        **arguments("read_dataset", root=ROOT),


use rule table_stage as extract_frames with:
    input:
        videos="results/dataset/videos/{shard}.parquet",
    output:
        frames="results/frames/{shard}.parquet",
        times="results/times/{shard}.parquet",
    log:
        "logs/extract_frames/{shard}.log",
    benchmark:
        "results/benchmarks/extract_frames/{shard}.tsv"
    threads: THREADS
    resources:
        mem_mb=MEMORY,  # for as long as a network may have
    params:
        **arguments(
            "extract_frames",
            root=ROOT,
            settings=json.dumps({"jpeg_quality": config["frames"]["jpeg_quality"]}),
        ),


if not TEST_ONLY:

    use rule short_stage as read_vocabulary with:
        input:
            DEMO_STAMP,
        output:
            "results/vocabulary.json",
        log:
            "logs/read_vocabulary.log",
        localrule: True
        params:
            data.vocabulary_source(),
            **arguments("read_vocabulary", root=ROOT),


if IS_DEMO:

    use rule table_stage as make_demo with:
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
        threads: 8
        params:
            **arguments("make_demo", "demo", root=ROOT),
