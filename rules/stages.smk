"""What rules have in common, which they take over by `use rule … as … with`.

A stage that works on tables, one that uses a network, and one so short that it is run where
Snakemake itself runs: each of these says so with `localrule`, which `use rule` does not hand on.
"""


rule table_stage:
    log:
        "logs/table_stage.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=MEMORY,
        # minutes, that schedulers ask for: most need seconds; one that ran out of time gets more
        runtime=lambda wildcards, attempt: 15 * 4**attempt,
    shell:
        RUN


rule network_stage:
    log:
        "logs/network_stage.log",
    conda:
        ENVIRONMENT
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    shell:
        RUN


rule short_stage:
    log:
        "logs/short_stage.log",
    conda:
        ENVIRONMENT
    shell:
        RUN
