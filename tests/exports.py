"""Reads what `gtruth export` writes with the field's own readers, and compares it with the labels it was made of.

    cargo build --workspace
    pip install pycocotools==2.0.11 datasets==5.2.0 spacy==3.8.18 label-studio-sdk==2.1.2 datumaro==1.13.12 numpy==2.2.6
    python tests/exports.py target/debug/gtruth

A part of .ci/run. The reader of YOLO brings a framework for machine learning along; its files are text of a documented form,
which is read here as the documentation says.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import datasets
import spacy
from datumaro import Dataset
from label_studio_sdk.label_interface import LabelInterface
from PIL import Image
from pycocotools.coco import COCO

GTRUTH = pathlib.Path(sys.argv[1]).resolve()
FIXTURES = pathlib.Path(__file__).parent / "fixtures" / "exports"
OUT = pathlib.Path(tempfile.mkdtemp())


def export(fixture, form, *flags):
    folder = OUT / f"{fixture}-{form}"
    manifest = FIXTURES / f"{fixture}.manifest"
    subprocess.run([GTRUTH, "export", manifest, "--format", form, "--out", folder, *flags], check=True, stdout=subprocess.DEVNULL)
    return folder


def near(found, expected, within=1e-3):
    found, expected = list(found), list(expected)
    assert len(found) == len(expected), (found, expected)
    assert all(abs(a - b) <= within for a, b in zip(found, expected)), (found, expected)


def coco_boxes():
    coco = COCO(export("boxes", "coco") / "annotations.json")
    names = {category["id"]: category["name"] for category in coco.loadCats(coco.getCatIds())}
    found = {names[one["category_id"]]: one["bbox"] for one in coco.loadAnns(coco.getAnnIds(imgIds=[1]))}
    assert set(found) == {"otter", "heron & chick"}
    near(found["otter"], [20, 10, 40.5, 20])
    assert [image["file_name"] for image in coco.loadImgs(coco.getImgIds())] == ["cam3/0.png", "cam4/0.png"]
    assert coco.getAnnIds(imgIds=[2]) == []


def coco_outlines():
    coco = COCO(export("polygons", "coco") / "annotations.json")
    (pond,) = coco.loadAnns(coco.getAnnIds())
    assert abs(int(coco.annToMask(pond).sum()) - pond["area"]) < 0.05 * pond["area"]
    coco = COCO(export("masks", "coco") / "annotations.json")
    (otter,) = coco.loadAnns(coco.getAnnIds())
    mask = coco.annToMask(otter)
    assert mask.shape == (9, 12) and mask.sum() == 20 and mask[2:7, 1:5].all()


def coco_points():
    coco = COCO(export("points", "coco") / "annotations.json")
    (category,) = coco.loadCats(coco.getCatIds())
    assert category["keypoints"] == ["bill", "tail"]
    first, second = coco.loadAnns(coco.getAnnIds())
    near(first["keypoints"], [41, 22.5, 2, 190, 92, 2])
    near(second["keypoints"], [0, 0, 0, 10, 20, 2])


def yolo():
    folder = export("boxes", "yolo-detect")
    names = [line.split(": ", 1)[1] for line in (folder / "data.yaml").read_text().splitlines() if line.startswith("  ")]
    rows = [line.split() for line in (folder / "labels/cam3/0.txt").read_text().splitlines()]
    by_name = {json.loads(names[int(row[0])]): [float(share) for share in row[1:]] for row in rows}
    x, y, width, height = by_name["otter"]
    near([(x - width / 2) * 200, (y - height / 2) * 100, width * 200, height * 100], [20, 10, 40.5, 20])
    assert (folder / "labels/cam4/0.txt").read_text() == ""
    (row,) = (export("polygons", "yolo-segment") / "labels/0.txt").read_text().splitlines()
    near([float(share) for share in row.split()[1:]], [0.15, 0.4, 0.45, 0.4, 0.3, 0.8])
    folder = export("points", "yolo-pose")
    assert "kpt_shape: [2, 3]" in (folder / "data.yaml").read_text()
    row = [float(share) for share in (folder / "labels/0.txt").read_text().split()]
    assert len(row) == 5 + 2 * 3
    near(row[5:], [0.205, 0.225, 2, 0.95, 0.92, 2])


def marks(folder, form, images):
    """What datumaro reads, by image: kinds of marks, their names and places. It wants the images beside the labels."""
    for name, size in images.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size).save(folder / name)
    dataset = Dataset.import_from(str(folder), form)
    names = next(iter(dataset.categories().values()))
    return {item.id: [(type(mark).__name__, names[mark.label].name, mark) for mark in item.annotations] for item in dataset}


def pascal_voc():
    images = {f"JPEGImages/{name}": (200, 100) for name in ("cam3/0.png", "cam4/0.png")}
    found = marks(export("boxes", "pascal-voc"), "voc_detection", images)
    boxes = {name: mark for _, name, mark in found["cam3/0"]}
    near(boxes["otter"].points, [20, 10, 60.5, 30])
    near(boxes["heron & chick"].points, [100, 40, 140, 60])
    assert found["cam4/0"] == []


def cvat():
    images = {f"images/{name}": (200, 100) for name in ("cam3/0.png", "cam4/0.png")}
    found = marks(export("boxes", "cvat"), "cvat", images)
    assert [(kind, name) for kind, name, _ in found["cam3/0"]] == [("Bbox", "otter"), ("Bbox", "heron & chick")]
    near(found["cam3/0"][0][2].points, [20, 10, 60.5, 30])
    assert found["cam4/0"] == []
    ((kind, name, mask),) = marks(export("masks", "cvat"), "cvat", {"images/0.png": (12, 9)})["0"]
    assert (kind, name) == ("Mask", "otter") and mask.image.sum() == 20 and mask.image[2:7, 1:5].all()
    ((kind, name, pond),) = marks(export("polygons", "cvat"), "cvat", {"images/0.png": (200, 100)})["0"]
    assert (kind, name) == ("Polygon", "pond")
    near(pond.points, [30, 40, 90, 40, 60, 80])
    found = marks(export("points", "cvat"), "cvat", {f"images/{n}.png": (200, 100) for n in (0, 1)})
    assert [(name, list(mark.points)) for _, name, mark in found["0"]] == [("bill", [41, 22.5]), ("tail", [190, 92])]


def label_studio():
    for fixture in ("boxes", "polygons", "points", "spans", "form"):
        folder = export(fixture, "label-studio")
        interface = LabelInterface((folder / "interface.xml").read_text())
        for task in json.loads((folder / "tasks.json").read_text()):
            for prediction in task.pop("predictions"):
                assert interface.validate_prediction(prediction), (fixture, prediction)
                for result in prediction["result"]:
                    value = result["value"]
                    if result["type"] == "labels":
                        assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
            assert interface.validate_task(task), (fixture, task)


def hugging_face():
    table = datasets.load_dataset("json", data_files=str(export("form", "hugging-face-images") / "metadata.jsonl"), split="train")
    assert table["file_name"][:] == ["0.png", "1.png"] and table["animal"][:] == ["otter", "heron"]
    assert table["tags"][0] == ["wet", "dark"] and table["depth"][0] == -1.5
    folder = export("spans", "hugging-face-tokens")
    (row,) = datasets.load_dataset("json", data_files=str(folder / "tokens.jsonl"), split="train")
    tags = json.loads((folder / "tags.json").read_text())
    tagged = [(token, tags[tag]) for token, tag in zip(row["tokens"], row["ner_tags"]) if tag]
    assert tagged == [("🦦", "B-animal"), ("river", "B-river"), ("Tamar", "I-river"), ("1903", "B-date")], tagged


def spacy_spans():
    (line,) = (export("spans", "spacy") / "spans.jsonl").read_text().splitlines()
    line = json.loads(line)
    doc = spacy.blank("en")(line["text"])
    spans = [doc.char_span(span["start"], span["end"], span["label"]) for span in line["spans"]]
    assert [(span.text, span.label_) for span in spans] == [("🦦", "animal"), ("river Tamar", "river"), ("1903", "date")]


def tables():
    with open(export("form", "csv") / "labels.csv", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["animal"], first["tags"], first["depth"], first["note"]) == ("otter", "wet|dark", "-1.5", "tail, only")
    assert (second["animal"], second["tags"], second["note"]) == ("heron", "", "")
    lines = (export("form", "json-lines") / "labels.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["fields"]["animal"]["label"] == "otter"


def ground_truth():
    lines = (export("boxes", "ground-truth") / "output.manifest").read_text().splitlines()
    first = json.loads(lines[0])
    classes, label = first["survey-metadata"]["class-map"], first["survey"]
    assert label["image_size"] == [{"width": 200, "height": 100, "depth": 3}]
    assert len(label["annotations"]) == len(first["survey-metadata"]["objects"])
    assert {classes[str(one["class_id"])] for one in label["annotations"]} == {"otter", "heron & chick"}
    lines = (export("form", "ground-truth", "--field", "animal") / "output.manifest").read_text().splitlines()
    assert [json.loads(line)["survey-metadata"]["class-name"] for line in lines] == ["otter", "heron"]


CHECKS = (coco_boxes, coco_outlines, coco_points, yolo, pascal_voc, cvat, label_studio, hugging_face, spacy_spans, tables, ground_truth)
for check in CHECKS:
    check()
    print(f"{check.__name__}: read back as it was", flush=True)
