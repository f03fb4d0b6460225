"""Thirty browsers on one server, each with a training of its own at full speed (`make soak`)."""

import psutil
import pytest

from dashboard.crowd import Member, Outcome, try_out


def test_frames_are_on_time_by_what_lies_between_them() -> None:
    member = Member(frames=[1.0, 1.1, 1.2, 1.35, 1.45, 1.5], steps=[0, 10, 10, 30, 40, 50])
    assert member.share_on_time() == pytest.approx(3 / 5)
    assert member.share_moved == pytest.approx(4 / 5)
    assert member.speed == pytest.approx(100.0)
    outcome = Outcome([member], (100_000_000, 130_000_000))
    member.answers += [0.01] * 98 + [0.2, 0.3]
    assert outcome.quantile(0.5) == 0.01
    assert outcome.quantile(0.99) == 0.3
    assert "60.0% in the worst session" in "".join(outcome.lines())


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_thirty_trainings_leave_frames_and_answers_their_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcome = try_out(30, 20.0)
    with capsys.disabled():
        print(f"\n{psutil.cpu_count()} processors")  # noqa: T201
        for line in outcome.lines():
            print(line)  # noqa: T201
    assert min(member.share_on_time() for member in outcome.members) >= 0.9
    assert outcome.quantile(0.99) < 0.25
    before, after = outcome.memory
    assert (after - before) / 30 < 128_000_000
