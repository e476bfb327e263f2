"""Changes of the contract. To ensure less than before is breaking, because the API and its users rely on it."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.diff.changes import Change, describe_condition
from workflows.model.definition import Call, Definition


def compare_contracts(old: Definition, new: Definition) -> Iterator[Change]:
    """Yield the mutations and parameters whose entry in the contract changed."""
    before = {mutation.name: mutation for mutation in old.contract.mutations}
    for mutation in new.contract.mutations:
        former, path = before[mutation.name], ("contract", mutation.name)
        names = {"mutation": mutation.name}
        if former.trigger != mutation.trigger:
            triggers = {**names, "old": former.trigger, "new": mutation.trigger}
            yield Change("diff.contract_trigger", (*path, "trigger"), triggers)
        for code, version, conditions, is_breaking in (
            ("diff.contract_ensures", new, set(mutation.requires) - set(former.requires), False),
            ("diff.contract_ensures_no_more", old, set(former.requires) - set(mutation.requires), True),
        ):
            if conditions:
                described = tuple(describe_condition(version, Call(name)) for name in sorted(conditions))
                texts = {**names, "conditions": described}
                yield Change(code, (*path, "requires"), texts, is_breaking)
    former_params, params = old.contract.params, new.contract.params
    for key, name in params.items():
        if name != former_params[key]:
            values = {"key": ".".join(key), "old": former_params[key] or "–", "new": name or "–"}
            yield Change("diff.contract_param", ("contract", *key), values)
