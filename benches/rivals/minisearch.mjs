/**
 * MiniSearch with the word segmenter of ICU on the texts of the benchmark `scale`.
 *
 * Usage: node minisearch.mjs TEXTS QUESTIONS; see benches/scale/scripts.rs for the files and the
 * output. Needs `npm ci --prefix benches/rivals`.
 */

import { readFileSync } from "node:fs";
import MiniSearch from "minisearch";

const read = (path) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
const [texts, questions] = process.argv.slice(2, 4).map(read);

const segmenter = new Intl.Segmenter("ja", { granularity: "word" });
const tokenize = (text) =>
  [...segmenter.segment(text)].filter((part) => part.isWordLike).map((part) => part.segment);

let start = performance.now();
const index = new MiniSearch({ fields: ["phrase"], storeFields: ["entry"], tokenize });
index.addAll(texts.map(([entry, phrase], id) => ({ id, entry, phrase })));
console.log("build", (performance.now() - start) / 1000);

const seconds = [];
let right = 0;
for (const [question, entry] of questions) {
  start = performance.now();
  const [best] = index.search(question);
  seconds.push((performance.now() - start) / 1000);
  right += entry.split("|").includes(best?.entry) ? 1 : 0;
}
console.log("hit_at_1", right / Math.max(questions.length, 1));
console.log("seconds", ...seconds);
