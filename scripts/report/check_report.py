#!/usr/bin/env python3
"""Opens reports in headless chromium at three widths, light and dark: takes screenshots, and checks what must hold.

    check_report.py FOLDER PAGE...

Of each page and width: nothing is wider than the screen, no text of a chart is cut, each chart is shown once; every link of the
contents leads somewhere, and every section is in it; the console is empty; the page is no larger than a bound. A page that
breaks all of it is tried first: a check that finds nothing there is no check.
"""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

WIDTHS = [390, 900, 1600]
MOST_BYTES = 1_500_000
TALLEST = 12_000
# What a chart's text may stand out of its drawing by, in its units: the estimate of a text's width is one.
CUT_TOLERANCE = 3

PROBE = """
(function () {
  var root = document.documentElement;
  var frames = Array.from(document.querySelectorAll("figure")).map(function (figure) {
    return Array.from(figure.querySelectorAll("svg")).filter(function (svg) { return svg.getClientRects().length; }).length;
  });
  var cut = [];
  document.querySelectorAll("svg").forEach(function (svg) {
    if (!svg.getClientRects().length) { return; }
    var area = svg.viewBox.baseVal;
    svg.querySelectorAll("text").forEach(function (text) {
      var box = svg.getBoundingClientRect(), own = text.getBoundingClientRect(), scale = box.width / area.width;
      var out = Math.max(box.left - own.left, own.right - box.right, box.top - own.top, own.bottom - box.bottom) / scale;
      if (out > TOLERANCE) { cut.push(text.textContent + " by " + Math.round(out)); }
    });
  });
  var links = Array.from(document.querySelectorAll("nav.contents a")).map(function (a) { return a.getAttribute("href").slice(1); });
  parent.postMessage(JSON.stringify({
    width: innerWidth, scroll: root.scrollWidth, height: root.scrollHeight, frames: frames, cut: cut,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    paper: getComputedStyle(document.body).backgroundColor,
    dead: links.filter(function (id) { return !document.getElementById(id); }),
    unlisted: Array.from(document.querySelectorAll("article section[id]")).map(function (s) { return s.id; })
      .filter(function (id) { return links.indexOf(id) === -1; }),
    links: links.length, buttons: document.querySelectorAll("thead button").length
  }), "*");
})();
""".replace("TOLERANCE", str(CUT_TOLERANCE))


# A window has a least width; a frame in it, whose width a page takes for the screen's, has none.
FRAME = """<!DOCTYPE html><html style="color-scheme: light dark"><body><script>
addEventListener("message", function (event) {
  var meta = document.createElement("meta");
  meta.name = "probe";
  meta.content = event.data;
  document.head.appendChild(meta);
});
</script><iframe src="PAGE" style="width: WIDTHpx; height: 1000px; border: 0"></iframe></body></html>"""


def chromium(profile, arguments, url):
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = ["chromium", "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", f"--user-data-dir={profile}",
               "--enable-logging=stderr", "--virtual-time-budget=3000"]
    done = subprocess.run(command + sandbox + arguments + [url], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"chromium failed: {done.stderr[-500:]}")
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, console


def probed(page, width, folder):
    """A copy of the page that says what it looks like, in a frame; its own policy would not let the probe run."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    copy = folder / f"probed-{page.name}"
    copy.write_text(text.replace("</body>", f"<script>{PROBE}</script></body>"), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME.replace("PAGE", copy.as_uri()).replace("WIDTH", str(width)), encoding="utf-8")
    return frame


def look(page, width, is_dark, folder, shot=None):
    """What is wrong with a page at a width."""
    scheme = ["--force-dark-mode"] if is_dark else []
    size = [f"--window-size={max(WIDTHS) + 100},1100"]
    dom, _ = chromium(folder / "profile", size + scheme + ["--dump-dom"], probed(page, width, folder).as_uri())
    found = re.search(r'<meta name="probe" content="([^"]*)"', dom)
    if not found:
        return ["the probe did not run"], None
    seen = json.loads(html.unescape(found.group(1)))
    _, console = chromium(folder / "profile", size + scheme + ["--dump-dom"], page.as_uri())
    problems = []
    if seen["width"] != width:
        problems.append(f"the screen is {seen['width']} wide")
    if seen["dark"] != is_dark:
        problems.append("the colour scheme is not the one asked for")
    if seen["scroll"] > width:
        problems.append(f"wider than the screen: {seen['scroll']}")
    problems += [f"a text is cut: {text}" for text in seen["cut"]]
    if any(count != 1 for count in seen["frames"]):
        problems.append(f"charts shown other than once: {seen['frames']}")
    problems += [f"a link leads nowhere: #{name}" for name in seen["dead"]]
    problems += [f"a section is not in the contents: {name}" for name in seen["unlisted"]]
    if not seen["links"]:
        problems.append("no contents")
    if not seen["buttons"]:
        problems.append("the script made no table sortable")
    problems += [f"console: {line}" for line in console]
    if page.stat().st_size > MOST_BYTES:
        problems.append(f"{page.stat().st_size} bytes, more than {MOST_BYTES}")
    if shot:
        height = min(seen["height"], TALLEST)
        chromium(folder / "profile", [f"--window-size={width},{height}"] + scheme + [f"--screenshot={shot}"], page.as_uri())
    return problems, seen["paper"]


BROKEN = """<!DOCTYPE html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"></head><body><article>
<nav class="contents"><a href="#nowhere">x</a></nav><section id="unlisted"></section>
<div style="width: 3000px">wide</div><figure><svg viewBox="0 0 10 10" width="10" height="10"><text x="5" y="5">cut text</text></svg>
<svg viewBox="0 0 10 10" width="10" height="10"></svg></figure><script>1</script></article>PADDING</body></html>"""
EXPECTED = ["wider than the screen", "a text is cut", "charts shown other than once", "a link leads nowhere",
            "a section is not in the contents", "no table sortable", "console:", "bytes, more than"]


def check_itself(folder):
    page = folder / "broken.html"
    page.write_text(BROKEN.replace("PADDING", " " * MOST_BYTES), encoding="utf-8")
    problems, _ = look(page, 390, False, folder)
    missed = [expected for expected in EXPECTED if not any(expected in problem for problem in problems)]
    if missed:
        sys.exit(f"a broken page is not found to be: {', '.join(missed)}; found {problems}")


def main():
    shots = pathlib.Path(sys.argv[1]).resolve()
    shots.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_itself(folder)
        for page in map(lambda path: pathlib.Path(path).resolve(), sys.argv[2:]):
            papers = {}
            for width in WIDTHS:
                for is_dark in [False, True]:
                    scheme = "dark" if is_dark else "light"
                    shot = shots / f"{page.stem}-{width}-{scheme}.png"
                    problems, papers[is_dark] = look(page, width, is_dark, folder, shot)
                    failed = failed or bool(problems)
                    print(f"{page.name} {width} {scheme}: " + ("; ".join(problems) or "holds"), flush=True)
            if papers[False] == papers[True]:
                failed = True
                print(f"{page.name}: dark is as light")
    print(f"screenshots: {shots}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        sys.exit("chromium is not installed")
    main()
