// What the engine's names mean.

/** Workers' colors on one object, told apart by people who see few colors too. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7b4ea3", "#56b4e9", "#a6761d", "#e7298a"];
const RESULT_COLOR = "#ffd60a";

const WHY = {
  "auto": "the method that suits the batch",
  "majority-vote": "most votes win",
  "weighted-vote": "votes weighed by each worker's estimated skill",
  "weighted-vote+one-coin": "votes weighed by each worker's estimated skill, averaged with a model that gives each worker one error rate",
  "weighted-vote+dawid-skene-map": "votes weighed by each worker's estimated skill, averaged with a model of what each worker takes for what",
  "weighted-vote+discrete-laplace": "votes weighed by each worker's estimated skill, averaged with a model of how far each worker strays on the scale",
  "two-coin": "per category, by how often each worker misses it and invents it",
  "weighted-median": "the middle answer on the scale, workers weighed by skill",
  "median": "the middle answer",
  "robust-mean": "a weighted mean in which answers far off count less",
  "medoid": "the answer nearest to all others",
  "rover": "aligned word by word, each word voted on",
  "weighted-clusters": "marks matched whatever their category, kept when probably there, places averaged by skill",
  "iou-clusters": "marks matched by overlap, kept when enough workers made them",
  "plain-clusters": "marks matched by nearness, kept when enough workers made them",
  "smoothed-vote": "a weighted vote on every pixel and its neighbors",
  "pixel-vote": "a vote on every pixel",
  "borda": "mean ranks, workers weighed by skill",
  "crowd-bt": "a model of the items' strengths and the workers' skill",
};

const REASONS = {
  "no-answer": "nobody answered",
  "no-usable-answer": "answers came, and none could be used",
  "quorum-not-reached": "fewer workers than the plan's quorum gave a usable value",
  "tie": "several categories lead, and the plan says not to choose",
  "share-too-small": "the label has less than the share of votes that the plan asks for",
  "unknown-category": "the label's category is in no list",
  "too-many-overlaps": "too many marks resemble each other",
  "too-many-categories": "the answers name too many categories",
};

const STATES = { "labeled": "labeled", "unresolved": "unresolved", "failed": "failed", "unlabeled": "no label" };

const MODEL_REASONS = {
  "many-objects": "there are ten objects per category or more",
  "few-objects": "there are fewer than ten objects per category",
  "many-answers": "workers gave ten answers per step or more on average",
  "few-answers": "workers gave fewer than ten answers per step on average",
  "several-may-hold": "several categories may hold at once",
  "many-categories": "there are more categories than a model can hold",
};
