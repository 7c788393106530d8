"""SQLite FTS5 with the trigram tokenizer on the texts of the benchmark `scale`.

Usage: sqlite_fts5.py TEXTS QUESTIONS; see benches/scale/scripts.rs for the files and the output.
A question is the disjunction of its trigrams, ranked by BM25.
"""

import sqlite3
import sys
import time

# The rarest trigrams of a long question decide; more of them only take time.
MAX_TRIGRAMS = 64


def trigrams(text: str) -> str:
    letters = text.replace('"', " ")
    parts = dict.fromkeys(letters[i : i + 3] for i in range(len(letters) - 2))
    return " OR ".join(f'"{part}"' for part in list(parts)[:MAX_TRIGRAMS])


def main() -> None:
    texts, questions = (
        [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")]
        for path in sys.argv[1:3]
    )
    database = sqlite3.connect(":memory:")
    start = time.perf_counter()
    database.execute(
        "CREATE VIRTUAL TABLE phrases USING fts5(phrase, entry UNINDEXED, tokenize='trigram')"
    )
    database.executemany("INSERT INTO phrases (entry, phrase) VALUES (?, ?)", texts)
    database.commit()
    print("build", time.perf_counter() - start)
    seconds, right = [], 0
    for question, entry, *_ in questions:
        start = time.perf_counter()
        query = trigrams(question)
        found = query and database.execute(
            "SELECT entry FROM phrases WHERE phrases MATCH ? ORDER BY rank LIMIT 1", (query,)
        ).fetchone()
        seconds.append(time.perf_counter() - start)
        right += bool(found) and found[0] in entry.split("|")
    print("hit_at_1", right / max(len(questions), 1))
    print("seconds", *seconds)


if __name__ == "__main__":
    main()
