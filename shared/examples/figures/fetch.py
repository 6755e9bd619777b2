"""Fetches public sets behind docs/FIGURES.md, and writes them as the example `figures` reads them.

    python3 shared/examples/figures/fetch.py FOLDER
    cargo run --release -p ground-truth --example figures -- FOLDER

Needs Python 3.9 or newer, and the network. `--sources CACHE` keeps what was fetched, and fetches nothing that is there.

Each set is made from files of a public repository at a fixed commit. `sources.sha256` has the checksums of these files and
`sets.sha256` those of what is made from them: the very files that the figures were measured on. A source that differs is
not used. A set that differs, or has no checksum, is kept and reported as not verified, and the exit code is 1.

The checksums of the sources were taken from copies of the repositories at these commits, on a machine that cannot reach
GitHub: the addresses below follow GitHub's pattern, and nobody has called them yet.

Not fetched: `birds_semi_a` and the sets `synth_…`, whose workers are simulated; `pedestrians`, `conll_val`, `bubil_a` and
`bubil_a_poly`, whose way from the public files to these cannot be repeated with what is known here. The example leaves out
the sets that are missing.

The licenses are those of the repositories. Where one names none, read the answers and do not pass them on.
"""

import argparse
import csv
import hashlib
import io
import json
import random
import sys
import urllib.parse
import urllib.request
from pathlib import Path

ADDRESS = "https://raw.githubusercontent.com"
HERE = Path(__file__).parent


class Names:
    """Gives out names in the order in which things are first seen, in place of those of the source."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.names = {}

    def __getitem__(self, key):
        return self.names.setdefault(key, self.pattern.format(len(self.names) + 1))


def answers_and_gold(answers, gold, columns=("task", "worker", "label"), task_name="t{:05}"):
    """The two files of a set with one value per answer. A worker's first answer to a task counts."""
    tasks, workers, values = Names(task_name), Names("w{:04}"), {}
    for task, worker, value in answers:
        values.setdefault((tasks[task], workers[worker]), value)
    rows = sorted((task, worker, value) for (task, worker), value in values.items())
    known = sorted((tasks[task], truth) for task, truth in gold if task in tasks.names)
    return {
        "answers.csv": csv_text([columns, *rows]),
        "gold.csv": csv_text([(columns[0], columns[2]), *known]),
    }


def csv_text(rows):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def json_lines(rows):
    return "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows)


def table(text, delimiter=","):
    """The rows of a table with quotes, without its header."""
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row][1:]


def records(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def lines(text):
    """The rows of a table without quotes."""
    return [line.split("\t") for line in text.split("\n") if line]


# How each set is made: functions from the texts of the sources to the texts of the files.


def choices(answers, gold):
    return answers_and_gold(table(answers), table(gold))


def quiz(answers, gold):
    """One column per worker."""
    rows = list(csv.reader(io.StringIO(answers, newline="")))
    workers = rows[0][1:]
    each = [(row[0], worker, label) for row in rows[1:] for worker, label in zip(workers, row[1:])]
    return answers_and_gold(each, table(gold))


def adult(answers, gold):
    return answers_and_gold(((task, worker, label) for worker, task, label in lines(answers)), lines(gold))


def transcriptions(answers, gold):
    rows = table(answers, "\t")
    each = ((task, worker, text.replace("\r", " ").replace("\n", " ")) for task, text, worker in rows)
    return answers_and_gold(each, lines(gold), ("task", "worker", "text"))


def translations(answers, gold):
    each = ((task, worker, text) for worker, task, text in lines(answers)[1:])
    return answers_and_gold(each, lines(gold)[1:], ("task", "worker", "text"))


def emotions(answers, gold):
    """One half of the questions."""
    answers, gold = table(answers), table(gold)
    questions = sorted((task for task, _ in gold), key=int)
    random.Random(11).shuffle(questions)
    half = set(questions[: len(questions) // 2])
    each = [(task, worker, float(value)) for task, worker, value in answers if task in half]
    truth = [(task, float(value)) for task, value in gold if task in half]
    return answers_and_gold(each, truth, ("task", "worker", "value"), "t{:04}")


def designs(answers, gold):
    """Which item stood left was not noted, and is drawn. The truth is the mean of the ratings of other people."""
    sides, workers, rows = random.Random(3), Names("w{:04}"), [("left", "right", "winner", "worker")]
    for _, winner, loser, worker in lines(answers)[1:]:
        pair = (winner, loser) if sides.random() < 0.5 else (loser, winner)
        rows.append((f"i{pair[0]}", f"i{pair[1]}", f"i{winner}", workers[worker]))
    (_, *viewpoints), *ratings = lines(gold)
    scores = [("item", "score", "score_starred")]
    for item, *values in ratings:
        starred = [value for value, viewpoint in zip(values, viewpoints) if viewpoint.startswith("*")]
        scores.append((f"i{item}", mean(values), mean(starred)))
    return {"answers.csv": csv_text(rows), "gold.csv": csv_text(scores)}


def mean(values):
    return round(sum(map(float, values)) / len(values), 4)


def relations(causes, treats, *batches):
    """One half of the sentences that experts have judged, relation by relation: -1 is no, 1 is yes."""
    judged = {}
    for relation, truth in (("CAUSES", causes), ("TREATS", treats)):
        for row in records(truth):
            if row["test_partition"] in ("-1", "1"):
                judged.setdefault(row["SID"], {})[relation] = int(row["test_partition"] == "1")
    sentences = sorted(judged)
    random.Random(7).shuffle(sentences)
    half = set(sentences[: len(sentences) // 2])

    tasks, workers, chosen = Names("t{:05}"), Names("w{:04}"), {}
    for row in (row for batch in batches for row in records(batch)):
        sentence = row["sent_id"].split("-")[0]
        if sentence in half:
            labels = {label.strip("[]") for label in row["step_1_select_the_valid_relations"].split()}
            chosen.setdefault((tasks[sentence], workers[row["_worker_id"]]), sorted(labels))
    answers = [{"task": task, "worker": worker, "labels": labels} for (task, worker), labels in sorted(chosen.items())]
    gold = [{"task": tasks[sentence], "labels": judged[sentence]} for sentence in sorted(half, key=tasks.__getitem__)]
    return {"answers.jsonl": json_lines(answers), "gold.jsonl": json_lines(gold)}


def cats(classifications):
    """What was drawn with a free hand. Nobody knows the truth."""
    tasks, workers, drawn = Names("img{:05}"), Names("w{:04}"), {}
    for row in records(classifications):
        key = (tasks[row["subject_ids"]], workers[row["user_name"]])
        size = json.loads(row["metadata"])["subject_dimensions"][0]
        marks = [mark for task in json.loads(row["annotations"]) for mark in task["value"] or [] if "pathX" in mark]
        vertices = [[{"x": x, "y": y} for x, y in zip(mark["pathX"], mark["pathY"])] for mark in marks]
        polygons = [{"label": "cat_face", "vertices": outline} for outline in vertices]
        drawn.setdefault(key, (size["naturalWidth"], size["naturalHeight"], polygons))
    names = ("task", "worker", "image_width", "image_height", "polygons")
    return {"answers.jsonl": json_lines(dict(zip(names, (*key, *drawn[key]))) for key in sorted(drawn))}


# The sets: their repository at a commit, its license, the files in it, and how they become the set.

INFERENCE = "yuan-li/truth-inference-at-scale/621789b2d57324d3559dc973b2613d2296d73f55"
QUIZ = "garfieldpigljy/CrowdLabelwithTextContent/6716cff4b3885d70924d255df4048a11e61c8768"
ADULT = "ipeirotis/Get-Another-Label/9fe6c56a7a157dba1a12018f696bad56806125b7"
RELATIONS = "CrowdTruth/Medical-Relation-Extraction/585c158864f91d7e7666f70d3b705294186e1378"
CATS = "zooniverse/aggregation-for-caesar/36ac055209859360d6a9b0f6162025ccb8764e48"
SPEECH = "Toloka/CrowdSpeech/7a43b79ef02bd91790b9d499136e3b9697e1123d"
TRANSLATIONS = "garfieldpigljy/CrowdWSA2019/2cb655639c9ffbf16b328c34a04b60c6d3920f95"
DESIGNS = "yukinobaba/crowdea/43e6513ffa8871b14b20e8dee24fe5bcafe2c6da"
EMOTIONS = "zhydhkcws/crowd_truth_infer/8d216471071f09b9e474ee19f8d692447f982f88"

BATCHES = [f"raw/RelEx/RelEx_batch_{number:02}.csv" for number in range(1, 47)]
RELATION_NAMES = (
    "ASSOCIATED_WITH CAUSES CONTRAINDICATES DIAGNOSE_BY_TEST_OR_DRUG IS_A LOCATION MANIFESTATION NONE OTHER PART_OF "
    "PREVENTS SIDE_EFFECT SYMPTOM TREATS"
).split()


def single_choices(folder, classes, kind="categorical"):
    sources = [f"data/{folder}/label.csv", f"data/{folder}/truth.csv"]
    return (INFERENCE, "MIT", sources, choices, {"kind": kind, "classes": list(classes)})


def quiz_of(folder):
    sources = [f"Datasets/{folder}/answer.csv", f"Datasets/{folder}/truth.csv"]
    return (QUIZ, "none named", sources, quiz, {"kind": "categorical", "classes": list("ABCDE")})


def fixed(repository, license, sources, make, **meta):
    return (repository, license, sources, make, meta)


SETS = {
    "bluebird": single_choices("SpectralMethodsMeetEM/bluebird", "01"),
    "dog": single_choices("SpectralMethodsMeetEM/dog", "0123"),
    "face": single_choices("crowd_truth_inference/s4_Face Sentiment Identification", "0123"),
    "product": single_choices("crowd_truth_inference/d_jn-product", "01"),
    "rte": single_choices("SpectralMethodsMeetEM/rte", "01"),
    "sp": single_choices("active-crowd-toolkit/SP", "01"),
    "sp_amt": single_choices("active-crowd-toolkit/SP_amt", "01"),
    "web": single_choices("SpectralMethodsMeetEM/web", "01234", "ordinal"),
    "quiz_chinese": quiz_of("CHINESE"),
    "quiz_english": quiz_of("ENGLISH"),
    "adult": fixed(
        ADULT, "Apache-2.0", ["data/AdultContent2/labels.txt", "data/AdultContent2/gold.txt"], adult,
        kind="ordinal", classes=list("GPRX"),
    ),
    "relex_a": fixed(
        RELATIONS, "none named", ["ground_truth_cause.csv", "ground_truth_treat.csv", *BATCHES], relations,
        kind="multilabel", classes=RELATION_NAMES,
    ),
    "cats_poly": fixed(
        CATS, "Apache-2.0", ["docs/source/_static/cat-project-classifications.csv"], cats,
        kind="polygons", classes=["cat_face"],
    ),
    "crowdspeech_dev_clean": fixed(
        SPEECH, "CC-BY-4.0", ["data/crowdspeech-dev-clean-crowd.tsv", "data/crowdspeech-dev-clean-gt.txt"], transcriptions,
        kind="text",
    ),
    "crowdwsa_j1": fixed(
        TRANSLATIONS, "CC-BY-4.0", ["data/CrowdWSA2019_J1_label_anonymous.tsv", "data/CrowdWSA2019_J1_gt.tsv"], translations,
        kind="text",
    ),
    "crowdea_olympic": fixed(
        DESIGNS, "none named", ["data/design/olympic/label.tsv", "data/design/olympic/truth.tsv"], designs,
        kind="pairwise",
    ),
    "emotion_a": fixed(
        EMOTIONS, "none named", ["datasets/f201_Emotion_FULL/answer.csv", "datasets/f201_Emotion_FULL/truth.csv"], emotions,
        kind="numeric", min=-100, max=100,
    ),
}


def checksums(name):
    """Checksums by path, as `sha256sum` writes them."""
    rows = (line.split("  ", 1) for line in (HERE / name).read_text().splitlines())
    return {path: checksum for checksum, path in rows}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def source(path, known, cache):
    """The text of a source, which must be the one that is known."""
    file = cache and cache / path
    if file and file.exists():
        content = file.read_bytes()
    else:
        with urllib.request.urlopen(f"{ADDRESS}/{urllib.parse.quote(path)}", timeout=60) as response:
            content = response.read()
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    if sha256(content) != known.get(path):
        raise ValueError(f"{path} is not the file that was known: its SHA-256 is {sha256(content)}")
    return content.decode("utf-8-sig")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where each set gets a folder of its own")
    parser.add_argument("sets", nargs="*", metavar="SET", help="sets to fetch; all, unless some are named")
    parser.add_argument("--sources", type=Path, metavar="CACHE", help="where to keep what is fetched")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.sets if name not in SETS]
    if unknown:
        parser.error(f"no such sets: {', '.join(unknown)}; there are {', '.join(SETS)}")
    csv.field_size_limit(1 << 30)  # a field of `cats_poly` is a whole drawing

    known_sources, known_files = checksums("sources.sha256"), checksums("sets.sha256")
    is_verified = True
    for name in arguments.sets or SETS:
        repository, license, paths, make, meta = SETS[name]
        try:
            texts = [source(f"{repository}/{path}", known_sources, arguments.sources) for path in paths]
        except (OSError, ValueError) as error:
            print(f"{name}: not fetched: {error}")
            is_verified = False
            continue
        files = {**make(*texts), "meta.json": json.dumps(meta)}
        (arguments.folder / name).mkdir(parents=True, exist_ok=True)
        differs = []
        for file, text in files.items():
            (arguments.folder / name / file).write_bytes(text.encode())
            if sha256(text.encode()) != known_files.get(f"{name}/{file}"):
                differs.append(file)
        verdict = f"NOT VERIFIED: {', '.join(differs)}" if differs else "verified"
        print(f"{name}: {verdict} (license: {license})")
        is_verified = is_verified and not differs
    return 0 if is_verified else 1


if __name__ == "__main__":
    sys.exit(main())
