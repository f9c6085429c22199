"""The version of each program of scripts/.

Raise a program's by one when its results change for the same input, be it in a last bit: in its own
lines, or in what it calls. Runs that there are then make its stage again, and those that follow
from it; half-done work of the old version is not gone on with. What changes how long a program
takes, or what it logs, raises nothing. A program that is not listed has version 1.
"""

VERSIONS = {
    "choose_by_category": 2,
    "decide": 7,
    "detect_objects": 3,
    "detect_parts": 3,
    "detect_persons": 3,
    "detect_single": 3,
    "draw_decision": 3,
    "draw_overlays": 2,
    "draw_report": 2,
    "evaluate_detection": 3,
    "extract_frames": 3,
    "fit_decision": 7,
    "join_scores": 2,
    "parse_states": 2,
    "predict_instance": 3,
    "predict_onestage": 3,
    "predict_parser": 5,
    "predict_pose": 3,
    "predict_skeleton": 2,
    "read_dataset": 2,
    "score_parses": 2,
    "train_action": 5,
    "train_baseline": 4,
    "train_clip_labels": 5,
    "train_group": 5,
    "train_instance": 4,
    "train_objects": 4,
    "train_onestage": 4,
    "train_parts": 6,
    "train_part_state": 4,
    "train_parser": 3,
    "train_persons": 4,
    "train_pose": 2,
    "train_single": 4,
    "train_skeleton": 4,
    "vote": 2,
    "write_front_page": 2,
    "write_gallery": 2,
    "write_parsed": 5,
    "write_problems": 2,
}
