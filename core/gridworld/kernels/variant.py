"""By what kernels are specialised when they are compiled."""

from typing import Any, NamedTuple

from numba import typeof, types
from numba.core.datamodel import models
from numba.core.imputils import lower_constant, lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import register_model, typeof_impl

from gridworld.kernels.codes import (
    ACCUMULATING,
    DETERMINISTIC,
    EPSILON_GREEDY,
    FACTOR,
    LOWEST,
    Q_LEARNING,
    STEADY,
)

__all__ = ["Variant"]


class Variant(NamedTuple):
    """The numbers that a kernel closes over, so that only the code of one setting is left in it.

    It holds numbers alone: a kernel that closed over a compiled function would never be found in
    the cache on disk. `batch.Batch.variant` is the one place where it is made of an algorithm and
    a world.

    Attributes:
        algorithm: A code of `codes.py`.
        dynamics: `DETERMINISTIC`, `SLIP` (4 actions) or `TABLE`.
        n_actions: A, at least 1.
        several_starts: Whether `MdpTables.starts` holds more than one state.
        large: Whether the world has more than `scalar.SMALL_WORLD` states: other instructions, the
            same bits.
        trace: Whether a frame is kept up to date.
        watch: Whether visits and TD errors of the states are recorded.
        traces: `ACCUMULATING`, `REPLACING` or `DUTCH`, where there are any.
        ties: `LOWEST` or `RANDOM`.
        exploration: `EPSILON_GREEDY` or `SOFTMAX`.
        schedule: Of what explores: `FACTOR`, `LINEAR`, `INVERSE` or `CONSTANT`.
        rate: Of the learning rate: `STEADY` or `BY_COUNT`.
        noisy: Whether rewards vary around what `MdpTables.outcomes` says.
        uneven: Whether some states have fewer actions than others; rows of the Q-table hold -inf
            for the actions that there are not.
    """

    algorithm: int = Q_LEARNING
    dynamics: int = DETERMINISTIC
    n_actions: int = 4
    several_starts: bool = False
    large: bool = False
    trace: bool = False
    watch: bool = False
    traces: int = ACCUMULATING
    ties: int = LOWEST
    exploration: int = EPSILON_GREEDY
    schedule: int = FACTOR
    rate: int = STEADY
    noisy: bool = False
    uneven: bool = False


class VariantType(types.Type):  # type: ignore[misc]
    """The type of one variant: its numbers are constants for the compiler, and no data at all."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        super().__init__(repr(variant))


@register_model(VariantType)
class VariantModel(models.OpaqueModel):  # type: ignore[misc]
    """Nothing."""


@typeof_impl.register(Variant)  # type: ignore[untyped-decorator]
def _typeof(value: Variant, context: Any) -> VariantType:
    return VariantType(value)


@lower_constant(VariantType)  # type: ignore[untyped-decorator]
def _lower_constant(context: Any, builder: Any, type_: VariantType, value: Variant) -> Any:
    return context.get_dummy_value()


@infer_getattr
class VariantAttributes(AttributeTemplate):  # type: ignore[misc]
    """A field is a number that is known."""

    key = VariantType

    def generic_resolve(self, type_: VariantType, name: str) -> Any:
        """The type of a field."""
        return typeof(getattr(type_.variant, name)) if name in Variant._fields else None


@lower_getattr_generic(VariantType)  # type: ignore[untyped-decorator]
def _lower_field(context: Any, builder: Any, type_: VariantType, value: Any, name: str) -> Any:
    number = getattr(type_.variant, name)
    return context.get_constant(typeof(number), number)
