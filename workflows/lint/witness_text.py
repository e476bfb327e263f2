"""A witness in words: what an admin reads beside a finding, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from workflows.model.definition import Definition, Label, Transition, format_guard
from workflows.model.findings import Example, Finding, TransitionCheck, Witness, WitnessStep
from workflows.model.messages import Language, format_message, format_value
from workflows.proof.domains import NOW, OWNER, TODAY


def describe_witness(definition: Definition, finding: Finding, language: Language) -> tuple[str, ...]:
    """The witness of a finding, a sentence an item; nothing where the place alone shows the mistake."""
    if finding.witness is None:
        return ()
    return tuple(_Teller(definition, language).sentences(finding.code, finding.witness))


def describe_facts(definition: Definition, shown: Example) -> Label:
    """The facts of an example in both languages."""
    return Label(_Teller(definition, "id").facts(shown), _Teller(definition, "en").facts(shown))


class _Teller:
    def __init__(self, definition: Definition, language: Language) -> None:
        self.definition, self.language = definition, language
        self.rows = {row.id: row for row in definition.transitions}

    def sentences(self, code: str, witness: Witness) -> Iterator[str]:
        for move in witness.trace:
            yield self._move(move)
        if code == "lint.unreachable":
            yield self.phrase("told.never", state=self._state(witness.state), rows=witness.transitions or "–")
            return
        if witness.state and witness.example:
            yield self.phrase(
                "told.here", state=self._state(witness.state), facts=self.facts(witness.example)
            )
        elif witness.state:
            yield self.phrase("told.state", state=self._state(witness.state))
        yield from self._ending(code, witness)

    def _ending(self, code: str, witness: Witness) -> Iterator[str]:
        if code == "lint.ambiguous":
            yield self.phrase("told.both", rows=witness.transitions)
        elif code == "lint.automatic_loop":
            yield self.phrase("told.circle", rows=witness.transitions, state=self._state(witness.state))
        elif code == "lint.timer_passed" and witness.example:
            dates = tuple(name for name in witness.example.relevant_facts if name.startswith("params."))
            yield self.phrase("told.starts", facts=self._joined(dates, witness.example))
        elif code == "lint.timer_unwaited":
            yield self.phrase("told.passing", rows=witness.transitions)
        elif code == "lint.timer_unanswered":
            yield self.phrase("told.answering", rows=witness.transitions or "–")
        elif witness.actor and witness.example:
            row = self.rows[witness.transitions[0]]
            yield self.phrase("told.fires", **self._of(row), rows=witness.transitions)
        elif witness.checks:
            yield from map(self._lack, witness.checks)
        elif witness.state and not witness.transitions:
            yield self.phrase("told.no_row")
        for part in witness.conflicts:
            if part.example:
                facts = self._joined(part.example.relevant_facts, part.example)
                yield self.phrase("told.excluded", condition=format_guard(part.condition), facts=facts)

    def _move(self, move: WitnessStep) -> str:
        facts = self.facts(move.example)
        states = {"source": self._state(move.from_state), "to": self._state(move.to_state)}
        return self.phrase("told.move", **self._of(self.rows[move.transition]), **states, facts=facts)

    def _lack(self, lack: TransitionCheck) -> str:
        row = self.rows[lack.transition]
        if not lack.refusals:
            return self.phrase("told.onward", **self._of(row))
        reasons = " ".join(format_message(no.code, no.params, self.language) for no in lack.refusals)
        return self.phrase("told.lack", **self._of(row), reasons=reasons)

    def _of(self, row: Transition) -> dict[str, str]:
        return {"label": self._label(row.label), "who": self.phrase(f"who.{row.authority.role}")}

    def facts(self, shown: Example) -> str:
        """How the school is led, every switch, and whatever is not as it usually is."""
        switches = {
            name for name in shown.relevant_facts if isinstance(shown.facts.params.get(name[7:]), bool)
        }
        told = {"head", *switches, *shown.unusual_facts}
        return self._joined(("head", *sorted(told - {"head"})), shown)

    def _joined(self, names: tuple[str, ...], shown: Example) -> str:
        return "; ".join(self._fact(name, shown) for name in names) or self.phrase("fact.any")

    def _fact(self, name: str, shown: Example) -> str:
        """One fact of an example."""
        facts = shown.facts
        match name:
            case "head" if facts.head.ptk_id == OWNER:
                return self.phrase("fact.head_own")
            case "head":
                return self.phrase(f"fact.head_{facts.head.kind}")
            case "points":
                return self.phrase("fact.points", value=facts.points)
            case "facts_as_of" if facts.facts_as_of is None:
                return self.phrase("fact.asked_never")
            case "facts_as_of":
                return self.phrase("fact.asked", value=_minutes(facts.facts_as_of))
            case "revision_due" if facts.revision_due is None:
                return self.phrase("fact.revision_none")
            case "revision_due":
                return self.phrase("fact.revision_open", day=facts.revision_due)
            case _ if name.startswith("params."):
                return self._value(name.removeprefix("params."), shown)
            case _:
                value = getattr(facts, name)
                good = value is True or value == () or value == "20100001"
                return self.phrase(f"fact.{name}_{'yes' if good else 'no'}")

    def _value(self, name: str, shown: Example) -> str:
        value = shown.facts.params[name]
        label = self._label(next(param.label for param in self.definition.params if param.name == name))
        if isinstance(value, bool):
            return self.phrase("fact.switch_on" if value else "fact.switch_off", label=label)
        if isinstance(value, date):
            return self.phrase("fact.day", label=label, value=value, today=TODAY)
        return self.phrase("fact.value", label=label, value=value)

    def _state(self, name: str | None) -> str:
        return self._label(self.definition.state(name or "").label)

    def _label(self, label: object) -> str:
        return str(getattr(label, self.language))

    def phrase(self, code: str, **params: object) -> str:
        return format_message(code, params, self.language)


def _minutes(asked: datetime | None) -> str:
    return format_value(int((NOW - asked).total_seconds() // 60), "en") if asked else "–"
