"""Part states: a distribution for each part of each person, by each method in methods.states.

A method writes results/states/METHOD/SHARD.parquet. Its folder in partparse/states/ says which
file in rules/states/ has its rules, and nothing else needs to know it.
"""


use rule short_stage as fuse_states with:
    input:
        states=lambda wildcards: expand(
            "results/states/{member}/{{shard}}.parquet",
            member=STATES_FUSIONS[wildcards.states_fusion],
        ),
    output:
        "results/states/{states_fusion}/{shard}.parquet",
        problems=problems_of("states/{states_fusion}"),
    log:
        "logs/fuse_states/{states_fusion}/{shard}.log",
    localrule: True
    params:
        **arguments(
            "fuse_states",
            of={"states": lambda wildcards: list(STATES_FUSIONS[wildcards.states_fusion])},
            weights=lambda wildcards: settings("fusions", "states", wildcards.states_fusion),
        ),


for family in methods.rules:

    include: f"states/{family}.smk"
