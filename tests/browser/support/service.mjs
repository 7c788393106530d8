// The service under test: its address, sentences, desks and entries.
import { request } from "node:http";

if (!process.env.SERVICE_URL) {
  throw new Error(
    "SERVICE_URL is not set, expected the address of a running service such as " +
      "http://127.0.0.1:8080\nhint: `cargo test browser` sets it; by hand, start the service " +
      "with `--allowed-origins '*'` and no limit of requests",
  );
}

/** The origin of the service, without a trailing slash. */
export const SERVICE = new URL(process.env.SERVICE_URL).origin;

/**
 * Sends a GET request. Unlike `fetch`, does not follow redirects, decode or cache.
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer}>}
 */
export function get(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url, SERVICE), { headers, agent: false }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
        }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

/**
 * Parses the JSON object that is assigned to a name in a script.
 * @param {string} script
 * @param {string} name
 */
function objectIn(script, name) {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?=\\{)`).exec(script);
  if (!found) throw new Error(`no \`${name} = {\` in /widget.js`);
  const start = found.index + found[0].length;
  let depth = 0;
  let quoted = false;
  for (let at = start; at < script.length; at += 1) {
    const character = script[at];
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return JSON.parse(script.slice(start, at + 1));
  }
  throw new Error(`\`${name}\` has no end in /widget.js`);
}

const script = await get("/widget.js");
if (script.status !== 200) throw new Error(`GET /widget.js: ${script.status}`);

/** The configuration of the widget, with all sentences that members see. */
export const CONFIG = objectIn(script.body.toString("utf8"), "CONFIG");

/**
 * Returns a sentence of the interface with its placeholders replaced.
 * @param {"ja" | "en"} language
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function sentence(language, key, values = {}) {
  const text = CONFIG.sentences[language][key];
  if (typeof text !== "string") throw new Error(`no sentence \`${key}\` in ${language}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} id */
export function desk(id) {
  const found = CONFIG.desks.find((desk) => desk.id === id);
  if (!found) throw new Error(`no desk \`${id}\``);
  return found;
}

/** @param {string} id */
export async function entry(id) {
  const response = await get(`/api/v1/entries/${id}`);
  if (response.status !== 200) throw new Error(`GET /api/v1/entries/${id}: ${response.status}`);
  return JSON.parse(response.body.toString("utf8"));
}
