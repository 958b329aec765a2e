"""Trains the topic model: `config/topics/model.bin` from labelled rows, written headlines, the lexicon and word vectors.

    cargo build --release --example topic_features
    python3 training/topics.py words ROWS.jsonl WORDS.json
    python3 training/topics_vectors.py MODEL_DIRECTORY WORDS.json VECTORS.npz
    python3 training/topics.py train ROWS.jsonl VECTORS.npz config/topics/model.bin

ROWS.jsonl holds `id source title body iptc`. Words are cut and lexicon phrases weighed by the Rust example, never here,
so that training and use cannot differ. Deterministic: the same inputs give the same bytes (one thread, no randomness).
What is fitted and why is told in config/topics/MODEL.md.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import collections
import glob
import hashlib
import json
import re
import struct
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

ROOT = Path(__file__).resolve().parent.parent
FEATURES = os.environ.get("TOPIC_FEATURES", str(ROOT / "target/release/examples/topic_features"))
TOPS = [f"{number:02}000000" for number in range(1, 18)]
MAGIC, VERSION = b"DLTOPICS", 1

# Words and pairs seen in fewer rows are left out.
ROWS_MIN = 2
# Directions kept of the vectors: all of them.
VECTOR_WIDTH = 384
VECTOR_SCALE = 3.0
# Frequent words carry little meaning: weight a / (a + frequency).
FREQUENCY = 1e-2
REGULARISATION, ITERATIONS = 0.4, 60
# Sources and top levels are evened out: a row of a source of n rows weighs n to the minus this.
SOURCE_EXPONENT, TOP_EXPONENT = 0.15, 0.15
# What a group of our own headlines counts when the two parts are joined: nothing else stands for three of the codes.
WRITTEN_FACTOR = 3.0
# What one term of the lexicon weighs as a training row of its concept.
LEXICON_ROW_WEIGHT = 0.3
LEXICON_TERM_WEIGHT_MIN = 2.0
FOLDS = 5
SHORT_WORDS = 60


def main(command: str, rows_file: str, *rest: str) -> None:
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    rows = read_rows(rows_file)
    match command:
        case "words":
            write_words(rows, Path(rest[0]))
        case "train":
            train(Corpus.of(rows), Vectors(rest[0]), Path(rest[1]))
        case _:
            sys.exit(__doc__)


def read_rows(path: str) -> list[dict]:
    """Labelled rows, our own headlines, and a copy with nothing but its title of every row that has a body."""
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines] + written_rows()
    for row in rows:
        row["copy"] = False
    copies = [row | {"body": "", "copy": True} for row in rows if row.get("title") and row.get("body")]
    return rows + copies


def written_rows() -> list[dict]:
    rows, code = [], None
    for line in (ROOT / "training/topics_written.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = line.strip("[]")
        elif line and not line.startswith("#"):
            rows.append({"id": f"written-{len(rows)}", "source": "written", "title": line, "body": "", "iptc": code})
    return rows


def lexicon_rows() -> list[dict]:
    """Every English term of the lexicon as a row: the vectors carry its meaning to words no lexicon lists."""
    rows = []
    for path in sorted(glob.glob(str(ROOT / "config/topics/lexicon/en/*.txt"))):
        top = Path(path).name[:2] + "000000"
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            weight, colon, terms = line.partition(":")
            if not colon or line.startswith(("#", "[")) or float(weight) < LEXICON_TERM_WEIGHT_MIN:
                continue
            terms = [re.sub("[*~]", "", term).strip() for term in terms.split(",")]
            rows += [{"title": term, "body": "", "iptc": top} for term in terms]
    return rows


def features(rows: list[dict]) -> list[dict]:
    lines = "".join(json.dumps({"title": row.get("title") or "", "body": row.get("body") or ""}) + "\n" for row in rows)
    done = subprocess.run([FEATURES], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def write_words(rows: list[dict], out: Path) -> None:
    counts = collections.Counter()
    for item in features(rows):
        counts.update(set(item["words"][0] + item["words"][1]))
    words = {word for word, rows in counts.items() if rows >= ROWS_MIN}
    words |= {word for item in features(lexicon_rows()) for word in item["words"][0]}
    out.write_text(json.dumps(sorted(word for word in words if re.fullmatch("[a-z0-9]{1,24}", word))))


@dataclass
class Corpus:
    rows: list[dict]
    items: list[dict]
    labels: np.ndarray
    sources: np.ndarray
    copies: np.ndarray
    folds: np.ndarray

    @staticmethod
    def of(rows: list[dict]) -> "Corpus":
        identity = [row.get("id") or row["title"] for row in rows]
        folds = [int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % FOLDS for name in identity]
        return Corpus(
            rows,
            features(rows),
            np.array([TOPS.index(row["iptc"]) for row in rows]),
            np.array([row["source"] for row in rows]),
            np.array([row["copy"] for row in rows]),
            np.array(folds),
        )


class Vectors:
    """Word vectors, their common direction removed, the strongest directions kept, with the weight of each word."""

    def __init__(self, path: str) -> None:
        stored = np.load(path)
        self.words = [str(word) for word in stored["words"]]
        self.places = {word: place for place, word in enumerate(self.words)}
        self.vectors = stored["vectors"].astype(np.float64)
        self.vectors -= self.vectors.mean(0)

    def weigh(self, items: list[dict]) -> None:
        counts = collections.Counter()
        for item in items:
            counts.update(set(item["words"][0] + item["words"][1]))
        frequency = np.array([max(counts[word], 1) / len(items) for word in self.words])
        self.weights = FREQUENCY / (FREQUENCY + frequency)
        _, directions = np.linalg.eigh((self.vectors * self.weights[:, None] ** 2).T @ self.vectors)
        directions *= np.sign(directions[np.abs(directions).argmax(0), range(directions.shape[1])])
        self.vectors = self.vectors @ directions[:, ::-1][:, :VECTOR_WIDTH]

    def mean(self, items: list[dict]) -> np.ndarray:
        means = np.zeros((len(items), self.vectors.shape[1]))
        for i, item in enumerate(items):
            places = [self.places[word] for word in item["words"][0] + item["words"][1] if word in self.places]
            if places:
                weights = self.weights[places]
                means[i] = weights @ self.vectors[places] / weights.sum()
        return means


class Terms:
    """Words and adjoining pairs, present or absent, weighed by how few rows they stand in."""

    def __init__(self, items: list[dict]) -> None:
        counts = collections.Counter()
        for item in items:
            counts.update(set(grams(item)))
        self.grams = sorted(gram for gram, rows in counts.items() if rows >= ROWS_MIN)
        self.places = {gram: place for place, gram in enumerate(self.grams)}
        self.weights = np.array([np.log((1 + len(items)) / (1 + counts[gram])) + 1 for gram in self.grams])

    def matrix(self, items: list[dict]) -> sparse.csr_matrix:
        starts, places, weights = [0], [], []
        for item in items:
            held = sorted({self.places[gram] for gram in grams(item) if gram in self.places})
            squares = self.weights[held]
            places += held
            weights.append(squares / max(np.sqrt((squares**2).sum()), 1e-6))
            starts.append(len(places))
        return sparse.csr_matrix((np.concatenate(weights), places, starts), shape=(len(items), len(self.grams)))


def grams(item: dict) -> list[str]:
    out = []
    for words, adjoining in zip(item["words"], item["adjoining"]):
        out += words
        out += [f"{a} {b}" for a, b, pair in zip(words, words[1:], adjoining[1:]) if pair]
    return out


class Linear:
    """One weight per top level for every term and every direction of the vectors."""

    def __init__(self, corpus: Corpus, rows: np.ndarray, vectors: Vectors, means: np.ndarray, lexicon: tuple) -> None:
        lexicon_means, lexicon_labels = lexicon
        self.terms = Terms([corpus.items[i] for i in rows])
        matrix = self.features(corpus, rows, means)
        no_terms = sparse.csr_matrix((len(lexicon_labels), len(self.terms.grams)))
        matrix = sparse.vstack([matrix, sparse.hstack([no_terms, lexicon_means * VECTOR_SCALE])]).tocsr()
        weights = evened(corpus.sources[rows], SOURCE_EXPONENT) * evened(corpus.labels[rows], TOP_EXPONENT)
        weights = np.concatenate([weights / weights.mean(), np.full(len(lexicon_labels), LEXICON_ROW_WEIGHT)])
        labels = np.concatenate([corpus.labels[rows], lexicon_labels])
        self.fitted = LinearSVC(C=REGULARISATION, max_iter=ITERATIONS, tol=1e-2, random_state=0)
        self.fitted.fit(matrix, labels, sample_weight=weights)
        # A constant over the classes changes no probability; without it weights are smaller and pack better.
        self.weights = self.fitted.coef_ - self.fitted.coef_.mean(0)
        self.bias = self.fitted.intercept_ - self.fitted.intercept_.mean()

    def features(self, corpus: Corpus, rows: np.ndarray, means: np.ndarray) -> sparse.csr_matrix:
        return sparse.hstack([self.terms.matrix([corpus.items[i] for i in rows]), means[rows] * VECTOR_SCALE]).tocsr()

    def logits(self, corpus: Corpus, rows: np.ndarray, means: np.ndarray) -> np.ndarray:
        return self.features(corpus, rows, means) @ self.weights.T + self.bias


def evened(keys: np.ndarray, exponent: float) -> np.ndarray:
    sizes = collections.Counter(keys)
    return np.array([sizes[key] ** -exponent for key in keys])


def train(corpus: Corpus, vectors: Vectors, out: Path) -> None:
    lexicon = lexicon_rows()
    vectors.weigh(corpus.items)
    means = vectors.mean(corpus.items)
    lexicon_data = (vectors.mean(features(lexicon)), np.array([TOPS.index(row["iptc"]) for row in lexicon]))

    def fit(rows: np.ndarray) -> Linear:
        return Linear(corpus, rows, vectors, means, lexicon_data)

    abroad, at_home = held_out(corpus, means, fit)
    settings, sharpness = combine(corpus, abroad, at_home)
    print("settings", settings.round(3), "sharpness", sharpness.round(2), flush=True)
    report(corpus, abroad, settings, sharpness, "source left out")
    report(corpus, at_home, settings, sharpness, "rows left out")
    model = fit(np.arange(len(corpus.rows)))
    out.write_bytes(pack(model, vectors, settings, sharpness))
    print(f"{out}: {out.stat().st_size} bytes, sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}")


def held_out(corpus: Corpus, means: np.ndarray, fit) -> tuple[np.ndarray, np.ndarray]:
    """Logits of every row by a model that saw none of its source, and of one fold by a model that saw the others."""
    abroad = np.full((len(corpus.rows), len(TOPS)), np.nan)
    at_home = abroad.copy()
    for source in sorted(set(corpus.sources)):
        rest = np.flatnonzero(corpus.sources != source)
        if set(corpus.labels[rest]) == set(range(len(TOPS))):
            rows = np.flatnonzero(corpus.sources == source)
            abroad[rows] = fit(rest).logits(corpus, rows, means)
    rows = np.flatnonzero(corpus.folds == 0)
    at_home[rows] = fit(np.flatnonzero(corpus.folds != 0)).logits(corpus, rows, means)
    # Our own headlines are the only rows of three codes: they are judged by the fold, not by leaving them all out.
    own = corpus.sources == "written"
    abroad[own] = at_home[own]
    return abroad, at_home


def add_up(corpus: Corpus, logits: np.ndarray, p: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Model and lexicon together; the same formula as src/classify/topic/model.rs."""
    lexicon_title, lexicon_words, lexicon_exponent, lexicon_scale, model_scale, model_words, model_exponent = p
    title, body, words = (array[rows] for array in lexicon_arrays(corpus))
    in_all = words.sum(1, keepdims=True)
    weights = title * (1 + lexicon_title * (words[:, 1:] > 0)) + body
    weights = weights * (1 + in_all / lexicon_words) ** -lexicon_exponent * lexicon_scale
    return logits[rows] * model_scale * (1 + in_all / model_words) ** model_exponent + weights


def lexicon_arrays(corpus: Corpus) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not hasattr(corpus, "arrays"):
        title = np.array([item["lexicon"][0] for item in corpus.items])
        body = np.array([item["lexicon"][1] for item in corpus.items])
        words = np.array([[len(item["words"][0]), len(item["words"][1])] for item in corpus.items], float)
        corpus.arrays = (title, body, words)
    return corpus.arrays


def combine(corpus: Corpus, abroad: np.ndarray, at_home: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fits the seven numbers of `add_up`, then the sharpness of headlines, short texts and articles.

    Both kinds of held-out logits count alike: rows of a new source, and new rows of a known one. Within each kind every
    source counts alike, whole items and titles alone too.
    """
    parts = [(logits, rows) for logits in (abroad, at_home) for rows in groups(corpus, logits)]
    counts = [WRITTEN_FACTOR if corpus.sources[rows[0]] == "written" else 1.0 for _, rows in parts]

    def loss(p: np.ndarray) -> float:
        p = np.concatenate([p[:1], np.exp(p[1:])])
        losses = [nll(add_up(corpus, logits, p, rows), corpus.labels[rows]) for logits, rows in parts]
        return float(np.average(losses, weights=counts))

    start = np.concatenate([[0.5], np.log([5.0, 0.6, 0.9, 2.5, 7.0, 0.25])])
    fitted = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 250}).x
    settings = np.concatenate([fitted[:1], np.exp(fitted[1:])])
    sharpness = np.ones(3)
    for regime in range(3):
        here = [(logits, rows[regimes(corpus, rows) == regime]) for logits, rows in parts]
        here = [(add_up(corpus, logits, settings, rows), corpus.labels[rows]) for logits, rows in here if len(rows) > 20]
        if here:
            grid = np.arange(0.4, 1.8, 0.02)
            sharpness[regime] = min(grid, key=lambda s: sum(nll(z * s, labels) for z, labels in here))
    return settings, sharpness


def groups(corpus: Corpus, logits: np.ndarray) -> list[np.ndarray]:
    known = ~np.isnan(logits[:, 0])
    # One in six of the largest source is enough to fit ten numbers.
    known &= (corpus.sources != "huffpost") | (np.arange(len(known)) % 6 == 0)
    keys = sorted(set(zip(corpus.sources[known], corpus.copies[known])))
    return [np.flatnonzero(known & (corpus.sources == source) & (corpus.copies == copy)) for source, copy in keys]


def regimes(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    words = lexicon_arrays(corpus)[2][rows]
    return np.where(words[:, 1] == 0, 0, np.where(words.sum(1) < SHORT_WORDS, 1, 2))


def nll(logits: np.ndarray, labels: np.ndarray) -> float:
    return float((logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean())


def report(corpus: Corpus, logits: np.ndarray, settings: np.ndarray, sharpness: np.ndarray, title: str) -> None:
    for rows in groups(corpus, logits):
        z = add_up(corpus, logits, settings, rows) * sharpness[regimes(corpus, rows)][:, None]
        probability = np.exp(z - logsumexp(z, axis=1, keepdims=True))
        right = z.argmax(1) == corpus.labels[rows]
        confidence = probability.max(1)
        bins = np.minimum((confidence * 10).astype(int), 9)
        error = sum(abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(10)) / len(rows)
        what = "title alone" if corpus.copies[rows[0]] else "whole item"
        print(f"{title:16} {corpus.sources[rows[0]]:12} {what}: {right.mean():.3f}  calibration error {error:.3f}")


def pack(model: Linear, vectors: Vectors, settings: np.ndarray, sharpness: np.ndarray) -> bytes:
    """The file that src/classify/topic/model_file.rs reads."""
    terms = len(model.terms.grams)
    term_weights = {gram: weight for gram, weight in zip(model.terms.grams, model.terms.weights)}
    term_rows = {gram: row for gram, row in zip(model.terms.grams, model.weights[:, :terms].T)}
    static = vectors.vectors @ (model.weights[:, terms:].T * VECTOR_SCALE)
    words = vectors.words
    pairs = sorted(set(model.terms.grams) - set(words))
    none = np.zeros(len(TOPS))
    rows = np.array([term_rows.get(entry, none) for entry in words + pairs])
    row_scales, static_scales = ((np.abs(x).max(1) / 127).astype("<f4") for x in (rows, static))
    weights = np.array([term_weights.get(entry, 0.0) for entry in words + pairs])
    content = b"".join([
        MAGIC,
        struct.pack("<4I", VERSION, len(TOPS), len(words) + len(pairs), len(words)),
        np.concatenate([settings, sharpness]).astype("<f4").tobytes(),
        model.bias.astype("<f4").tobytes(),
        np.array([hash_gram(entry) for entry in words + pairs], dtype="<u8").tobytes(),
        np.round(weights * 1024).astype("<u2").tobytes(),
        np.round(vectors.weights * 65535).astype("<u2").tobytes(),
        row_scales.tobytes(),
        static_scales.tobytes(),
        np.round(rows / np.maximum(row_scales, 1e-9)[:, None]).astype("i1").tobytes(),
        np.round(static / np.maximum(static_scales, 1e-9)[:, None]).astype("i1").tobytes(),
    ])
    return content + hashlib.sha256(content).digest()


def hash_gram(gram: str) -> int:
    """hash_word and hash_phrase of src/classify/text.rs; a test holds the two equal."""
    first, *rest = (hash_word(word) for word in gram.split(" "))
    for word in rest:
        rotated = (first << 23 | first >> 41) & MASK
        first = (rotated ^ word) * GOLDEN & MASK
    return first


MASK, GOLDEN = (1 << 64) - 1, 0x9E3779B97F4A7C15


def hash_word(word: str) -> int:
    value = 0xCBF29CE484222325
    for byte in word.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return (value ^ value >> 32) * GOLDEN & MASK


if __name__ == "__main__":
    main(*sys.argv[1:])
