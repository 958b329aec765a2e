"""Writes config/topics/taxonomy.tsv: the Media Topics' codes, hierarchy and labels, never their definitions.

    python3 training/topics_taxonomy.py mediatopics.jsonl > config/topics/taxonomy.tsv

Input: one JSON object a line with qcode, parent, retired, labels. A retired code is replaced by the living concept of
the same label, else by its nearest living ancestor.
"""

import json
import sys

# The vocabulary names Danish and Swedish by their countries; BCP 47 names the languages.
LANGUAGES = {
    "en-GB": "en-GB", "en-US": "en-US", "ar": "ar", "dk": "da", "de": "de", "es": "es", "fr": "fr",
    "no-NB": "nb", "no-NN": "nn", "pt-PT": "pt-PT", "pt-BR": "pt-BR", "se": "sv", "zh-Hans": "zh-Hans",
}


def main(path: str) -> None:
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    by_code = {row["qcode"]: row for row in rows}
    living_label = {row["labels"]["en-GB"].lower(): row["qcode"] for row in rows if not row["retired"]}

    def replacement(row: dict) -> str:
        if not row["retired"]:
            return ""
        same = living_label.get(row["labels"]["en-GB"].lower())
        if same:
            return digits(same)
        while row["retired"]:
            row = by_code[row["parent"]]
        return digits(row["qcode"])

    print("\t".join(["code", "parent", "replaced_by", *LANGUAGES.values()]))
    for row in sorted(rows, key=lambda row: row["path"]):
        labels = [" ".join(row["labels"].get(name, "").split()) for name in LANGUAGES]
        print("\t".join([digits(row["qcode"]), digits(row["parent"] or ""), replacement(row), *labels]))


def digits(qcode: str) -> str:
    return qcode.removeprefix("medtop:")


if __name__ == "__main__":
    main(sys.argv[1])
