#!/usr/bin/python3
"""page - makes the table of the web page's files for page.c: page.py web/dist OUT

Writes OUT/page.inc and, for each file that gets smaller, OUT/N.gz as `gzip -9n` would make it. The
bytes themselves are taken up by the assembler. The same files give the same table.
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
         ".woff2": "font/woff2", ".json": "application/json"}


def incbin(symbol, path):
    return (f'\t".global {symbol}, {symbol}_end\\n"\n'
            f'\t"{symbol}: .incbin \\"{path}\\"\\n"\n'
            f'\t"{symbol}_end: .byte 0\\n"\n')


def main():
    dist, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    blobs, names, rows = "", [], ""
    for i, path in enumerate(sorted(p for p in dist.rglob("*") if p.is_file())):
        content = path.read_bytes()
        packed = gzip.compress(content, 9, mtime=0)
        tag = hashlib.sha256(content).hexdigest()[:32]
        symbol, small = f"page_{i}", "NULL, NULL"
        blobs += incbin(symbol, path)
        names.append(symbol)
        if len(packed) < len(content):
            (out / f"{i}.gz").write_bytes(packed)
            blobs += incbin(f"{symbol}_gz", out / f"{i}.gz")
            names.append(f"{symbol}_gz")
            small = f"{symbol}_gz, {symbol}_gz_end"
        rows += (f'\t{{"{path.relative_to(dist).as_posix()}", "{TYPES[path.suffix]}", "{tag}",\n'
                 f"\t {symbol}, {symbol}_end, {small}}},\n")
    externs = ", ".join(f"{name}[], {name}_end[]" for name in names)
    (out / "page.inc").write_text(
        f'/* Made by page.py. */\n__asm__(".section .rodata\\n"\n{blobs}\t".previous\\n");\n\n'
        f"extern const char {externs};\n\n"
        f"static const struct page_file files[] = {{\n{rows}}};\n", encoding="utf-8")


if __name__ == "__main__":
    main()
