"""The rungs of the decision's ladder."""

from partparse.planning.ablation import STEPS, plan_rungs, settings_of


def test_each_rung_has_one_step_more():
    rungs = list(plan_rungs().items())
    assert [name for name, _ in rungs][::6] == ["decide_mean", "decide"]
    assert [len(left_out) for _, left_out in rungs] == [6, 5, 4, 3, 2, 1, 0]
    assert rungs[1] == ("decide_calibrate", list(STEPS)[1:])


def test_a_rung_leaves_out_steps_and_nothing_else():
    config = {"calibrate": True, "stack": True, "smooth": True, "boxes": "mbr", "seed": 3}
    assert settings_of("decide", config) == config
    smooth = settings_of("decide_smooth", config)
    assert smooth == config | {"boxes": "first", "slots": False, "joint": False}
