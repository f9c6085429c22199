"""Authored, parameterised motions: one function an action, body and style -> Motion."""

from collections.abc import Callable

from partparse.demo.body import Body
from partparse.demo.motions.base import Hand, Motion
from partparse.demo.motions.floor import crawling_baby, push_up
from partparse.demo.motions.lifting import deadlifting, front_raises, lunge
from partparse.demo.motions.play import idling, juggling_balls, pull_ups, punching_bag
from partparse.demo.style import Style

MOTIONS: dict[str, Callable[[Body, Style], Motion]] = {
    "crawling_baby": crawling_baby,
    "deadlifting": deadlifting,
    "front_raises": front_raises,
    "juggling_balls": juggling_balls,
    "lunge": lunge,
    "pull_ups": pull_ups,
    "punching_bag": punching_bag,
    "push_up": push_up,
}

__all__ = ["MOTIONS", "Hand", "Motion", "idling"]
