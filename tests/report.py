"""Opens what `gtruth report` writes in headless Chromium, and uses it as people do.

    cargo build --workspace
    pip install playwright==1.56.0
    python tests/report.py target/debug/gtruth /usr/bin/chromium

A part of .ci/run. The job is made here: every kind of mark, every state of an object, and hostile text wherever a worker, a
manifest or a label can put some. With a folder as third argument its screenshots go there.
"""

import base64
import http.server
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

from playwright.sync_api import sync_playwright

GTRUTH, CHROMIUM = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
SHOTS = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
WORK = pathlib.Path(tempfile.mkdtemp())
JOB = WORK / "survey-7"
HOSTILE = "</script><script>window.hit=1</script>\"'><img src=x onerror=window.hit=1><svg onload=window.hit=1>&amp;\u2028javascript:window.hit=1"
SIZE = (480, 300)


def png(width, height, color_at):
    rows = b"".join(b"\0" + bytes(part for x in range(width) for part in color_at(x, y)) for y in range(height))
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def river(x, y):
    """A bank, a river, and something dark that swims."""
    if ((x - 240) / 90) ** 2 + ((y - 170) / 38) ** 2 < 1:
        return 92, 72, 58
    return (116, 158, 176) if y > 90 + x // 12 else (148, 171, 116)


def mask(shift):
    def color_at(x, y):
        inside = ((x - 120 - shift) / 45) ** 2 + ((y - 85) / 19) ** 2 < 1
        return (0x1F, 0x77, 0xB4) if inside else (0xFF, 0x7F, 0x0E) if y > 45 + x // 12 + shift else (255, 255, 255)

    image = base64.b64encode(png(240, 150, color_at)).decode()
    return {"labelMappings": {"otter": {"color": "#1f77b4"}, "water": {"color": "#ff7f0e"}},
            "labeledImage": {"pngImageData": image}, "inputImageProperties": {"width": 240, "height": 150}}


def instances(shift):
    colors = {"#1f77b4": (80, 70), "#ff7f0e": (170, 95)}
    rgb = {color: tuple(bytes.fromhex(color[1:])) for color in colors}

    def color_at(x, y):
        hit = [color for color, (left, top) in colors.items() if ((x - left - shift) / 32) ** 2 + ((y - top) / 20) ** 2 < 1]
        return rgb[hit[0]] if hit else (255, 255, 255)

    image = base64.b64encode(png(240, 150, color_at)).decode()
    return {"instances": [{"color": color, "label": "otter"} for color in colors], "labeledImage": {"pngImageData": image},
            "inputImageProperties": {"width": 240, "height": 150}}


def write(path, text):
    path = JOB / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def answer(object_id, forms):
    answers = [{"workerId": worker, "answerContent": form, "timeSpentInSeconds": 11.5 + 9 * idx + object_id,
                "acceptanceTime": "2024-05-06T07:00:00Z", "submissionTime": f"2024-05-06T0{7 + object_id % 3}:{10 + 7 * idx}:00Z",
                "workerMetadata": {"identityData": {"sub": "never-in-the-page"}}} for idx, (worker, form) in enumerate(forms.items())]
    write(f"annotations/worker-response/iteration-1/{object_id}/2024-05-06_07:00:00.json", json.dumps({"answers": answers}))


def picture_form(animal, tags, by, extra_box=False):
    properties = {"width": SIZE[0], "height": SIZE[1]}
    vertices = lambda points: [{"x": x + by, "y": y + by / 2} for x, y in points]
    boxes = [{"label": animal, "left": 148 + by, "top": 130 - by, "width": 185, "height": 80 + by, "rotation": 8 if by else 0}]
    if extra_box:
        boxes.append({"label": "heron", "left": 30, "top": 20, "width": 60, "height": 60})
    return {"animal": {"label": animal}, "tags": {"labels": tags}, "shapes": {"boundingBoxes": boxes, "inputImageProperties": properties},
            "outline": {"polygons": [{"label": "bank", "vertices": vertices([(0, 0), (470, 0), (470, 125), (240, 108), (0, 88)])}],
                        "inputImageProperties": properties},
            "current": {"polylines": [{"label": "flow", "vertices": vertices([(20, 250), (180, 232), (300, 262), (450, 240)])}],
                        "inputImageProperties": properties},
            "parts": {"keypoints": [{"label": "nose", "x": 325 + by, "y": 168}, {"label": "tail", "x": 155 + by, "y": 172}],
                      "inputImageProperties": properties}}


def make_job():
    (WORK / "images").mkdir(parents=True)
    (WORK / "images" / "0.png").write_bytes(png(*SIZE, river))
    (WORK / "images" / "large one.png").write_bytes(png(*SIZE, river) + b"\0" * 120_000)
    answer(0, {"ana": picture_form("otter", ["wet"], 0), "bo": picture_form("otter", ["wet", "dark"], 4), "cleo": picture_form("mink", ["wet"], -6, True)})
    answer(1, {"ana": picture_form("otter", [], 1), "bo": picture_form("otter", [], 0), "cleo": picture_form("otter", [], 2)})
    spans = lambda *all: {"places": {"entities": [{"label": label, "startOffset": start, "endOffset": end} for label, start, end in all]}}
    answer(2, {"ana": spans(("river", 23, 28), ("animal", 4, 9)), "bo": spans(("river", 17, 28), ("animal", 4, 9)), "cleo": spans(("river", 23, 28))})
    answer(3, {"ana": {"cover": mask(0)}, "bo": {"cover": mask(6)}, "cleo": {"cover": mask(-4)}})
    answer(4, {HOSTILE: {"animal": {"label": HOSTILE}, "note": HOSTILE, HOSTILE: [HOSTILE], "tags": {"labels": [HOSTILE]}},
               "bo": {"animal": {"label": HOSTILE}, "note": f"{HOSTILE} {HOSTILE}", "shapes": {"boundingBoxes": [{"label": HOSTILE, "left": 1, "top": 1, "width": 9, "height": 9}]}},
               "cleo": "no form"})
    answer(6, {"ana": {"animal": {"label": ""}, "tags": {"labels": ["dark"]}}})
    ratings = lambda order, winner, count, quality: {"order": {"ranking": order}, "pair": {"left": "design-3", "right": "design-7", "preferred": winner}, "count": count, "quality": quality}
    answer(8, {"ana": ratings(["dawn", "dusk", "noon"], "right", 3, "good"), "bo": ratings(["dawn", "noon", "dusk"], "right", 4, "fair"), "cleo": ratings(["dusk", "dawn", "noon"], "left", 12, "good")})
    calls = lambda *all: {"calls": {"segments": [{"label": label, "start": start, "end": end} for label, start, end in all]}}
    answer(9, {"ana": calls(("song", 1.25, 4.5), ("call", 7, 8.2)), "bo": calls(("song", 1.4, 4.4)), "cleo": calls(("song", 1.3, 5), ("call", 7.1, 8))})
    cars = lambda x: {"cars": {"cuboids": [{"label": "car", "center": {"x": x, "y": y, "z": 0.8}, "dimensions": {"length": 4.25, "width": 1.75, "height": 1.5}, "yaw": yaw} for y, yaw in ((-2, 0.5), (6, -0.2))]}}
    answer(10, {"ana": cars(4.5), "bo": cars(4.7), "cleo": cars(5.4)})
    answer(11, {"ana": {"parts of it": instances(0)}, "bo": {"parts of it": instances(5)}, "cleo": {"parts of it": instances(-8)}})
    path = lambda by: {"swims": {"tracks": [{"label": "otter", "boxes": [{"frame": frame, "left": 40 + 30 * frame + by, "top": 60 + 9 * frame, "width": 90, "height": 50} for frame in range(8)]}]}}
    answer(12, {"ana": path(0), "bo": path(4), "cleo": path(-9)})
    (WORK / "plan.json").write_text(json.dumps({"fields": {"qualit*": {"kind": "ordinal", "categories": ["bad", "fair", "good"]}}}))
    write("manifests/output/output.manifest", "".join(json.dumps(line) + "\n" for line in manifest()))


def manifest():
    metadata = {"survey-metadata": {"type": "groundtruth/custom", "job-name": "labeling-job/survey-7", "human-annotated": "yes", "creation-date": "2024-05-06T07:08:09.000010"}}
    old = lambda animal: {"survey": {"animal": {"kind": "classification", "label": animal, "confidence": 0.66}}, **metadata}
    failed = {"survey-metadata": {"failure-reason": f"ClientError: {HOSTILE}", "human-annotated": "true"}}
    return [
        {"source-ref": "s3://river-in/images/0.png", **old("mink")},
        {"source-ref": "s3://river-in/images/large one.png", **old("otter")},
        {"source": "The otter of the Upper Tamar swims at dusk 🦦 and sleeps by day.", **old("otter")},
        {"source-ref": "s3://river-in/elsewhere/3.png"},
        {"source": HOSTILE, **old(HOSTILE)},
        {"source-ref": HOSTILE, **failed},
        {"source-ref": "javascript:window.hit=1"},
        {"source-ref": "s3://river-in/7.png"},
        {"source": "Which of these would you rather have?"},
        {"source-ref": "s3://river-in/dawn.wav"},
        {"source-ref": "s3://river-in/street.pcd"},
        {"source-ref": "s3://river-in/elsewhere/11.png"},
        {"source-ref": "s3://river-in/street-sequence.json"},
    ]


def report(name, *flags, env=None):
    out = WORK / name
    subprocess.run([GTRUTH, "report", JOB, "--plan", WORK / "plan.json", "--out", out, *flags], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    return out


def open_page(browser, path, **options):
    page = browser.new_page(viewport={"width": 1360, "height": 860}, **options)
    page.complaints = []
    page.on("console", lambda message: message.type in ("error", "warning") and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(path.as_uri())
    return page


def shoot(page, name):
    if SHOTS:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png")


def wait_for(page, condition):
    """Playwright's own waiting evaluates text in the page, which its policy forbids."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(25)
    raise AssertionError(condition)


def titles(page):
    return page.locator("#rows .item").evaluate_all("rows => rows.map(row => row.id)")


def check_use(browser, path):
    page = open_page(browser, path)
    assert page.title() == "survey-7 – labeling job", page.title()
    assert page.locator("#view-overview svg.plot").count() >= 5
    assert "animal" in page.locator("#view-overview table").first.inner_text()
    alpha = page.locator("#view-overview svg.wide").get_attribute("aria-label")
    assert re.search(r"animal 0\.\d\d \(.0\.\d\d to 1\.00\)", alpha), alpha
    page.get_by_text("Every two workers").click()
    page.locator("#view-overview details select").select_option("animal")
    assert page.locator("#view-overview .matrix td[title^='ana and cleo: 50% on 2 objects']").count() == 1
    shoot(page, "overview")

    page.keyboard.press("2")
    page.wait_for_selector("#detail h2")
    assert page.locator("#count").inner_text() == "13 objects"
    first = page.locator("#detail h2").inner_text()
    check_orders(page)
    page.keyboard.press("j")
    assert page.locator("#detail h2").inner_text() != first
    page.keyboard.press("k")
    assert page.locator("#detail h2").inner_text() == first
    page.keyboard.press("/")
    wait_for(page, "document.activeElement.id === 'search'")
    page.keyboard.type("0.png")
    assert titles(page) == ["row-0"], titles(page)
    assert page.locator("#detail h2").inner_text() == "Object 0"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "list"

    # The picture, who drew what, and the toggles.
    wait_for(page, "document.querySelector('.stage img').naturalWidth === 480")
    assert page.locator(".stage svg").get_attribute("viewBox") == "0 0 480 300"
    assert page.locator(".stage polygon").count() >= 4 and page.locator(".stage polyline").count() >= 4
    assert page.locator(".stage rect[transform]").count() >= 1
    shoot(page, "object")
    visible = "[...document.querySelectorAll('.stage g')].filter(group => group.style.display !== 'none').length"
    assert page.evaluate(visible) == 4
    page.get_by_role("button", name="ana", exact=True).first.click()
    assert page.evaluate(visible) == 3
    page.keyboard.press("r")
    assert page.evaluate(visible) == 2
    page.keyboard.press("r")
    page.get_by_role("button", name="ana", exact=True).first.click()
    shapes = page.get_by_role("region", name="shapes").inner_text()
    assert re.search(r"cleo\s+2 marks: heron, mink\s+differs", shapes) and re.search(r"ana\s+1 mark: otter\s+\d\d% like the result", shapes), shapes
    text = page.locator("#detail").inner_text()
    assert "as the result" in text and "differs" in text and "the job had mink (0.66)" in text, text

    # Filters.
    page.fill("#search", "")
    for state, expected in [("failed", ["row-5"]), ("unlabeled", ["row-7"]), ("unresolved", ["row-6"])]:
        page.select_option("#filter-state", state)
        assert titles(page) == expected, (state, titles(page))
    page.select_option("#filter-state", "changed")
    assert "row-0" in titles(page) and "row-7" not in titles(page), titles(page)
    page.select_option("#filter-state", "")
    page.select_option("#filter-field", "places")
    assert titles(page) == ["row-2"], titles(page)
    assert page.locator("#detail mark").count() >= 5
    assert page.locator("#detail mark", has_text="Tamar").count() >= 4
    shoot(page, "spans")
    page.select_option("#filter-field", "cover")
    wait_for(page, "[...document.querySelectorAll('canvas')].length === 4 && [...document.querySelectorAll('canvas')].every(one => one.width === 240)")
    shoot(page, "masks")
    page.select_option("#filter-field", "")

    # An image that is linked, and one that cannot be had.
    page.locator("#row-1").click()
    wait_for(page, "document.querySelector('.stage img')?.naturalWidth === 480")

    # An object that failed says why, once.
    page.locator("#row-5").click()
    wait_for(page, "document.querySelector('#row-5').getAttribute('aria-selected') === 'true'")
    assert page.locator("#detail .aside").count() == 1 and "ClientError" in page.locator("#detail .aside").inner_text()

    # Help, and back out of it.
    page.keyboard.press("?")
    assert page.locator("#help").evaluate("help => help.open")
    shoot(page, "help")
    page.keyboard.press("Escape")
    assert not page.locator("#help").evaluate("help => help.open")

    page.keyboard.press("3")
    page.wait_for_selector("#view-workers table")
    assert page.locator("#view-workers tbody tr").count() == 4
    shoot(page, "workers")
    page.locator("#view-workers select").select_option("animal")
    row = page.locator("#view-workers tr", has_text="cleo").inner_text().split()
    assert row[:5] == ["cleo", "10", "50%", "of", "2"], row
    page.get_by_role("button", name="cleo", exact=True).click()
    page.wait_for_selector("#view-workers h2 >> text=cleo")
    assert page.locator("#view-workers .matrix td[title='otter answered as mink: 1 of 2']").inner_text() == "1"
    shoot(page, "worker")
    page.get_by_role("button", name="The objects that this worker answered").click()
    page.wait_for_selector("#view-objects:not([hidden])")
    assert "of 13 objects" in page.locator("#count").inner_text()
    assert page.complaints == [], page.complaints


def check_orders(page):
    """By disagreement and by confidence are two orders, and each list is sorted by the number that it shows."""
    def shown(order):
        page.select_option("#sort", order)
        numbers = page.locator("#rows .item .tag.sub").all_inner_texts()
        known = [float(number) for number in numbers if number != "–"]
        assert numbers == [f"{number:.2f}" for number in known] + ["–"] * (len(numbers) - len(known)), numbers
        return known

    apart, alike, unsure = shown("disagreement"), shown("agreement"), shown("unsure")
    assert apart == sorted(apart, reverse=True) and alike == sorted(alike) and unsure == sorted(unsure)
    page.select_option("#sort", "disagreement")
    assert page.locator("#count-of").inner_text() == "disagreement"


CONTRAST = """() => {
    const parts = (color) => color.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = parts(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const texts = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && !one.closest('.stage, svg, dialog, script')
        && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
    return texts.map((one) => {
        const [a, b] = [light(parts(getComputedStyle(one).color)), light(ground(one))];
        return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.className, one.textContent.slice(0, 30)];
    }).filter(([contrast]) => contrast < 4.5);
}"""


def check_access(page):
    """Text stands out, and whatever can be pressed or filled in has a name."""
    assert page.evaluate(CONTRAST) == [], page.evaluate(CONTRAST)
    nameless = "[...document.querySelectorAll('button, input, select, a')].filter(one => !(one.getAttribute('aria-label') || one.textContent.trim()))"
    assert page.evaluate(f"{nameless}.length") == 0, page.evaluate(f"{nameless}.map(one => one.outerHTML)")


def check_hostile(browser, path):
    """Whatever is opened, nothing of it runs, loads or becomes an element."""
    page = open_page(browser, path)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    for idx in range(13):
        page.goto(f"{path.as_uri()}#/objects/{idx}")
        page.wait_for_selector("#detail h2")
    for view in ["overview", "workers"]:
        page.goto(f"{path.as_uri()}#/{view}")
    page.goto(f"{path.as_uri()}#/objects/4")
    assert HOSTILE in page.locator("#detail").evaluate("detail => detail.textContent")
    shoot(page, "hostile")
    assert page.evaluate("window.hit") is None
    assert page.locator("[onerror], [onload], script:not([type])").count() == 1, "the page's own script alone"
    assert not [url for url in requests if not url.startswith(("file:", "data:"))], requests
    assert page.evaluate("[...document.querySelectorAll('a')].every(link => ['https:', 'file:'].includes(link.protocol))")
    # A name that nobody would give a file is linked as one, and is not there.
    complaints = [complaint for complaint in page.complaints if "ERR_FILE_NOT_FOUND" not in complaint]
    assert complaints == [], complaints


def check_policy(browser, path):
    """What is injected all the same does not run."""
    page = open_page(browser, path)
    page.evaluate("""() => {
        const script = document.createElement('script'); script.textContent = 'window.hit = 1'; document.body.append(script);
        const image = document.createElement('img'); image.setAttribute('onerror', 'window.hit = 1'); image.src = 'x:y'; document.body.append(image);
    }""")
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert len(page.complaints) >= 1


def check_dark(browser, path):
    page = open_page(browser, path, color_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    check_access(page)
    shoot(page, "overview-dark")
    page.goto(f"{path.as_uri()}#/objects/0")
    page.wait_for_selector(".stage svg rect")
    page.wait_for_timeout(200)
    check_access(page)
    shoot(page, "object-dark")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    for view in ["objects/0", "overview", "workers/0", "workers", "objects/2"]:
        page.goto(f"{path.as_uri()}#/{view}")
        check_access(page)
    page.goto(f"{path.as_uri()}#/objects/0")
    page.set_viewport_size({"width": 420, "height": 860})
    shoot(page, "narrow")
    if SHOTS:
        page.pdf(path=SHOTS / "print.pdf")


def check_thumbnails(browser):
    """A large image is in the page, smaller than it is, and its marks fit all the same."""
    page = open_page(browser, report("thumbnails.html", "--images", WORK / "images", "--thumbnails", "120"))
    page.goto(f"{page.url}#/objects/1")
    wait_for(page, "document.querySelector('.stage img')?.naturalWidth === 120")
    assert page.locator(".stage img").get_attribute("src").startswith("data:image/jpeg;base64,")
    assert page.locator(".stage svg").get_attribute("viewBox") == "0 0 480 300"
    shoot(page, "thumbnail")
    assert page.complaints == [], page.complaints


class Bucket(http.server.BaseHTTPRequestHandler):
    """S3, as far as it gives images to whoever signed for them."""

    def do_GET(self):
        is_signed = self.path.startswith("/river-in/images/0.png?") and "X-Amz-Signature=" in self.path and "X-Amz-Expires=5400" in self.path
        self.send_response(200 if is_signed else 403)
        self.end_headers()
        self.wfile.write((WORK / "images" / "0.png").read_bytes() if is_signed else b"")

    def log_message(self, *_):
        pass


def check_signed(browser):
    """Images come from the bucket, signed, and the page may load them from nowhere else."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    s3 = f"http://127.0.0.1:{server.server_address[1]}"
    keys = {"AWS_ACCESS_KEY_ID": "KEY-ID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": os.devnull}
    path = report("signed.html", "--images", "sign", "--expires", "90m", "--endpoint-url", s3, env={**os.environ, **keys})
    assert re.search(r"img-src data: file: " + re.escape(s3) + ";", path.read_text()), "the policy names the bucket's host alone"
    page = open_page(browser, path)
    assert "The addresses of the images hold until" in page.locator("#view-overview").inner_text()
    page.goto(f"{page.url}#/objects/0")
    wait_for(page, "document.querySelector('.stage img')?.naturalWidth === 480")
    assert page.complaints == [], page.complaints
    server.shutdown()


def check_hashed(path):
    text = path.read_text()
    assert "never-in-the-page" not in text
    overview, workers = ([json.loads(line.split(">", 1)[1].removesuffix("</script>")) for line in text.splitlines() if f'id="{block}"' in line][0] for block in ("overview", "workers"))
    assert overview["counts"]["objects"] == 13
    assert len(workers) == 4 and all(worker["worker"].startswith("worker-") for worker in workers)
    assert '"ana"' not in text and '"bo"' not in text and '"cleo"' not in text


make_job()
plain = report("report.html", "--images", WORK / "images")
with sync_playwright() as playwright:
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    check_use(browser, plain)
    check_hostile(browser, plain)
    check_hostile(browser, report("linked.html"))
    check_policy(browser, plain)
    check_dark(browser, plain)
    check_thumbnails(browser)
    check_signed(browser)
    browser.close()
check_hashed(report("hashed.html", "--hash-workers", "--images", "none"))
print("the report opens, filters, draws, and lets no worker's text run")
