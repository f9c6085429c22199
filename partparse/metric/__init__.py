"""Part State Correctness (PSC) and the challenge's score, from its JSON objects or our tables.

Persons are matched by `matching.assign`; a part is right where any of its proposals has
IoU >= 0.3 and the true state, and is then worth one over the number of its proposals. A frame
scores its parts' worth over its true parts, a video (its PSC) the mean over the frames that
count. Both ways of input are flattened to arrays once (`result_objects`, `rows`) and share the rest
(`psc`); files are read a few videos at a time (`result_files`).

Source: the evaluator of the Kinetics-TPS challenge (ICCV DeeperAction 2021 and 2022), whose
numbers this reproduces, down to the order of summation.
"""
