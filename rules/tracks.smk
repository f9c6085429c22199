"""Persons linked over frames, with keypoints where pose is used; run where a method asks."""


use rule network_stage as detect_between with:
    input:
        model="results/persons/model",
        frames="results/frames/{shard}.parquet",
    output:
        "results/tracks/detected/{shard}.parquet",
        problems=problems_of("tracks/detected"),
    log:
        "logs/detect_between/{shard}.log",
    benchmark:
        "results/benchmarks/detect_between/{shard}.tsv"
    params:
        **arguments(
            "detect_persons",
            stride=config["tracks"]["frame_stride"],
            settings=json.dumps(
                config["persons"]["predict"] | {"score": config["tracks"]["score"]}, sort_keys=True
            ),
        ),


use rule table_stage as track_persons with:
    input:
        # scored frames first: where both have a frame, its persons keep their numbers
        persons=lambda wildcards: (
            f"results/dataset/annotations/{videos_of(wildcards)}.parquet"
            if is_annotated(wildcards)
            else [
                "results/persons/detected/{shard}.parquet",
                "results/tracks/detected/{shard}.parquet",
            ]
        ),
    output:
        "results/tracks/persons/{shard}.parquet",
        problems=problems_of("tracks/persons"),
    log:
        "logs/track_persons/{shard}.log",
    benchmark:
        "results/benchmarks/track_persons/{shard}.tsv"
    params:
        **arguments("track_persons", "tracks", annotated=is_annotated),


use rule network_stage as predict_tracked_pose with:
    input:
        model="results/pose/model",
        persons="results/tracks/persons/{shard}.parquet",
        frames=lambda wildcards: f"results/frames/{videos_of(wildcards)}.parquet",
    output:
        "results/tracks/keypoints/{shard}.parquet",
        problems=problems_of("tracks/keypoints"),
    log:
        "logs/predict_tracked_pose/{shard}.log",
    benchmark:
        "results/benchmarks/predict_tracked_pose/{shard}.tsv"
    params:
        **arguments(
            "predict_pose",
            "pose.predict",
            # every annotated frame is tracked, every detected one is wanted
            stride=lambda wildcards: (
                config["tracks"]["frame_stride"] if is_annotated(wildcards) else 1
            ),
        ),
