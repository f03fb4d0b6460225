"""Jitted: a record of vectors with some of its fields changed."""

from inspect import Parameter, Signature
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature

__all__ = ["changed"]


def changed(record: Any, **fields: Any) -> Any:
    """The named tuple with other values in these fields: `_replace`, which Numba lacks."""
    return record._replace(**fields)


@infer_global(changed)
class Changed(AbstractTemplate):  # type: ignore[misc]
    """The fields are known to the compiler by the names of the arguments."""

    def generic(self, arguments: Any, keywords: Any) -> Any:
        """The type of a call."""
        if len(arguments) != 1 or not isinstance(arguments[0], types.BaseNamedTuple):
            return None
        (record,) = arguments
        if not set(keywords) <= set(record.fields):
            return None
        kinds = [keywords.get(name, old) for name, old in zip(record.fields, record, strict=True)]
        result = types.BaseTuple.from_types(kinds, record.instance_class)
        names = ["record", *keywords]
        called = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])
        return signature(result, record, *keywords.values()).replace(pysig=called)


@lower_builtin(changed, types.BaseNamedTuple, types.VarArg(types.Any))  # type: ignore[untyped-decorator]
def _lower_changed(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
    record = sig.args[0]
    values = cgutils.unpack_tuple(builder, arguments[0], len(record))
    for name, value in zip(list(sig.pysig.parameters)[1:], arguments[1:], strict=True):
        values[record.fields.index(name)] = value
    return context.make_tuple(builder, sig.return_type, values)
