"""A row of the parser's ablation, and that its variants are settings that there are."""

from pathlib import Path

import yaml

from benchmarks.checkout import ROOT
from benchmarks.parser.ablation import ALONE, VARIANTS, measure
from partparse.planning.config_files import merge
from partparse.planning.settings import check_config

SCORES = "method,split,video,action,predicted,psc,correct,value\n"
PARTS = "method,split,part,truth_parts,person_matched,box_hit,state_given_box,correct\n"
FOUND = "stage,variant,part,measure,value,count\n"


def write_run(folder: Path, pscs: list[float]) -> Path:
    """What a run has of test, with the parser's PSC of each video; its first action is right."""
    scores, detection = folder / "results/scores/test", folder / "results/detection"
    scores.mkdir(parents=True)
    detection.mkdir()
    rows = [f"parser,test,v{n},a,a,{psc},{int(n == 0)},0\n" for n, psc in enumerate(pscs)]
    (scores / "parser.csv").write_text(SCORES + "".join(rows))
    (scores / "parser_parts.csv").write_text(PARTS + "parser,test,all,9,1,0.75,0.625,0.5\n")
    found = "parts,parser,all,recall@0.3,0.75,9\nparts,parser,head,recall@0.3,1,1\n"
    (detection / "test.csv").write_text(FOUND + found + "pose,,all,PCK@0.1,0.875,9\n")
    return folder


def test_a_row_has_the_difference_to_the_whole_parser(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "whole", [0.5, 0.3])
    less = write_run(tmp_path / "less", [0.4, 0.2])
    shares = ["0.750", "0.625", "0.875", "0.500"]
    assert measure("whole", whole, whole) == ["0.400", "", *shares, ""]
    assert measure("less", less, whole) == ["0.300", "-0.100 [-0.100, -0.100]", *shares, ""]


def test_the_variants_are_settings() -> None:
    config = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    variants = yaml.safe_load(VARIANTS.read_text("utf-8"))
    assert variants
    for changed in variants.values():
        assert merge(config, changed) != config
        check_config(merge(merge(config, ALONE), changed))
