import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeRefusal } from "../../../../engine/src/image/registry/judge.ts";
import { judgeNetwork, reachOf } from "../../../../engine/src/image/registry/network-words.ts";
import { readWords } from "../../../../engine/src/image/registry/words.ts";

const words = suite("the words of a registry's answer");

/** [body, content type, what a person reads, in which form it was said] */
const bodies: readonly (readonly [string, string, string, string])[] = [
  ['{"errors":[{"code":"DENIED","message":"no"}]}', "application/json", "DENIED: no", "registry"],
  ['{"errors":[{"code":"DENIED","message":"no","detail":"ask Ann"}]}', "", "DENIED: no (detail: ask Ann)", "registry"],
  [
    '{"errors":[{"code":"DENIED","message":"no","detail":{"a":[1]}}]}',
    "",
    'DENIED: no (detail: {"a":[1]})',
    "registry",
  ],
  ['{"errors":[{"code":"DENIED","message":"no","detail":{}}]}', "", "DENIED: no", "registry"],
  ['{"errors":[{"code":"A","message":"one"},{"message":"two"}]}', "", "A: one; two", "registry"],
  ['{"errors":[{"status":403,"reason":"quota"}]}', "", '{"status":403,"reason":"quota"}', "registry"],
  ['{"errors":["just text"]}', "", '{"errors":["just text"]}', "json"],
  ['{"details":"incorrect username or password"}', "", "incorrect username or password", "json"],
  [
    '{"error":"invalid_grant","error_description":"the token is revoked"}',
    "",
    "invalid_grant: the token is revoked",
    "json",
  ],
  ['{"error":{"code":403,"message":"billing is off"}}', "", "403: billing is off", "json"],
  ['{"message":"no Route matched"}', "", "no Route matched", "json"],
  ['{"x":1}', "", '{"x":1}', "json"],
  ["{broken", "application/json", "{broken", "text"],
  ["  upstream  request\n timeout ", "text/plain", "upstream request timeout", "text"],
  [
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>",
    "text/html",
    "502 Bad Gateway nginx",
    "html",
  ],
  [
    "<!DOCTYPE html><title>Login</title><body><script>alert(1)</script>Please sign in &amp; wait&#33;</body>",
    "",
    "Login: Please sign in & wait!",
    "html",
  ],
  ["\u001b[31mred\u001b[0m\u0007", "text/plain", "red", "text"],
  ["", "text/html", "", "none"],
];

for (const [body, contentType, text, form] of bodies) {
  words(`are whole: ${JSON.stringify(body).slice(0, 70)}`, () => {
    const read = readWords(Buffer.from(body), contentType);
    assert.equal([read.text, read.form], [text, form]);
  });
}

words("of a long page are cut, and it says by how much", () => {
  assert.match(
    readWords(Buffer.from(`<html>${"a ".repeat(1_000)}</html>`), "text/html").text,
    /a … \(1399 characters more\)$/,
  );
});

const judge = suite("what an answer means");

function judged(status: number, body = "", headers: Record<string, string> = {}, method = "PUT") {
  const refusal = {
    method,
    url: "https://r.io/v2/a/b/blobs/uploads/1?_state=x",
    status,
    headers,
    asked: "registry",
  } as const;
  return judgeRefusal({ ...refusal, words: readWords(Buffer.from(body), headers["content-type"] ?? "") });
}

const coded = (code: string, message = "m") => JSON.stringify({ errors: [{ code, message }] });

judge("is passing for the answers after which the same request can succeed, and only for them", () => {
  const passing = Array.from({ length: 200 }, (_, at) => 400 + at).filter((status) => judged(status).facts.isTransient);
  assert.equal(passing, [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527]);
  assert.is(judged(404, coded("BLOB_UPLOAD_UNKNOWN")).facts.isTransient, true);
  assert.is(judged(404, coded("BLOB_UPLOAD_INVALID")).facts.isTransient, true);
  assert.is(judged(404, coded("BLOB_UPLOAD_UNKNOWN"), {}, "POST").facts.isTransient, false);
  assert.is(judged(429, coded("TOOMANYREQUESTS", "You have reached your pull rate limit.")).facts.isTransient, false);
});

judge("says who spoke", () => {
  const speaker = (body: string, headers: Record<string, string> = {}) => judged(503, body, headers).facts.speaker;
  assert.is(speaker(coded("UNAVAILABLE")), "registry");
  assert.is(speaker("", { "docker-distribution-api-version": "registry/2.0" }), "registry");
  assert.is(speaker("<html>down</html>"), "proxy");
  assert.is(speaker("upstream timeout"), "registry");
});

judge("reads how long to wait, as seconds or as a date", () => {
  assert.is(judged(503, "", { "retry-after": "7" }).facts.retryAfterMs, 7_000);
  assert.is(judged(503, "", { "retry-after": "soon" }).facts.retryAfterMs, undefined);
  const wait = judged(503, "", { "retry-after": new Date(Date.now() + 60_000).toUTCString() }).facts.retryAfterMs ?? 0;
  assert.ok(wait > 50_000 && wait <= 60_000, String(wait));
  assert.is(judged(503, "", { "retry-after": new Date(0).toUTCString() }).facts.retryAfterMs, 0);
});

judge("does not show the signature in an address", () => {
  assert.is(
    judged(400).message,
    "unexpected status from PUT request to https://r.io/v2/a/b/blobs/uploads/1: 400 Bad Request",
  );
});

const network = suite("what a broken connection means");

const broken = (code: string, message = code) =>
  judgeNetwork(Object.assign(new Error(message), { code }), "HEAD", "https://r.io/v2/a/manifests/1?x=y");

for (const [code, said, isTransient] of [
  ["ENOTFOUND", "dial tcp: lookup r.io: no such host", true],
  ["EAI_AGAIN", "dial tcp: lookup r.io: temporary failure in name resolution", true],
  ["ECONNREFUSED", "dial tcp r.io:443: connect: connection refused", true],
  ["EHOSTUNREACH", "dial tcp r.io:443: connect: no route to host", true],
  ["UND_ERR_CONNECT_TIMEOUT", "dial tcp r.io:443: i/o timeout", true],
  ["ECONNRESET", "connection reset by peer", true],
  ["EPIPE", "write: broken pipe", true],
  ["UND_ERR_SOCKET", "EOF", true],
  ["UND_ERR_HEADERS_TIMEOUT", "net/http: timeout awaiting response headers", true],
  [
    "CERT_HAS_EXPIRED",
    "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
    undefined,
  ],
  [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    undefined,
  ],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "http: server gave HTTP response to HTTPS client", undefined],
  [
    "HPE_INVALID_CONSTANT",
    "net/http: HTTP/1.x transport connection broken: malformed HTTP response: HPE_INVALID_CONSTANT",
    undefined,
  ],
] as const) {
  network(`is in the real engine's words: ${code}`, () => {
    const error = broken(code);
    assert.is(error.message, `failed to do request: Head "https://r.io/v2/a/manifests/1": ${said}`);
    assert.is(error.facts.isTransient, isTransient);
    assert.is(error.facts.speaker, "network");
  });
}

network("tells a proxy that refuses from a registry that does", () => {
  const error = broken("UND_ERR_ABORTED", "Proxy response (502) !== 200 when HTTP Tunneling");
  assert.is(
    error.message,
    'failed to do request: Head "https://r.io/v2/a/manifests/1": the proxy answered 502 to CONNECT',
  );
  assert.equal(
    [error.facts.speaker, error.facts.isTransient, error.problem, reachOf(error)],
    ["proxy", true, "unreachable", "nobody"],
  );
  assert.is(broken("UND_ERR_ABORTED", "Proxy response (403) !== 200 when HTTP Tunneling").facts.isTransient, false);
});

network("looks below a library's error, and at the first of several addresses", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
  for (const error of [
    new TypeError("fetch failed", { cause: refused }),
    new AggregateError([refused, new Error("y")]),
  ]) {
    assert.match(
      judgeNetwork(error, "GET", "http://127.0.0.1:5000/v2/").message,
      /dial tcp 127\.0\.0\.1:5000: connect: connection refused$/,
    );
  }
});

words.run();
judge.run();
network.run();
