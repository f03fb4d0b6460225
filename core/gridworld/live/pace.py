"""How fast: which steps are due by the clock, and how many a second were taken."""

from collections import deque

from gridworld.errors import InvalidValueError
from gridworld.kernels.codes import TRAIL_LENGTH

__all__ = ["MAX_SPEED", "Chunk", "Pace", "Rate", "check_speed"]

MAX_SPEED = 1e9

TICK_S = 0.02
"""Steps of a limited speed are taken together where more than one falls into this time."""

BACKLOG_S = 0.25
"""A speed that the machine cannot reach runs this far behind before the debt is forgiven."""

RATE_WINDOW_S = 1.0

RATE_STEPS = 4
"""A rate is that of so many steps at least."""

CHUNK_S = 0.05
"""A chunk at full speed. Winning the interpreter's lock back costs up to 5 ms a chunk beside a
busy Python thread, so short chunks would be slow; stopping does not wait for a chunk's end."""

MOST_CHUNK = 1 << 32
"""No machine takes so many steps of an agent in a chunk."""


def check_speed(speed: object) -> float | None:
    """Validate a speed in steps a second.

    Raises:
        InvalidValueError: It is neither None nor a number in (0, 1e9].
    """
    if speed is None:
        return None
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= MAX_SPEED:
        raise InvalidValueError(f"speed must be in (0, 1e9] or null, got {speed!r:.80}")
    return float(speed)


class Pace:
    """Which steps are due, by the clock."""

    def __init__(self, speed: float | None, now: float, *, at_once: bool = False) -> None:
        self.speed = speed
        self._taken = 0
        self._origin = now - 1.0 / speed if at_once and speed is not None else now

    def due(self, now: float, most: int) -> int:
        """Steps to take now; counts them as taken."""
        if self.speed is None:
            return most
        owed = int((now - self._origin) * self.speed + 1e-9) - self._taken
        if owed > most and (owed - most) / self.speed > BACKLOG_S:
            self._origin, self._taken = now, 0
            return most
        steps = min(owed, most)
        self._taken += steps
        return steps

    def delay(self, now: float) -> float:
        """Seconds until steps are due: one step, or at high speeds those of a tick."""
        if self.speed is None:
            return 0.0
        steps = max(1, int(self.speed * TICK_S))
        return max(0.0, self._origin + (self._taken + steps) / self.speed - now)


class Chunk:
    """How many steps are taken at once: as many as take a given time."""

    def __init__(self) -> None:
        self.steps = 4096

    def took(self, steps: int, seconds: float, aim: float = CHUNK_S) -> None:
        """Learn from a chunk; from one that was shorter than this there is nothing to learn.

        Args:
            steps: It had.
            seconds: It took.
            aim: Seconds that the next one is to take.
        """
        if steps == self.steps:
            grown = int(steps * min(aim / max(seconds, 1e-6), 8.0))
            self.steps = min(max(grown, TRAIL_LENGTH), MOST_CHUNK)


class Rate:
    """Steps a second over the last second or so, or over the last steps where these take longer.

    Args:
        period: Seconds from one step to the next, where the speed is limited.
        begin: Since when, and with how many steps then; None: from the first mark on.
    """

    def __init__(self, period: float = 0.0, begin: tuple[float, int] | None = None) -> None:
        self._period = period
        self._window = max(RATE_WINDOW_S, RATE_STEPS * period)
        self._marks: deque[tuple[float, int]] = deque()
        if begin is not None:
            self._marks.append(begin)

    def update(self, now: float, steps: int) -> float:
        """Add a mark, where steps were taken, and give the rate since the oldest one kept."""
        marks = self._marks
        if not marks or steps != marks[-1][1]:
            marks.append((now, steps))
        while len(marks) > 2 and now - marks[1][0] > self._window:
            marks.popleft()
        (since, first), (last, count) = marks[0], marks[-1]
        if now - last > self._window:
            return 0.0
        # Between two steps nothing has changed, unless the next one is long overdue.
        end = last if now - last <= 2 * max(self._period, TICK_S) else now
        return (count - first) / (end - since) if end > since else 0.0
