"""`tradesim doctor`: what a person is told of the house itself, and how findings are shown."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tradesim.kernel.errors import Refused
from tradesim.model.findings import Finding, Grade
from tradesim.ops.server import check_free

GIB, MIB = 2**30, 2**20
LOW_SPACE, NO_SPACE = 2 * GIB, 200 * MIB


def house_findings(folder: Path, is_running: bool, host: str, port: int) -> list[Finding]:
    """Of a data folder that is known to be writable, and the port."""
    return [
        Finding("house", "data folder", Grade.OK, f"{folder} can be written to"),
        space(folder),
        port_finding(is_running, host, port),
    ]


def unusable_folder(refused: Refused) -> Finding:
    remedy = "give TRADESIM_DATA a folder that may be written to"
    return Finding("house", "data folder", Grade.FAIL, str(refused), remedy)


def space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / GIB:,.1f} GiB are free in {folder}"
    if free < NO_SPACE:
        return Finding(
            "house", "space", Grade.FAIL, said, "make room: orders are refused when the journal cannot be written"
        )
    if free < LOW_SPACE:
        return Finding("house", "space", Grade.WARN, said, "make room soon: old recordings in the data folder may go")
    return Finding("house", "space", Grade.OK, said)


def port_finding(is_running: bool, host: str, port: int) -> Finding:
    if is_running:
        return Finding("house", "port", Grade.OK, f"a desk is running on this data folder (port {port} is set)")
    try:
        check_free(host, port)
    except Refused as refused:
        return Finding("house", "port", Grade.FAIL, str(refused), "set PORT to another number")
    return Finding("house", "port", Grade.OK, f"port {port} on {host} is free")


def as_text(findings: Sequence[Finding]) -> str:
    width = max((len(each.of) for each in findings), default=0)
    checks = max((len(each.check) for each in findings), default=0)
    lines = []
    for each in findings:
        lines.append(f"{each.grade:4}  {each.of:{width}}  {each.check:{checks}}  {each.found}")
        if each.remedy and each.grade is not Grade.OK:
            lines.append(f"{'':6}{'':{width}}  {'':{checks}}  -> {each.remedy}")
    count = {grade: sum(each.grade is grade for each in findings) for grade in Grade}
    lines.append(f"{count[Grade.OK]} ok, {count[Grade.WARN]} to look at, {count[Grade.FAIL]} failed")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(each) for each in findings], indent=2)


def exit_code(findings: Sequence[Finding]) -> int:
    return int(any(each.grade is Grade.FAIL for each in findings))
