"""Trains the topic model: `config/topics/model.bin` from labelled rows, written headlines, the lexicon and word vectors.

    cargo build --release --example topic_features
    python3 training/topics.py words ROWS.jsonl GLOVE.json WORDS.json
    python3 training/topics_vectors.py MODEL_DIRECTORY WORDS.json GLOVE.json VECTORS.npz
    python3 training/topics.py train ROWS.jsonl VECTORS.npz config/topics/model.bin

ROWS.jsonl holds `id source title body iptc`. Words are cut and lexicon phrases weighed by the Rust example, never here,
so that training and use cannot differ. Deterministic: the same inputs give the same bytes (one thread, no randomness).
config/topics/MODEL.md says what is fitted and why.
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
WRITTEN = Path(os.environ.get("TOPIC_WRITTEN", ROOT / "training/topics_written"))
TOPS = [f"{number:02}000000" for number in range(1, 18)]
MAGIC, VERSION = b"DLTOPICS", 2

# Words and pairs seen in fewer rows are left out.
ROWS_MIN = 2
# The most frequent words of the word vectors have a place in the model even when no training row holds them.
FREQUENT_WORDS = 60_000
VECTOR_SCALE = 3.0
# The beginning of a longer word is a direction too, when enough rows hold it: words no row holds gain by their kin.
BEGINNING_LETTERS, BEGINNING_SCALE, BEGINNING_ROWS_MIN = 4, 3.0, 3
# Frequent words carry little meaning: weight a / (a + frequency).
FREQUENCY = 1e-2
REGULARISATION, ITERATIONS = 0.3, 60
# Sources and top levels are evened out: a row of a source of n rows weighs n to the minus this.
SOURCE_EXPONENT, TOP_EXPONENT = 0.15, 0.15
# Weight of a row of our own, relative to one that people labelled.
WRITTEN_ROW_WEIGHT = 0.7
# What our own items count together when the parts are joined: nothing else represents three of the codes.
WRITTEN_SHARE = 0.3
# What one term of the lexicon weighs as a training row of its concept.
LEXICON_ROW_WEIGHT = 0.3
LEXICON_TERM_WEIGHT_MIN = 2.0
FOLDS = 5
# What the parts (terms, vectors, the title's phrases, the body's) count before anything is fitted.
PARTS_START = np.log([3.0, 3.0, 0.5, 0.2])
# Holds what the signals change to what the sources have in common.
SIGNAL_PENALTY = 1e-2
LOG_MIN, LOG_MAX = -6.0, 4.0


def main(command: str, rows_file: str, *rest: str) -> None:
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    rows = read_rows(rows_file)
    match command:
        case "words":
            write_words(rows, Path(rest[0]), Path(rest[1]))
        case "train":
            train(Corpus.of(rows), Vectors(rest[0]), Path(rest[1]))
        case _:
            sys.exit(__doc__)


def read_rows(path: str) -> list[dict]:
    """Labelled rows, our own headlines, and a title-only copy of every row that has a body."""
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines] + written_rows()
    for row in rows:
        row["copy"] = False
    copies = [row | {"body": "", "copy": True} for row in rows if row.get("title") and row.get("body")]
    return rows + copies


def written_rows() -> list[dict]:
    """Items of our own: a headline a line, with its text after a bar where there is one. Each file is a source."""
    rows = []
    for path in sorted(WRITTEN.glob("*.txt")):
        source, code = f"written {path.stem}", None
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                code = line.strip("[]")
            elif line and not line.startswith("#"):
                title, _, body = (part.strip() for part in line.partition("|"))
                row = {"id": f"{source} {len(rows)}", "source": source, "title": title, "body": body, "iptc": code}
                rows.append(row)
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


def write_words(rows: list[dict], glove: Path, out: Path) -> None:
    counts = collections.Counter()
    for item in features(rows):
        counts.update(set(item["words"][0] + item["words"][1]))
    frequent = [word for word in json.loads(glove.read_text())["words"] if plain(word) and not word.isdigit()]
    known = set(frequent)
    words = {word for word, rows in counts.items() if rows >= ROWS_MIN or word in known}
    words |= {word for item in features(lexicon_rows()) for word in item["words"][0]}
    words |= set(frequent[:FREQUENT_WORDS])
    out.write_text(json.dumps(sorted(filter(plain, words))))


def plain(word: str) -> bool:
    return re.fullmatch("[a-z0-9]{1,24}", word) is not None


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
    """What each word is like: word vectors of two kinds side by side, each without its common direction, and how the
    word begins; with the weight of each word."""

    def __init__(self, path: str) -> None:
        stored = np.load(path)
        self.words = [str(word) for word in stored["words"]]
        self.places = {word: place for place, word in enumerate(self.words)}
        self.vectors = np.hstack([centred(stored[kind].astype(np.float64)) for kind in ("minilm", "glove")])

    def learn(self, items: list[dict]) -> None:
        """Takes the weights of words, and the beginnings worth a direction, from the rows."""
        counts, beginnings = collections.Counter(), collections.Counter()
        for item in items:
            words = set(item["words"][0] + item["words"][1])
            counts.update(words)
            beginnings.update({beginning(word) for word in words if word in self.places})
        frequency = np.array([max(counts[word], 1) / len(items) for word in self.words])
        self.weights = FREQUENCY / (FREQUENCY + frequency)
        known = sorted(start for start, rows in beginnings.items() if start and rows >= BEGINNING_ROWS_MIN)
        directions = {start: place for place, start in enumerate(known)}
        begun = [(i, directions[beginning(word)]) for i, word in enumerate(self.words) if beginning(word) in directions]
        rows, columns = np.array(begun, dtype=int).reshape(-1, 2).T
        scale = np.full(len(rows), BEGINNING_SCALE)
        starts = sparse.csr_matrix((scale, (rows, columns)), (len(self.words), len(known)))
        self.directions = sparse.hstack([self.vectors * VECTOR_SCALE, starts]).tocsr()

    def mean(self, items: list[dict]) -> sparse.csr_matrix:
        starts, places, weights = [0], [], []
        for item in items:
            held = [self.places[word] for word in item["words"][0] + item["words"][1] if word in self.places]
            places += held
            weights.append(self.weights[held] / max(self.weights[held].sum(), 1e-6))
            starts.append(len(places))
        counts = sparse.csr_matrix((np.concatenate(weights), places, starts), shape=(len(items), len(self.words)))
        return (counts @ self.directions).tocsr()


def beginning(word: str) -> str:
    """What the forms of a word have in common, roughly; nothing for a short word."""
    return word[:BEGINNING_LETTERS] if len(word) > BEGINNING_LETTERS else ""


def centred(vectors: np.ndarray) -> np.ndarray:
    """Vectors less their mean, of length one on average; words without one stay at nought."""
    known = np.abs(vectors).max(1) > 0
    vectors = np.where(known[:, None], vectors - vectors[known].mean(0), 0.0)
    return vectors / np.sqrt((vectors**2).sum(1).mean())


class Terms:
    """Words and adjoining pairs, present or absent, weighed by how few rows they are in."""

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

    def __init__(self, corpus: Corpus, rows: np.ndarray, means: sparse.csr_matrix, lexicon: tuple) -> None:
        lexicon_means, lexicon_labels = lexicon
        self.terms = Terms([corpus.items[i] for i in rows])
        matrix = self.features(corpus, rows, means)
        no_terms = sparse.csr_matrix((len(lexicon_labels), len(self.terms.grams)))
        matrix = sparse.vstack([matrix, sparse.hstack([no_terms, lexicon_means])]).tocsr()
        weights = evened(corpus.sources[rows], SOURCE_EXPONENT) * evened(corpus.labels[rows], TOP_EXPONENT)
        weights *= np.where(np.char.startswith(corpus.sources[rows], "written"), WRITTEN_ROW_WEIGHT, 1.0)
        weights = np.concatenate([weights / weights.mean(), np.full(len(lexicon_labels), LEXICON_ROW_WEIGHT)])
        labels = np.concatenate([corpus.labels[rows], lexicon_labels])
        self.fitted = LinearSVC(C=REGULARISATION, max_iter=ITERATIONS, tol=1e-2, random_state=0)
        self.fitted.fit(matrix, labels, sample_weight=weights)
        # A constant over the classes changes no probability; without it weights are smaller and pack better.
        self.weights = self.fitted.coef_ - self.fitted.coef_.mean(0)
        self.bias = self.fitted.intercept_ - self.fitted.intercept_.mean()

    def features(self, corpus: Corpus, rows: np.ndarray, means: sparse.csr_matrix) -> sparse.csr_matrix:
        return sparse.hstack([self.terms.matrix([corpus.items[i] for i in rows]), means[rows]]).tocsr()

    def held_out(self, corpus: Corpus, rows: np.ndarray, means: sparse.csr_matrix) -> "HeldOut":
        """What terms and vectors say of rows that were not trained on, and the signals of those rows."""
        items = [corpus.items[i] for i in rows]
        terms = self.terms.matrix(items) @ self.weights[:, : len(self.terms.grams)].T + self.bias
        vectors = means[rows] @ self.weights[:, len(self.terms.grams) :].T
        title, body = (np.array([item["lexicon"][part] for item in items]) for part in (0, 1))
        return HeldOut(rows, np.stack([terms, vectors, title, body], 1), signals(items, self.terms))


def evened(keys: np.ndarray, exponent: float) -> np.ndarray:
    sizes = collections.Counter(keys)
    return np.array([sizes[key] ** -exponent for key in keys])


@dataclass
class HeldOut:
    rows: np.ndarray
    # Row by part by top level.
    parts: np.ndarray
    # Row by signal.
    signals: np.ndarray

    def only(self, chosen: np.ndarray) -> "HeldOut":
        return HeldOut(self.rows[chosen], self.parts[chosen], self.signals[chosen])


def signals(items: list[dict], terms: Terms) -> np.ndarray:
    """What is known of each item; the same numbers as src/classify/topic/scale.rs."""
    rows = []
    for item in items:
        words = item["words"][0] + item["words"][1]
        pairs = [gram for gram in grams(item) if " " in gram]
        rows.append([
            1.0,
            np.log1p(len(words)),
            float(len(item["words"][1]) > 0),
            sum(word in terms.places for word in words) / max(len(words), 1),
            sum(pair in terms.places for pair in pairs) / max(len(pairs), 1),
            np.log1p(item["phrases"]),
            float(item["lower"]),
        ])
    return np.array(rows)


def train(corpus: Corpus, vectors: Vectors, out: Path) -> None:
    lexicon = lexicon_rows()
    vectors.learn(corpus.items)
    means = vectors.mean(corpus.items)
    lexicon_data = (vectors.mean(features(lexicon)), np.array([TOPS.index(row["iptc"]) for row in lexicon]))

    def fit(rows: np.ndarray) -> Linear:
        return Linear(corpus, rows, means, lexicon_data)

    groups = held_out(corpus, means, fit)
    settings = combine(corpus, groups)
    print("settings", settings.round(2).tolist(), flush=True)
    for name, group in groups.items():
        report(name, corpus.labels[group.rows], add_up(settings, group))
    model = fit(np.arange(len(corpus.rows)))
    out.write_bytes(pack(model, vectors, settings))
    print(f"{out}: {out.stat().st_size} bytes, sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}")


def held_out(corpus: Corpus, means: sparse.csr_matrix, fit) -> dict[str, HeldOut]:
    """Rows of each source by a model that saw none of it, and of one fold by a model that saw the others.

    Within each kind every source is a group, whole items and titles alone apart.
    """
    found = {}
    for source in sorted(set(corpus.sources)):
        rest = np.flatnonzero(corpus.sources != source)
        # Where no other source has rows of some code, its rows are judged by the fold alone.
        if set(corpus.labels[rest]) == set(range(len(TOPS))):
            rows = np.flatnonzero(corpus.sources == source)
            found[f"{source}, source left out"] = fit(rest).held_out(corpus, rows, means)
    rows = np.flatnonzero(corpus.folds == 0)
    home = fit(np.flatnonzero(corpus.folds != 0)).held_out(corpus, rows, means)
    for source in sorted(set(corpus.sources)):
        found[f"{source}, rows left out"] = home.only(corpus.sources[home.rows] == source)
    groups = {}
    for name, group in found.items():
        for copy, what in ((False, "whole item"), (True, "title alone")):
            chosen = corpus.copies[group.rows] == copy
            if chosen.any():
                groups[f"{name}, {what}"] = group.only(chosen)
    return groups


def add_up(settings: np.ndarray, group: HeldOut) -> np.ndarray:
    """Log odds of the parts together, each scaled by what is known of the item; as in src/classify/topic/scale.rs."""
    return (group.parts * scales(settings, group)[:, :, None]).sum(1)


def scales(settings: np.ndarray, group: HeldOut) -> np.ndarray:
    return np.exp(np.clip(group.signals @ settings.T, LOG_MIN, LOG_MAX))


def combine(corpus: Corpus, groups: dict[str, HeldOut]) -> np.ndarray:
    """Fits what each signal does to the scale of each part. Every group counts alike, our own in their share."""
    written = np.array([name.startswith("written") for name in groups])
    counts = np.where(written, WRITTEN_SHARE / max(written.sum(), 1), (1 - WRITTEN_SHARE) / max((~written).sum(), 1))
    counts /= counts.sum()
    start = np.zeros((len(PARTS_START), next(iter(groups.values())).signals.shape[1]))
    start[:, 0] = PARTS_START
    penalty = np.full_like(start, SIGNAL_PENALTY)
    penalty[:, 0] = 0.01 * SIGNAL_PENALTY

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        settings = flat.reshape(start.shape)
        change = settings - start
        total, gradient = 0.5 * (penalty * change**2).sum(), penalty * change
        for group, count in zip(groups.values(), counts):
            labels = corpus.labels[group.rows]
            logits = add_up(settings, group)
            total += count * nll(logits, labels)
            wrong = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
            wrong[np.arange(len(labels)), labels] -= 1
            by_part = (group.parts * wrong[:, None, :]).sum(2) * scales(settings, group)
            gradient = gradient + count / len(labels) * by_part.T @ group.signals
        return total, gradient.ravel()

    fitted = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return fitted.x.reshape(start.shape)


def nll(logits: np.ndarray, labels: np.ndarray) -> float:
    return float((logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean())


def report(name: str, labels: np.ndarray, logits: np.ndarray) -> None:
    probability = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
    right = logits.argmax(1) == labels
    confidence = probability.max(1)
    bins = np.minimum((confidence * 10).astype(int), 9)
    error = sum(abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(10)) / len(labels)
    print(f"{name}: {right.mean():.3f}  calibration error {error:.3f}")


def pack(model: Linear, vectors: Vectors, settings: np.ndarray) -> bytes:
    """The file that src/classify/topic/model_file.rs reads."""
    terms = len(model.terms.grams)
    term_weights = {gram: weight for gram, weight in zip(model.terms.grams, model.terms.weights)}
    term_rows = {gram: row for gram, row in zip(model.terms.grams, model.weights[:, :terms].T)}
    static = vectors.directions @ model.weights[:, terms:].T
    words = vectors.words
    pairs = sorted(set(model.terms.grams) - set(words))
    none = np.zeros(len(TOPS))
    rows = np.array([term_rows.get(entry, none) for entry in words + pairs])
    row_scales, static_scales = ((np.abs(x).max(1) / 127).astype("<f4") for x in (rows, static))
    weights = np.array([term_weights.get(entry, 0.0) for entry in words + pairs])
    content = b"".join([
        MAGIC,
        struct.pack("<4I", VERSION, len(TOPS), len(words) + len(pairs), len(words)),
        settings.astype("<f4").tobytes(),
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
