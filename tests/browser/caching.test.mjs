// Transfers: number of requests, size of the widget, compression and cache headers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { onPage } from "./support/browser.mjs";
import { SERVICE, get } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { openWidget, type } from "./support/widget.mjs";

/** Limit for the size of the compressed widget. */
const MAX_WIDGET_BYTES = 16_000;

const host = await openSite();
const foreign = await openSite({ "/": embedding(host.url) });

test("the first suggestions need at most two requests", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, foreign.url);
    await type(widget, "会");
    assert.ok(host.forwarded.length <= 2, host.forwarded.join("\n"));
  }));

test("the widget is small", async () => {
  const { headers, body } = await get("/widget.js", { "accept-encoding": "br" });
  assert.equal(headers["content-encoding"], "br");
  assert.match(headers["content-type"] ?? "", /^text\/javascript/);
  console.log(`/widget.js: ${body.length} bytes with brotli`);
  assert.ok(body.length <= MAX_WIDGET_BYTES, `${body.length} bytes`);
});

test("all encodings of the widget are the same script", async () => {
  const plain = await get("/widget.js");
  assert.equal(plain.headers["content-encoding"] ?? "identity", "identity");
  const brotli = await get("/widget.js", { "accept-encoding": "gzip, deflate, br, zstd" });
  assert.equal(brotli.headers["content-encoding"], "br", "the smallest encoding is preferred");
  assert.ok(brotliDecompressSync(brotli.body).equals(plain.body));
  const gzip = await get("/widget.js", { "accept-encoding": "gzip" });
  assert.equal(gzip.headers["content-encoding"], "gzip");
  assert.ok(gunzipSync(gzip.body).equals(plain.body));
  for (const response of [plain, brotli, gzip]) {
    assert.match(response.headers.vary ?? "", /accept-encoding/i);
    assert.equal(Number(response.headers["content-length"] ?? response.body.length), response.body.length);
  }
});

test("the widget is revalidated and sent only after a change", async () => {
  for (const encoding of ["identity", "gzip", "br"]) {
    const first = await get("/widget.js", { "accept-encoding": encoding });
    const { etag } = first.headers;
    assert.ok(etag, "an ETag");
    assert.doesNotMatch(first.headers["cache-control"] ?? "", /immutable/, "its address is stable");
    const age = /max-age=(\d+)/.exec(first.headers["cache-control"] ?? "");
    assert.ok(age && Number(age[1]) <= 86_400, first.headers["cache-control"]);
    const again = await get("/widget.js", { "accept-encoding": encoding, "if-none-match": etag });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
    assert.equal(again.headers.etag, etag);
    const other = await get("/widget.js", { "accept-encoding": encoding, "if-none-match": '"other"' });
    assert.equal(other.status, 200);
  }
});

test("any page may load the widget", async () => {
  const { headers } = await get("/widget.js", { origin: "https://example.jp" });
  // Browsers fetch module scripts with CORS, also where the page may not call the API.
  assert.ok(["*", "https://example.jp"].includes(headers["access-control-allow-origin"] ?? ""));
  assert.notEqual(headers["cross-origin-resource-policy"], "same-origin");
});

test("assets with a content hash in the path are cached permanently", async () => {
  const { body } = await get("/");
  const html = body.toString("utf8");
  const assets = [...html.matchAll(/(?:href|src)="([^"]+\.(?:css|js|svg|woff2|png|ico))"/g)]
    .map(([, url]) => new URL(url, SERVICE))
    .filter((url) => url.origin === SERVICE && url.pathname !== "/widget.js");
  assert.notDeepEqual(assets, [], "the page has a style sheet");
  for (const url of assets) {
    assert.match(url.pathname, /[0-9a-f]{8,}/, "its address holds a hash");
    const response = await get(url.href, { "accept-encoding": "br" });
    assert.equal(response.status, 200, url.pathname);
    assert.match(response.headers["cache-control"] ?? "", /max-age=31536000.*immutable/, url.pathname);
  }
});

test("pages are compressed and revalidated", async () => {
  for (const path of ["/", "/entries/selas-payment-method", "/contact"]) {
    const response = await get(path, { "accept-encoding": "br" });
    assert.equal(response.status, 200);
    assert.equal(response.headers["content-encoding"], "br", path);
    assert.doesNotMatch(response.headers["cache-control"] ?? "", /immutable/, path);
  }
});
