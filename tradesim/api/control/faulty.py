"""`/sim/v1/faults`: faults made on purpose. A person alone sets them and ends them."""

from typing import Any

from flask import Blueprint, Response

from tradesim.api.control.answers import CATALOGUE, REFUSALS, answer, asked
from tradesim.api.control.callers import Callers
from tradesim.api.faults import MOST_FAULTS, Fault, FaultKind, Faults, NewFault
from tradesim.api.operations import Parameter
from tradesim.desk.desk import Desk
from tradesim.model.commands import HaltTrading, ResumeTrading
from tradesim.model.orders import Rejection

ABOUT: dict[str, Any] = {"tag": "faults", "refusals": REFUSALS}
DEED = "set and end faults"


def register(api: Blueprint, desk: Desk, faults: Faults, callers: Callers) -> None:
    @CATALOGUE.serves(api, "GET", "/faults", "What is on, and how often it has hit.", list[Fault], **ABOUT)
    def on_faults() -> Response:
        return answer(faults.listed())

    @CATALOGUE.serves(api, "POST", "/faults", "Make a fault.", Fault, body=NewFault, status=201, **ABOUT)
    def on_new_fault() -> Response:
        return asked(NewFault, lambda body: callers.unless_person(DEED) or made(desk, faults, body), 201)

    @CATALOGUE.serves(api, "DELETE", "/faults", "Make none any more.", list[Fault], **ABOUT)
    def on_no_faults() -> Response:
        return answer(callers.unless_person(DEED) or ended(desk, faults.remove()))

    number = Parameter("fault_id", {"type": "integer", "minimum": 1}, "As a fault's `id`.", "path")

    @CATALOGUE.serves(
        api, "DELETE", "/faults/{fault_id}", "Make this one no more.", list[Fault], parameters=(number,), **ABOUT
    )
    def on_no_fault(fault_id: str) -> Response:
        no = callers.unless_person(DEED)
        if no:
            return answer(no)
        is_number = fault_id.isascii() and fault_id.isdigit() and len(fault_id) < 12
        gone = faults.remove(int(fault_id)) if is_number else []
        return answer(ended(desk, gone) if gone else Rejection("unknown_fault", f"there is no fault {fault_id[:40]}"))


def made(desk: Desk, faults: Faults, wanted: NewFault) -> Fault | Rejection:
    if wanted.kind is FaultKind.DELAY and not wanted.delay_ms:
        return Rejection("delay_ms", "a delay must last at least 1 ms, was 0", "delay_ms")
    if wanted.kind is FaultKind.HALT:
        halted = desk.submit(HaltTrading(wanted.symbol, "A fault was injected."))
        if isinstance(halted, Rejection):
            return halted
    found = faults.add(wanted)
    return found or Rejection("too_many", f"at most {MOST_FAULTS} faults can be on at once")


def ended(desk: Desk, gone: list[Fault]) -> list[Fault]:
    for each in gone:
        if each.fault.kind is FaultKind.HALT:
            desk.submit(ResumeTrading(each.fault.symbol))
    return gone
