"""Part states: a distribution for each part of each person, by each method in methods.states.

A method is whatever writes results/states/METHOD/SHARD.parquet: its rules stand in a file of its
own, its settings in the config, and nothing else needs to know it.
"""


rule fuse_states:
    input:
        lambda wildcards: expand(
            "results/states/{member}/{{shard}}.parquet",
            member=STATES_FUSIONS[wildcards.states_fusion],
        ),
    output:
        "results/states/{states_fusion}/{shard}.parquet",
    log:
        "logs/fuse_states/{states_fusion}/{shard}.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    params:
        version=1,
        members=lambda wildcards: list(STATES_FUSIONS[wildcards.states_fusion]),
        weights=lambda wildcards: settings("fusions", "states", wildcards.states_fusion),
    shell:
        f"{PYTHON} {SCRIPTS}/fuse_states.py"
        " --methods {params.members:q} --states {input:q} --weights {params.weights:q}"
        " --out {output:q}"
        " 2> >(tee {log:q} >&2)"


if "category" in METHODS:

    include: "states/category.smk"


if "onestage" in METHODS:

    include: "states/onestage.smk"


if any(name.split("_")[0] == "group" for name in METHODS):

    include: "states/group.smk"


if {"video", "segment"} & set(METHODS):

    include: "states/clip_labels.smk"


if set(INSTANCE_METHODS) & set(METHODS):

    include: "states/instance.smk"


if "skeleton" in METHODS:

    include: "states/skeleton.smk"


if "baseline" in METHODS:

    include: "states/baseline.smk"


if "part_state" in METHODS:

    include: "states/part_state.smk"
