"""How long a training is: so many steps, or so many seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Length:
    """One of the two is set. By steps, a training that was killed resumes to the same losses; by seconds, it fits a
    budget on any machine."""

    steps: int = 0
    seconds: float = 0.0

    def share(self, step: int, seconds: float) -> float:
        """How much of the training is over, 0 to 1, after so many steps and seconds. Everything that depends on
        progress, like the learning rate, depends on this alone."""
        done = step / self.steps if self.steps else seconds / self.seconds
        return min(1.0, done)

    def expected_steps(self, step: int, seconds: float) -> int:
        """The expected number of steps."""
        return self.steps or round(step / max(1e-9, self.share(step, seconds)))

    def words(self) -> str:
        return f"{self.steps} steps" if self.steps else f"{self.seconds / 60:.1f} minutes"
