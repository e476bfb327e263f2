"""Changes of what a period sets."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.changes import Change, Gravity, worse
from workflows.definition import Definition, Param
from workflows.diff_words import label_changes
from workflows.trees import Path


def params(old: Definition, new: Definition) -> Iterator[Change]:
    """Parameters that are added, removed or changed."""
    before, after = ({param.name: param for param in version.params} for version in (old, new))
    for name, param in before.items():
        if name not in after:
            yield Change("diff.param_removed", ("params", name), {"name": name, "label": param.label})
    for name, param in after.items():
        if name in before:
            yield from _changed(before[name], param)
        elif param.default is None:
            names = {"name": name, "label": param.label}
            yield Change("diff.param_required", ("params", name), names, Gravity.BREAKING)
        else:
            names = {"name": name, "label": param.label, "default": param.default}
            yield Change("diff.param_added", ("params", name), names)


def _changed(old: Param, new: Param) -> Iterator[Change]:
    path: Path = ("params", new.name)
    yield from label_changes(path, new.name, old.label, new.label)
    if old.type is not new.type:
        names: dict[str, object] = {"name": new.name, "old": old.type, "new": new.type}
        yield Change("diff.param_type", (*path, "type"), names, Gravity.BREAKING)
    if (type(old.default), old.default) != (type(new.default), new.default):
        names = {"name": new.name, "old": "–" if old.default is None else old.default, "new": new.default}
        gone = new.default is None
        code = "diff.param_default_gone" if gone else "diff.param_default"
        yield Change(code, (*path, "default"), names, worse(gone))
    if _bounds(old) != _bounds(new):
        tighter = _is_tighter(old, new)
        names = {"name": new.name, "old": _told(old), "new": _told(new)}
        yield Change("diff.param_tighter" if tighter else "diff.param_looser", path, names, worse(tighter))


def _bounds(param: Param) -> tuple[int | None, int | None, str | None]:
    return param.minimum, param.maximum, param.not_before


def _is_tighter(old: Param, new: Param) -> bool:
    """A value that a period gave may now be refused."""
    higher = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    lower = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
    return higher or lower or (new.not_before is not None and new.not_before != old.not_before)


def _told(param: Param) -> str:
    low = "−∞" if param.minimum is None else param.minimum
    high = "∞" if param.maximum is None else param.maximum
    return f"{low} … {high}" if param.not_before is None else f"≥ {param.not_before}"
