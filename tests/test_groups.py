import dataclasses
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from seq2seq.groups import OptionGroup, as_json, changeable, defaults, may_change


@dataclasses.dataclass(frozen=True, kw_only=True)
class Noise(OptionGroup):
    GROUP: ClassVar[str] = "noise"
    RANGES: ClassVar[dict] = {"level": (0, 10), "updates": (0, 1000)}
    POSITIVE: ClassVar[tuple] = ("max_scale",)
    BELOW_1: ClassVar[tuple] = ("share",)
    SWITCH: ClassVar[str] = "kind"
    SHARES: ClassVar[tuple] = ("updates",)

    kind: Literal["none", "white", "pink"] = "none"
    level: int = 1
    max_scale: float = 1.0
    share: float = 0.0
    updates: float = 0.5
    shown: int = may_change(3)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(OptionGroup):
    folder: Path = may_change(dataclasses.MISSING)
    seed: int = 1
    noise: Noise = Noise()
    files: Noise = may_change(Noise())


@pytest.mark.parametrize(
    "options, message",
    [
        ({"kind": "brown"}, "--noise.kind is 'brown'; it has to be one of none, white, pink"),
        ({"level": 11}, "--noise.level is 11; it has to be between 0 and 10"),
        ({"max_scale": 0.0}, "--noise.max-scale is 0.0; it has to be greater than 0"),
        ({"max_scale": float("inf")}, "--noise.max-scale is inf"),
        ({"share": 1.0}, "--noise.share is 1.0; it has to be at least 0 and below 1"),
        ({"level": float("nan")}, "--noise.level is nan"),
        ({"kind": "none", "level": 2}, "--noise.level has no effect while --noise.kind is none. Give --noise.kind too"),
    ],
)
def test_a_group_refuses_what_makes_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        Noise(**{"kind": "white", **options})


def test_a_share_becomes_updates_when_the_plan_is_known():
    assert Noise(kind="white").with_plan(200).updates == 100
    assert Noise(kind="white", updates=30).with_plan(200).updates == 30
    assert Noise().with_plan(None) == Noise()  # switched off, so no share of anything


def test_json_names_options_by_their_group():
    values = as_json(Options(folder=Path("x"), noise=Noise(kind="pink")))
    assert values["folder"] == "x" and values["seed"] == 1 and values["noise.kind"] == "pink"
    assert defaults(Options)["noise.kind"] == "none" and "folder" not in defaults(Options)


def test_options_or_whole_groups_may_change():
    assert changeable(Options) == {"folder", "files", "noise.shown"}
