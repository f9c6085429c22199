"""The bodies, their motions and the states read off them."""

from dataclasses import replace

import numpy as np
import pytest

from partparse.demo.body import TORSO, Body, load_rig
from partparse.demo.motions import MOTIONS
from partparse.demo.plan import DEMO_ACTIONS
from partparse.demo.pose import MIRROR, Pose, Reach
from partparse.demo.states import STATES, part_states, without_flicker
from partparse.demo.style import Style
from partparse.vocabulary import KEYPOINTS, PARTS, swap_order, swap_side

FRAMES = 12


def style(variant: int, seed: int = 0) -> Style:
    return Style(FRAMES, variant, 2.0, 0.1, 1.0, np.random.default_rng(seed))


def test_every_part_has_faces() -> None:
    assert set(load_rig().face_parts) == {*range(len(PARTS)), TORSO}


def test_neutral_pose_stands_on_the_floor_with_hanging_arms() -> None:
    body = Body(3)
    solved = body.solve(Pose.neutral(1, body.hip_height))
    points = dict(zip(KEYPOINTS, solved.keypoints[0], strict=True))
    assert abs(solved.vertices[..., 2].min()) < 0.03
    assert points["left_wrist"][0] > 0 > points["right_wrist"][0]
    assert points["left_wrist"][2] < points["left_elbow"][2] < points["left_shoulder"][2]
    assert points["nose"][1] < points["left_ear"][1]


def test_flexed_joints_bend_as_people_do() -> None:
    body = Body(3)
    pose = Pose.neutral(1, body.hip_height)
    right_angle = np.array([90.0])
    left, right = (
        replace(side, elbow=right_angle, knee=right_angle) for side in (pose.left, pose.right)
    )
    pose = replace(pose, left=left, right=right)
    points = dict(zip(KEYPOINTS, body.solve(pose).keypoints[0], strict=True))
    assert points["left_wrist"][1] < points["left_elbow"][1] - 0.15  # forearms go forward
    assert points["right_ankle"][1] > points["right_knee"][1] + 0.25  # shanks go back


def test_a_reached_point_is_reached_and_the_elbow_points_to_the_pole() -> None:
    body = Body(5)
    pose = Pose.neutral(1, body.hip_height)
    target = body.joint(pose, "upperarm01.L") + np.array([0.1, -0.3, 0.05])
    reach = Reach(target, np.array([0.0, 0.0, -1.0]))
    pose = replace(pose, left=replace(pose.left, wrist=reach))
    assert body.joint(pose, "wrist.L") == pytest.approx(target, abs=1e-6)
    elbow, start = body.joint(pose, "lowerarm01.L"), body.joint(pose, "upperarm01.L")
    assert elbow[0, 2] < (start[0, 2] + target[0, 2]) / 2


@pytest.mark.parametrize("action", DEMO_ACTIONS)
def test_mirroring_a_motion_swaps_left_and_right(action: str) -> None:
    body = Body(0 if action == "crawling_baby" else 4)
    motion = MOTIONS[action](body, style(0))
    mirrored = motion.mirrored()
    seen, reflected = body.solve(motion.pose), body.solve(mirrored.pose)
    expected = seen.keypoints[:, swap_order(KEYPOINTS)] * MIRROR
    assert reflected.keypoints == pytest.approx(expected, abs=0.035)  # the mesh is not quite even
    states = part_states(body, motion, seen, 10)
    other = part_states(body, mirrored, reflected, 10)
    for part in PARTS:
        agreed = states[part] == other[swap_side(part)]
        assert agreed.mean() > 0.9, part  # a threshold may fall between the two


@pytest.mark.parametrize("action", DEMO_ACTIONS)
@pytest.mark.parametrize("variant", range(3))
def test_bodies_stay_above_the_floor_and_states_in_the_vocabulary(
    action: str, variant: int
) -> None:
    body = Body(0, 0.6, 1.35) if action == "crawling_baby" else Body(7)
    motion = MOTIONS[action](body, style(variant))
    solved = body.solve(motion.pose)
    assert solved.vertices[..., 2].min() > -0.07
    states = part_states(body, motion, solved, 10)
    assert set(states) == set(PARTS)
    assert {str(name) for names in states.values() for name in names} <= set(STATES)


def test_single_frames_do_not_flicker() -> None:
    assert without_flicker(np.array(["a", "a", "b", "a", "c", "c"])).tolist() == list("aaaacc")
