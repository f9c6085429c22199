"""Part states: a distribution for each part of each person, by each method in methods.states.

A method is whatever writes results/states/METHOD/SHARD.parquet: its rules stand in
rules/states/METHOD.smk, its settings in the config, and nothing else needs to know it.
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


for family in methods.rules:

    include: f"states/{family}.smk"
