// A web server for tests: serves foreign pages and forwards other requests to the service.
import { createServer, request } from "node:http";
import { after } from "node:test";

import { SERVICE } from "./service.mjs";

/**
 * @typedef {object} Page
 * @property {string} html
 * @property {Record<string, string>} [headers]
 *
 * @typedef {import("node:http").IncomingMessage} Request
 * @typedef {import("node:http").ServerResponse} Response
 *
 * @typedef {object} Site
 * @property {string} url the origin
 * @property {string[]} forwarded method and path of every request to the service
 * @property {((request: Request, response: Response) => unknown) | null} rule handles requests to
 *   `/api/` instead of the service unless it returns false
 * @property {() => Promise<void>} stop starts to refuse connections
 * @property {() => Promise<void>} start listens again at the same address
 */

/**
 * Serves pages by path and forwards all other requests to the service.
 * @param {Record<string, Page | string> | ((site: string) => Record<string, Page | string>)} pages
 * @returns {Promise<Site>}
 */
export async function openSite(pages = {}) {
  /** @type {Record<string, Page | string>} */
  let served = {};
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0];
    const page = served[path];
    if (page !== undefined) {
      const { html, headers = {} } = typeof page === "string" ? { html: page } : page;
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
      response.end(html);
      return;
    }
    // Browsers request an icon on their own; the pages have none.
    if (path === "/favicon.ico") {
      response.writeHead(204);
      response.end();
      return;
    }
    site.forwarded.push(`${request.method} ${request.url}`);
    if (path.startsWith("/api/") && site.rule && site.rule(request, response) !== false) return;
    forward(request, response);
  });
  const listen = (port) =>
    new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  await listen(0);
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  /** @type {Site} */
  const site = {
    url: `http://127.0.0.1:${address.port}`,
    forwarded: [],
    rule: null,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(address.port),
  };
  served = typeof pages === "function" ? pages(site.url) : pages;
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return site;
}

/** @param {Request} received @param {Response} response */
function forward(received, response) {
  const options = { method: received.method, headers: received.headers, agent: false };
  const sent = request(new URL(received.url ?? "/", SERVICE), options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  sent.on("error", () => response.destroy());
  received.on("aborted", () => sent.destroy());
  received.pipe(sent);
}

/**
 * Responds with JSON to pages of any origin.
 * @param {Response} response
 * @param {unknown} body
 * @param {number} [status]
 * @param {Record<string, string>} [headers]
 */
export function json(response, body, status = 200, headers = {}) {
  response.writeHead(status, {
    "content-type": status < 400 ? "application/json" : "application/problem+json",
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "*",
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/**
 * Returns a page that embeds widgets as described in the README.
 * @param {string} host
 * @param {object} [options]
 * @param {string} [options.lang]
 * @param {string[]} [options.widgets] attributes of each widget
 * @param {string} [options.head]
 * @param {string} [options.body]
 * @param {string} [options.scheme] the colour schemes that the page supports
 */
export function embedding(
  host,
  { lang = "ja", widgets = ['desk="selas"'], head = "", body = "", scheme = "light dark" } = {},
) {
  const elements = widgets.map((attributes) => `<madoguchi-widget ${attributes}></madoguchi-widget>`);
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${scheme}">
<title>Test page</title>
${head}
</head>
<body>
<main><h1>Test page</h1><p>Some text.</p>${body}</main>
<script type="module" src="${host}/widget.js"></script>
${elements.join("\n")}
</body>
</html>`;
}
