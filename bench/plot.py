#!/usr/bin/env python3
"""Draws what run records tell, as SVG, and prints it as a table: ./dev bench plot --record FILE --out docs/performance

Every point is the median of all runs of one configuration; runs that differ in anything but the axis are lines of
their own. gnuplot draws; text and axes take the colour of the page, so that they show on light and dark ones.
"""

import argparse
import collections
import json
import pathlib
import statistics
import subprocess
import sys
from typing import Callable, NamedTuple

# What makes two runs comparable, and how a legend says it.
CONFIGURATION = {
    "validators": "{} validators",
    "accounts": "{:,} accounts",
    "legs": "{} legs",
    "payload_bytes": "{} B of memo",
    "hot_percent": "{} % to one account",
    "clients": "{} clients",
    "in_flight_max": "{} in flight",
    "rate_per_second": "{} tx/s offered",
    "history": "history {}",
}
STAGES = ["receive", "verify", "mempool", "gossip", "build", "execute", "tree", "storage", "consensus", "reply",
          "transport", "other"]
# Of middling lightness, so that they show on both kinds of pages; neighbours differ in more than hue.
COLOURS = ["#7fb2e5", "#2f75c0", "#e59a2f", "#2f9e77", "#c8553d", "#d98cb3", "#8c6d31", "#7f6bb3", "#4fb8c4", "#b0a24a",
           "#8a8f98", "#5f6670"]
LINES = ["#2f75c0", "#e59a2f", "#2f9e77", "#c8553d", "#7f6bb3", "#4fb8c4"]
INK = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"

Record = dict
Key = tuple  # of values, one for each name of CONFIGURATION that is not an axis


class Series(NamedTuple):
    key: Key
    points: dict[float, list[Record]]  # by x


class Chart(NamedTuple):
    name: str  # of the file
    script: str  # gnuplot's


def read_records(path: pathlib.Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def names_without(axis: str) -> list[str]:
    return [name for name in CONFIGURATION if name != axis]


def series_by(axis: str, records: list[Record]) -> list[Series]:
    """The longest ones, of at least two points, in the order of their keys."""
    found: dict[Key, dict] = collections.defaultdict(lambda: collections.defaultdict(list))
    for record in records:
        found[tuple(record[name] for name in names_without(axis))][record[axis]].append(record)
    longest = max([2, *(len(points) for points in found.values())])
    shown = [(key, points) for key, points in sorted(found.items()) if len(points) == longest]
    return [Series(key, dict(sorted(points.items()))) for key, points in shown]


def median(records: list[Record], field: str) -> float:
    return statistics.median(record[field] for record in records)


def titles(keys: list[Key], names: list[str]) -> list[str]:
    """What tells the keys apart; of a single one, nothing."""
    differing = [i for i in range(len(names)) if len({key[i] for key in keys}) > 1]
    if len(differing) > 1:  # how long the queue is goes with what waits in it
        differing = [i for i in differing if names[i] != "in_flight_max"]
    return [", ".join(phrase(names[i], key[i]) for i in differing) for key in keys]


def common(keys: list[Key], names: list[str]) -> str:
    """What they share, of the things that a reader asks first."""
    asked = ("validators", "accounts", "legs")
    shown = [i for i, name in enumerate(names) if name in asked and len({key[i] for key in keys}) == 1]
    return ", ".join(phrase(names[i], keys[0][i]) for i in shown)


def phrase(name: str, value) -> str:
    """What a legend says of one setting."""
    text = CONFIGURATION[name].format(value)
    return text.removesuffix("s") if value == 1 and text[-1] == "s" else text


def colour_of(line: int) -> str:
    return f'linecolor rgb "{LINES[line % len(LINES)]}"'


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


HEADER = """set terminal svg size 760,440 font "sans-serif,14"
set border 3 linewidth 1
set tics nomirror
set grid ytics linewidth 0.4 linetype rgb "#8a8f98"
set key below
set xlabel offset 0,0.4
set style data linespoints
set pointsize 0.5
"""


def drawing(title: str, axes: tuple[str, str], settings: str, curves: list[tuple[str, str, list[tuple]]]) -> str:
    """gnuplot's script; a curve is its style, its title and its points."""
    lines = [HEADER, f"set title {quoted(title)}", f"set xlabel {quoted(axes[0])}", f"set ylabel {quoted(axes[1])}",
             settings]
    for i, (_, _, points) in enumerate(curves):
        lines += [f"$curve{i} << EOD", *(" ".join(map(str, point)) for point in points), "EOD"]
    plots = [f"$curve{i} {style} title {quoted(name)}" for i, (style, name, _) in enumerate(curves)]
    return "\n".join([*lines, "plot " + ", ".join(plots)]) + "\n"


def closed_loop(records: list[Record]) -> list[Record]:
    return [record for record in records if record["rate_per_second"] == 0 and record["profiled"] == "no"]


def throughput(axis: str, label: str, settings: str) -> Callable[[list[Record]], Chart | None]:
    def chart(records: list[Record]) -> Chart | None:
        found = series_by(axis, closed_loop(records))
        if not found:
            return None
        keys = [series.key for series in found]
        curves = []
        for i, (series, title) in enumerate(zip(found, titles(keys, names_without(axis)))):
            for field, what, dash in (("transactions_per_second", "measured", 1), ("bound_per_second", "bound", 2)):
                points = [(x, median(runs, field)) for x, runs in series.points.items()]
                style = f'using 1:2 linewidth 2 dashtype {dash} pointtype 7 {colour_of(i)}'
                curves.append((style, ", ".join(filter(None, (what, title))), points))
        told = common(keys, names_without(axis))
        return Chart(f"throughput-by-{axis}", drawing(f"Throughput: {told}", (label, "transactions a second"),
                                                      "set yrange [0:*]\n" + settings, curves))
    return chart


def latency(records: list[Record]) -> Chart | None:
    offered = [record for record in records if record["rate_per_second"] > 0 and record["profiled"] == "no"]
    found = series_by("rate_per_second", offered)
    if not found:
        return None
    keys = [series.key for series in found]
    names = names_without("rate_per_second")
    curves = []
    for i, (series, title) in enumerate(zip(found, titles(keys, names))):
        for j, field in enumerate(("p50_ms", "p90_ms", "p99_ms", "max_ms")):
            points = [(x, median(runs, field)) for x, runs in series.points.items()]
            style = f'using 1:2 linewidth 2 pointtype 7 dashtype {i % 5 + 1} {colour_of(j)}'
            curves.append((style, ", ".join(filter(None, (field.removesuffix("_ms"), title))), points))
    return Chart("latency-by-load", drawing(f"From the moment due to final: {common(keys, names)}",
                                            ("transactions a second, offered", "ms"),
                                            "set logscale y\nset xrange [0:*]", curves))


def stage_us(records: list[Record], stage: str) -> float:
    return statistics.median(record["stage_us_per_transaction"][stage] for record in records)


def stages(name: str, title: str, is_shown: Callable[[Record], bool]) -> Callable[[list[Record]], Chart | None]:
    """One stacked bar for each configuration that was profiled."""
    def chart(records: list[Record]) -> Chart | None:
        names = list(CONFIGURATION)
        bars: dict[Key, list[Record]] = collections.defaultdict(list)
        for record in records:
            if "stage_us_per_transaction" in record and is_shown(record):
                bars[tuple(record[name] for name in names)].append(record)
        if not bars:
            return None
        keys = sorted(bars)
        labels = titles(keys, names) if len(keys) > 1 else [common(keys, names)]
        rows = [(quoted(label), *(stage_us(bars[key], stage) for stage in STAGES)) for key, label in zip(keys, labels)]
        settings = "\n".join(["set style data histograms", "set style histogram rowstacked", "set boxwidth 0.6",
                              "set style fill solid 1 noborder", "set yrange [0:*]",
                              f"set xrange [-0.6:{len(rows) - 0.4}]"])
        curves = []
        for i, stage in enumerate(STAGES):
            ticks = ":xtic(1)" if i == 0 else ""
            curves.append((f'using {i + 2}{ticks} linecolor rgb "{COLOURS[i]}"', stage, rows))
        return Chart(name, drawing(title, ("", "µs"), settings, curves))
    return chart


USUAL = {"payload_bytes": 0, "hot_percent": 0, "clients": 4, "in_flight_max": 2_000, "history": "on"}
COLUMNS = ("validators", "accounts", "legs", "else", "offered/s", "transactions/s", "payments/s", "of the bound",
           "p50, ms", "p99, ms", "CPU, µs", "memory, MiB", "CPU of others")


def row(key: Key, runs: list[Record]) -> list[str]:
    setting = dict(zip(CONFIGURATION, key))
    unusual = [phrase(name, setting[name]) for name, usual in USUAL.items() if setting[name] != usual]
    memory = statistics.median(max(record["rss_bytes_by_process"].values()) for record in runs)
    others = statistics.median(record["other_cpu_seconds"] / record["seconds"] / record["cores"] for record in runs)
    return [str(setting["validators"]), f"{setting['accounts']:,}", str(setting["legs"]), ", ".join(unusual),
            f"{setting['rate_per_second']:,}" if setting["rate_per_second"] else "",
            f"{median(runs, 'transactions_per_second'):,.0f}", f"{median(runs, 'payments_per_second'):,.0f}",
            f"{median(runs, 'ratio'):.2f}", f"{median(runs, 'p50_ms'):.0f}", f"{median(runs, 'p99_ms'):.0f}",
            f"{median(runs, 'validator_cpu_us_per_transaction'):.0f}", f"{memory / 2**20:,.0f}",
            f"{100 * others:.0f} %"]


def table(records: list[Record]) -> str:
    """In Markdown: a line for each configuration, without the runs that were profiled."""
    groups: dict[Key, list[Record]] = collections.defaultdict(list)
    for record in records:
        if record["profiled"] == "no":
            groups[tuple(record[name] for name in CONFIGURATION)].append(record)
    rows = [list(COLUMNS), ["---"] * len(COLUMNS), *(row(key, groups[key]) for key in sorted(groups))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


CHARTS = [
    throughput("accounts", "accounts", "set logscale x\nset format x '%.0s%c'"),
    throughput("validators", "validators on the machine", "set xtics 1"),
    latency,
    stages("cpu-by-stage", "CPU of one validator for a payment, by stage", lambda record: record["legs"] == 1),
    stages("cpu-by-stage-payroll", "CPU of one validator for a payroll, by stage", lambda record: record["legs"] > 1),
]


def themed(svg: str) -> str:
    """With the page's ink instead of black."""
    start = svg.index(">", svg.index("<svg")) + 1
    return svg[:start] + INK + svg[start:].replace("'black'", "'currentColor'").replace('"black"', '"currentColor"')


def draw(chart: Chart, folder: pathlib.Path) -> pathlib.Path:
    run = subprocess.run(["gnuplot", "-"], input=chart.script, capture_output=True, text=True)
    if run.returncode != 0 or not run.stdout:
        raise SystemExit(f"gnuplot could not draw {chart.name}: {run.stderr}")
    path = folder / f"{chart.name}.svg"
    path.write_text(themed(run.stdout))
    return path


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench plot", description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=pathlib.Path, required=True, help="as peerpay-bench network --record makes it")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder")
    arguments = parser.parse_args()
    records = read_records(arguments.record)
    arguments.out.mkdir(parents=True, exist_ok=True)
    charts = [chart for chart in (make(records) for make in CHARTS) if chart]
    for chart in charts:
        print(draw(chart, arguments.out))
    print(table(records))
    if not charts:
        print(f"{arguments.record} has no two runs to compare.", file=sys.stderr)
    return 0 if charts else 1


if __name__ == "__main__":
    sys.exit(main())
