"""Gives the answers that the benchmark `speed` wrote to other libraries, and prints how many times longer they take.

    cargo bench -p ground-truth --bench speed -- --write FOLDER
    pip install crowd-kit==1.4.2 datumaro==1.13.12 ensemble-boxes==1.0.9 krippendorff==0.9.0 SimpleITK==2.5.7
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python peers.py FOLDER

By hand, on a machine that has nothing else to do; no part of the tests. Each library gets its own data structures ready
made, so that only the aggregation is timed. What ours is measured on is said at the top of speed.rs.
"""

import json
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
FOLDER = sys.argv[1]


def read(name):
    with open(os.path.join(FOLDER, name)) as file:
        return [json.loads(line) for line in file]


with open(os.path.join(FOLDER, "times.csv")) as file:
    # Names hold commas, seconds do not.
    OURS = dict(line.rstrip("\n").rsplit(",", 1) for line in list(file)[1:])


def compare(peer, work, ours, n_runs=1):
    """Prints the seconds of `work` (the best of its runs) as a multiple of each of ours."""
    seconds = []
    for _ in range(n_runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    for name in ours:
        ratio = min(seconds) / float(OURS[name])
        times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
        print(f"| {name} | {float(OURS[name]):.4f} | {peer} | {min(seconds):.3f} | {times} |", flush=True)


def categories():
    from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote

    million = pd.read_csv(os.path.join(FOLDER, "votes-1M.csv"))
    few = pd.read_csv(os.path.join(FOLDER, "votes-100k.csv"))
    ours = ["majority vote, 1M", "majority vote of shuffled rows, 1M"]
    compare("crowd-kit MajorityVote", lambda: MajorityVote().fit_predict(million), ours, 7)
    # A tolerance below every change makes all rounds happen.
    fit = DawidSkene(n_iter=100, tol=-1e9)
    compare("crowd-kit DawidSkene, 100 rounds", lambda: fit.fit_predict(million), ["Dawid-Skene, 100 rounds, 1M"])
    three = GLAD(n_iter=3, tol=-1e9)
    compare("crowd-kit GLAD, 3 rounds", lambda: three.fit_predict(few), ["GLAD, 3 rounds, 100k", "GLAD, 100k"])
    one_start = MACE(n_iter=50, n_restarts=1)
    compare("crowd-kit MACE, 50 rounds, 1 start", lambda: one_start.fit_predict(few), ["MACE, 50 rounds, 100k"], 3)
    compare("crowd-kit MACE, default (10 starts)", lambda: MACE().fit_predict(few), ["MACE, 100k"])


def alpha():
    import krippendorff

    votes = pd.read_csv(os.path.join(FOLDER, "votes-1M.csv"))
    counts = pd.crosstab(votes.task, votes.label).to_numpy()
    work = lambda: krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    compare("krippendorff, counts given", work, ["Krippendorff's alpha, 1M"], 3)


def boxes():
    import datumaro as dm
    from datumaro.components.annotation import AnnotationType, LabelCategories
    from datumaro.components.merge.intersect_merge import IntersectMerge
    from ensemble_boxes import weighted_boxes_fusion

    rows = read("boxes.jsonl")
    labels = {AnnotationType.label: LabelCategories.from_iterable(["otter"])}
    by_worker, by_image = {}, {}
    for row in rows:
        drawn = [[one[side] for side in ("left", "top", "width", "height")] for one in row["answer"]["boundingBoxes"]]
        shapes = [dm.Bbox(*sides, label=0) for sides in drawn]
        by_worker.setdefault(row["worker"], []).append(dm.DatasetItem(id=str(row["task"]), annotations=shapes))
        corners = [[x / 1400, y / 720, (x + width) / 1400, (y + height) / 720] for x, y, width, height in drawn]
        by_image.setdefault(row["task"], []).append(np.clip(corners, 0, 1).reshape(-1, 4).tolist())
    datasets = [dm.Dataset.from_iterable(items, categories=labels) for items in by_worker.values()]
    conf = IntersectMerge.Conf(pairwise_dist=0.5, quorum=3)

    def fuse():
        for of_workers in by_image.values():
            ones = [[1.0] * len(drawn) for drawn in of_workers]
            zeros = [[0] * len(drawn) for drawn in of_workers]
            weighted_boxes_fusion(of_workers, ones, zeros, iou_thr=0.5)

    typed = ["boxes, clusters and medians alone", "boxes, default, typed input"]
    ours = [*typed, "boxes, plain clusters", "boxes, default"]
    compare("datumaro IntersectMerge", lambda: IntersectMerge(conf=conf)(*datasets), ours)
    compare("ensemble-boxes WBF", fuse, ours, 3)


def masks():
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    by_image = {}
    for row in read("masks.jsonl"):
        counts = np.array(row["counts"])
        pixels = np.repeat(np.arange(len(counts)) % 2, counts).astype(np.uint8).reshape(512, 512)
        by_image.setdefault(row["task"], []).append(sitk.GetImageFromArray(pixels))

    def each(make):
        for images in by_image.values():
            make().Execute(images)

    compare("SimpleITK LabelVoting", lambda: each(sitk.LabelVotingImageFilter), ["mask vote"], 3)

    def staple():
        one = sitk.STAPLEImageFilter()
        one.SetForegroundValue(1.0)
        return one

    compare("SimpleITK STAPLE", lambda: each(staple), ["STAPLE as in the paper", "STAPLE, standard"], 3)


def texts():
    from crowdkit.aggregation import ROVER

    rows = [(row["task"], row["worker"], row["answer"]) for row in read("texts.jsonl")]
    answers = pd.DataFrame(rows, columns=["task", "worker", "text"])
    rover = ROVER(tokenizer=str.split, detokenizer=" ".join)
    compare("crowd-kit ROVER", lambda: rover.fit_predict(answers), ["ROVER, alignment and vote alone", "ROVER"])


print("| ours | s | peer | s | times |\n|---|---|---|---|---|")
for section in (categories, alpha, boxes, masks, texts):
    section()
