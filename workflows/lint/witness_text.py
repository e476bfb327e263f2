"""The text of a witness, which an admin reads beside a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from workflows.model.definition import Definition, Label, Transition, format_guard
from workflows.model.findings import Example, Finding, TransitionCheck, Witness, WitnessStep
from workflows.model.messages import Language, format_message
from workflows.proof.domains import NOW, NPSN, OWNER, TODAY

# Findings with a text of their own, about the transitions of the witness.
RESULT_PHRASES = {
    "lint.ambiguous": "witness.ambiguous",
    "lint.automatic_loop": "witness.loop",
    "lint.timer_unwaited": "witness.passed_through",
    "lint.timer_no_transition": "witness.timer_transitions",
}


def describe_witness(definition: Definition, finding: Finding, language: Language) -> tuple[str, ...]:
    """Return the witness of a finding in sentences; none if the place alone shows the mistake."""
    if finding.witness is None:
        return ()
    return tuple(_WitnessText(definition, language).sentences(finding.code, finding.witness))


def describe_facts(definition: Definition, example: Example) -> Label:
    """Return the facts of an example in both languages."""
    return Label(_WitnessText(definition, "id").facts(example), _WitnessText(definition, "en").facts(example))


class _WitnessText:
    def __init__(self, definition: Definition, language: Language) -> None:
        self.definition, self.language = definition, language
        self.transitions = {transition.id: transition for transition in definition.transitions}

    def sentences(self, code: str, witness: Witness) -> Iterator[str]:
        yield from map(self._step, witness.trace)
        if code == "lint.unreachable":
            state = self._state(witness.state)
            yield self.phrase("witness.unreachable", state=state, transitions=witness.transitions or "–")
            return
        if witness.state and witness.example:
            facts = self.facts(witness.example)
            yield self.phrase("witness.state_with_facts", state=self._state(witness.state), facts=facts)
        elif witness.state:
            yield self.phrase("witness.state", state=self._state(witness.state))
        yield from self._result(code, witness)

    def _result(self, code: str, witness: Witness) -> Iterator[str]:
        ids, example = witness.transitions, witness.example
        if code in RESULT_PHRASES:
            state = self._state(witness.state) if witness.state else "–"
            yield self.phrase(RESULT_PHRASES[code], transitions=ids or "–", state=state)
        elif code == "lint.timer_passed" and example:
            dates = (name for name in example.relevant_facts if name.startswith("params."))
            yield self.phrase("witness.start", facts=self._join_facts(dates, example))
        elif code == "lint.contract_start" and example:
            yield self.phrase("witness.can_start", facts=self._join_facts(example.relevant_facts, example))
        elif witness.actor and example:
            yield self.phrase("witness.fires", **self._names(self.transitions[ids[0]]), transitions=ids)
        elif witness.checks:
            yield from map(self._check, witness.checks)
        elif witness.state and not ids:
            yield self.phrase("witness.no_transition")
        for conflict in witness.conflicts:
            if conflict.example:
                facts = self._join_facts(conflict.example.relevant_facts, conflict.example)
                condition = format_guard(conflict.condition)
                yield self.phrase("witness.conflict", condition=condition, facts=facts)

    def _step(self, step: WitnessStep) -> str:
        return self.phrase(
            "witness.step",
            **self._names(self.transitions[step.transition]),
            source=self._state(step.from_state),
            to=self._state(step.to_state),
            facts=self.facts(step.example),
        )

    def _check(self, check: TransitionCheck) -> str:
        names = self._names(self.transitions[check.transition])
        if not check.refusals:
            return self.phrase("witness.possible", **names)
        reasons = (format_message(refusal.code, refusal.params, self.language) for refusal in check.refusals)
        return self.phrase("witness.refused", **names, reasons=" ".join(reasons))

    def _names(self, transition: Transition) -> dict[str, object]:
        return {"label": transition.label, "who": self.phrase(f"who.{transition.authority.role}")}

    def facts(self, example: Example) -> str:
        """Describe the head, every switch, and each fact with an unusual value."""
        params = example.facts.params
        names = {
            name
            for name in example.relevant_facts
            if isinstance(params.get(name.removeprefix("params.")), bool)
        }
        names |= {*example.unusual_facts}
        return self._join_facts(("head", *sorted(names - {"head"})), example)

    def _join_facts(self, names: Iterable[str], example: Example) -> str:
        return "; ".join(self._fact(name, example) for name in names) or self.phrase("fact.any")

    def _fact(self, name: str, example: Example) -> str:
        facts = example.facts
        match name:
            case "head":
                kind = "own" if facts.head.ptk_id == OWNER else facts.head.kind
                return self.phrase(f"fact.head_{kind}")
            case "points":
                return self.phrase("fact.points", value=facts.points)
            case "facts_as_of":
                if facts.facts_as_of is None:
                    return self.phrase("fact.never_loaded")
                age = NOW - facts.facts_as_of
                return self.phrase("fact.age", value=int(age.total_seconds() // 60))
            case "revision_due" if facts.revision_due is None:
                return self.phrase("fact.revision_none")
            case "revision_due":
                return self.phrase("fact.revision_open", day=facts.revision_due)
            case _ if name.startswith("params."):
                return self._param(name.removeprefix("params."), example)
            case _:
                is_good = getattr(facts, name) in (True, (), NPSN)
                return self.phrase(f"fact.{name}_{'yes' if is_good else 'no'}")

    def _param(self, name: str, example: Example) -> str:
        value = example.facts.params[name]
        label = next(param.label for param in self.definition.params if param.name == name)
        if isinstance(value, bool):
            return self.phrase("fact.switch_on" if value else "fact.switch_off", label=label)
        if isinstance(value, date):
            return self.phrase("fact.day", label=label, value=value, today=TODAY)
        return self.phrase("fact.value", label=label, value=value)

    def _state(self, name: str | None) -> Label:
        return self.definition.state(name or "").label

    def phrase(self, code: str, **params: object) -> str:
        return format_message(code, params, self.language)
