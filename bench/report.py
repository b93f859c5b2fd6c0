"""report.py - the figures of one bench run as tables, each aim beside what was reached."""


def show(facts):
    print(f"\ndaybook bench: {facts['machine']}; medians; one run on one machine\n")
    show_throughput(facts)
    show_latency(facts)
    show_noop(facts)
    show_rules(facts)
    show_processes(facts)
    show_straight(facts)
    show_lists(facts)
    show_reading(facts["reading"])
    show_aims(facts)


def table(head, rows):
    """Right-aligned columns, the first one left."""
    cells = [head] + [[str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        print("  " + "  ".join(
            c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))))
    print()


def count(n):
    return f"{n:,.0f}"


def ratio(a, b):
    return f"{a / b:.2f}" if a and b else "-"


def ms(us):
    return f"{us / 1000:.2f}"


def show_throughput(facts):
    print("End to end, rows/s: HTTP upload to complete, 100 rules, SQLite; books checked equal")
    rows = []
    for n, t in sorted(facts["throughput"].items()):
        rows.append([count(n), count(t["daybook"]), count(t["straight"]),
                     count(t["reference"]) if "reference" in t else "-",
                     ratio(t["daybook"], t["straight"]),
                     ratio(t["daybook"], t.get("reference"))])
    table(["rows", "daybook", "straight C", "Python", "of straight", "x Python"], rows)


def show_latency(facts):
    print("Answers, ms (one request at a time; GET/s: 32 kept-alive connections, wrk)")
    rows = []
    for subject, parts in facts["latency"].items():
        for state in ("idle", "busy"):
            status = parts[f"status {state}"]
            rows.append([f"status GET, {state}, {subject}", ms(status["one"]["p50"]),
                         ms(status["one"]["p99"]), count(status["rate"]), note(status)])
    for state in ("idle", "busy"):
        accept = facts["latency"]["daybook"][f"accept {state}"]
        for what, key in (("accept 10 rows", "latency_us"),
                          ("bare 4 KiB fdatasync", "fdatasync_us")):
            rows.append([f"{what}, {state}", ms(accept[key]["p50"]), ms(accept[key]["p99"]), "",
                         note(accept)])
    table(["", "p50", "p99", "GET/s", ""], rows)


def note(part):
    return "job ended early" if part.get("too_short") else ""


def show_noop(facts):
    noop = facts["noop"]
    print(f"{count(noop['jobs'])} jobs of one no-op stage, 100 in flight, on disk before the 202")
    table(["", "jobs/s", "p50 ms", "p99 ms"],
          [["accepted", count(noop["accepted_per_s"]), ms(noop["latency_us"]["p50"]),
            ms(noop["latency_us"]["p99"])], ["complete", count(noop["done_per_s"]), "", ""]])


def show_rules(facts):
    print("Matching, ns a row: folded, all conditions, decided; the loop folds and matches only")
    table(["rules", "daybook", "PCRE2 JIT loop", "x loop"],
          [[n, count(r["rules_ns"]), count(r["pcre2_jit_ns"]),
            ratio(r["pcre2_jit_ns"], r["rules_ns"])] for n, r in facts["rules"].items()])


def show_lists(facts):
    lists = facts["lists"]
    bare = lists["bare"]["p50"]
    print(f"First page of {count(lists['rows'])} transactions, beside the GET of a job's status")
    table(["", "p50 ms", "p99 ms", "x GET"],
          [["GET of a status", ms(bare), ms(lists["bare"]["p99"]), ""],
           *([name, ms(page["p50"]), ms(page["p99"]), ratio(page["p50"], bare)]
             for name, page in lists["pages"].items())])


def show_processes(facts):
    rows = max(facts["processes"])
    seconds = rows / facts["throughput"][rows]["daybook"]
    print(f"What holds the pipeline back: CPU of one run of {count(rows)} rows ({seconds:.2f} s)")
    table(["process", "CPU s", "us/row", "busy %", "peak MiB"],
          [[name, f"{cpu:.2f}", f"{cpu * 1e6 / rows:.2f}", f"{100 * cpu / seconds:.0f}",
            f"{peak:.1f}"] for name, cpu, peak in facts["processes"][rows]])


def show_straight(facts):
    rows = max(facts["straight_parts"])
    print(f"The straight line by part, {count(rows)} rows")
    table(["part", "s", "us/row"],
          [[name, f"{s:.3f}", f"{s * 1e6 / rows:.2f}"]
           for name, s in facts["straight_parts"][rows].items()])


def show_reading(r):
    print(f"Reading, one core, {count(r['rows'])} plain rows, beside a scan of the same bytes")
    table(["part", "MB/s", "of the scan", "rows/s"],
          [["scan", count(r["scan_mb_s"]), "1", ""],
           ["tokeniser", count(r["tokeniser_mb_s"]), f"{r['tokeniser_to_scan']:.3f}", ""],
           ["whole reader", count(r["reader_mb_s"]), f"{r['reader_to_scan']:.4f}",
            count(r["reader_rows_s"])]])


def show_aims(facts):
    """(what, reached, aim, more is better) where this run has both sides."""
    print("Aims (2-core machine)")
    lines = []
    throughput = facts["throughput"]
    big, small = max(throughput), min(throughput)

    def add(what, value, aim, more=True):
        if value is not None:
            met = value >= aim if more else value <= aim
            lines.append([what, f"{'>=' if more else '<='} {aim:g}", f"{value:.2f}",
                          "yes" if met else "NO"])

    def over(a, b):
        return a / b if a is not None and b else None

    t = throughput[big]
    add(f"rows/s of straight line at {count(big)}", over(t["daybook"], t["straight"]), 0.6)
    add(f"rows/s of Python at {count(big)}", over(t["daybook"], t.get("reference")), 6)
    t = throughput[small]
    add(f"rows/s of Python at {count(small)}", over(t["daybook"], t.get("reference")), 3)
    own, peer = facts["latency"]["daybook"], facts["latency"].get("reference", {})
    for state, which, aim in (("idle", "p50", 6), ("idle", "p99", 20), ("busy", "p50", 15)):
        accept = own[f"accept {state}"]
        add(f"accept {which}, {state}, of fdatasync p50",
            accept["latency_us"][which] / accept["fdatasync_us"]["p50"], aim, False)
    add("accept p99, busy, ms", own["accept busy"]["latency_us"]["p99"] / 1000, 10, False)
    for state in ("idle", "busy"):
        key = f"status {state}"
        add(f"status GET/s of Python, {state}",
            over(own[key]["rate"], peer.get(key, {}).get("rate")), 6)
    rules = facts["rules"]
    add("2,000 rules of 100, a row", rules["2000"]["rules_ns"] / rules["100"]["rules_ns"], 2, False)
    add("first page of any list, p99, ms",
        max(page["p99"] for page in facts["lists"]["pages"].values()) / 1000, 50, False)
    peak = max(p for _, _, p in facts["processes"][big])
    add("peak anonymous MiB of a process", peak, 96, False)
    table(["", "aim", "reached", "met"], lines)
