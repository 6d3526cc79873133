"""`tradesim doctor`: what a person is told of the house itself, and how findings are shown."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import asdict

from tradesim.kernel.errors import Refused
from tradesim.model.findings import Finding, Grade
from tradesim.ops.server import check_free

GIB, MIB = 2**30, 2**20
LOW_SPACE, NO_SPACE = 2 * GIB, 200 * MIB
HOUSE, NETWORK, REACH = "house", "network", "reach of "
DOWN, NOT_LIVE = 1, 3
WORDS = {Grade.OK: "ok", Grade.WARN: "look", Grade.FAIL: "FAIL"}
COLORS = {Grade.OK: 32, Grade.WARN: 33, Grade.FAIL: 31}
Paint = Callable[[Grade], str]


def house_findings(folder: Path, is_running: bool, host: str, port: int) -> list[Finding]:
    """Of a data folder that is known to be writable, and the port."""
    return [
        Finding(HOUSE, "data folder", Grade.OK, f"{folder} can be written to"),
        space(folder),
        port_finding(is_running, host, port),
    ]


def unusable_folder(refused: Refused) -> Finding:
    remedy = "give TRADESIM_DATA a folder that may be written to"
    return Finding(HOUSE, "data folder", Grade.FAIL, str(refused), remedy)


def space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / GIB:,.1f} GiB are free"
    if free < NO_SPACE:
        return Finding(
            HOUSE, "space", Grade.FAIL, said, "make room: orders are refused when the journal cannot be written"
        )
    if free < LOW_SPACE:
        return Finding(HOUSE, "space", Grade.WARN, said, "make room soon: old recordings in the data folder may go")
    return Finding(HOUSE, "space", Grade.OK, said)


def port_finding(is_running: bool, host: str, port: int) -> Finding:
    if is_running:
        return Finding(
            HOUSE,
            "port",
            Grade.OK,
            f"a desk is running with this data folder; http://{host}:{port} unless it was started with another PORT",
        )
    try:
        check_free(host, port)
    except Refused as refused:
        return Finding(HOUSE, "port", Grade.FAIL, str(refused), "set PORT to another number")
    return Finding(HOUSE, "port", Grade.OK, f"{port} on {host} is free")


def gathered(findings: Sequence[Finding]) -> list[Finding]:
    """Where no provider at all can be reached it is the network that is told of, once, and not each provider."""
    reach = [each for each in findings if each.check.startswith(REACH)]
    asked = list(dict.fromkeys(each.of for each in reach))
    if len(asked) < 2 or any(each.grade is Grade.OK for each in reach):
        return list(findings)
    causes = {each.found.rpartition("(")[2].rstrip(")") for each in reach}
    how = "no name was found (DNS)" if causes == {"DNS"} else "no connection could be made"
    found = f"none of the {len(asked)} providers that were tried can be reached: {how}"
    network = Finding(HOUSE, NETWORK, Grade.FAIL, found, "connect this machine, or look at its DNS and at HTTPS_PROXY")
    rest = [each for each in findings if each.of not in asked]
    house = [each for each in rest if each.of == HOUSE]
    unasked = [Finding(each, "reach", Grade.WARN, "not asked: there is no network") for each in asked]
    return [*house, network, *unasked, *(each for each in rest if each.of != HOUSE)]


def as_text(findings: Sequence[Finding], is_colored: bool = False) -> str:
    """A block for this machine, one for each provider that was asked, those that were not, and the verdict."""
    paint = colored if is_colored else plain
    parts = [block("This machine", [each for each in findings if each.of == HOUSE], paint)]
    for of in dict.fromkeys(each.of for each in findings if each.of != HOUSE):
        own = [each for each in findings if each.of == of]
        if any(each.check not in ("keys", "reach") for each in own):
            parts.append(block(of, own, paint))
    parts += [unasked(findings), keyless(findings)]
    return "\n\n".join(each for each in [*parts, verdict(findings)] if each)


def block(title: str, findings: Sequence[Finding], paint: Paint) -> str:
    if not findings:
        return ""
    width = max(len(each.check) for each in findings)
    lines = [title]
    for each in findings:
        lines.append(f"  {paint(each.grade)}  {each.check.replace('_', ' '):{width}}  {each.found}")
        if each.remedy and each.grade is not Grade.OK:
            lines.append(f"{'':8}{'':{width}}  -> {each.remedy}")
    return "\n".join(lines)


def unasked(findings: Sequence[Finding]) -> str:
    names = [each.of for each in findings if each.check == "reach"]
    return f"Not asked, for want of a network\n  {listed(names)}" if names else ""


def keyless(findings: Sequence[Finding]) -> str:
    """Those whose key is missing, by the key: nothing is wrong with them."""
    by_keys: dict[str, list[str]] = {}
    for each in findings:
        if each.check == "keys" and each.remedy and not is_asked(each.of, findings):
            by_keys.setdefault(each.found.partition(",")[0], []).append(each.of)
    lines = [f"  {', '.join(names)}: {missing}" for missing, names in by_keys.items()]
    remedy = "  -> a key is entered on the page under Market data, Keys, or set in the environment; the desk needs none"
    return "\n".join(["Not used, for want of a key", *lines, remedy]) if lines else ""


def is_asked(of: str, findings: Sequence[Finding]) -> bool:
    return any(each.of == of and each.check != "keys" for each in findings)


def verdict(findings: Sequence[Finding]) -> str:
    """The last lines: what works now, and what does not."""
    failed = {each.of for each in findings if each.grade is Grade.FAIL and each.of != HOUSE}
    well = [each.of for each in findings if each.check == f"{REACH}REST" and each.of not in failed]
    names = listed([*dict.fromkeys(well)])
    if is_down(findings):
        return "Verdict: the desk cannot work until what failed above is mended."
    here = "the simulated market (tradesim) and replays (tradesim replay FILE) work"
    if any(each.check == NETWORK for each in findings):
        return f"Verdict: {here}; live prices do not, because there is no network."
    if failed:
        live = f"live prices come from {names}, not from {listed(sorted(failed))}" if names else "live prices do not"
        return f"Verdict: {here}; {live}."
    return f"Verdict: all is well; {here}" + (f", live prices come from {names}." if names else ".")


def listed(names: Sequence[str]) -> str:
    """`kraken, coinbase and binance`."""
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), *names[-1:]])


def is_down(findings: Sequence[Finding]) -> bool:
    return any(each.of == HOUSE and each.check != NETWORK and each.grade is Grade.FAIL for each in findings)


def plain(grade: Grade) -> str:
    return f"{WORDS[grade]:4}"


def colored(grade: Grade) -> str:
    return f"\x1b[{COLORS[grade]}m{plain(grade)}\x1b[0m"


def as_json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(each) for each in findings], indent=2)


def exit_code(findings: Sequence[Finding]) -> int:
    """0: nothing failed. 1: the desk itself cannot work. 3: it works, but a live provider or the network failed."""
    if is_down(findings):
        return DOWN
    return NOT_LIVE if any(each.grade is Grade.FAIL for each in findings) else 0
