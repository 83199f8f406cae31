/**
 * A server that behaves as those that are asked in vain. In the network of the cluster:
 *
 *     rude-server.ts CERTIFICATE KEY
 *
 * Prints a line once it listens.
 */
import { readFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp } from "node:net";
import { RUDE_PORTS } from "./rude-ports.ts";

const [certificate = "", key = ""] = process.argv.slice(2);
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
createTcp(() => undefined).listen(RUDE_PORTS.silent);
createTcp((socket) => socket.resetAndDestroy()).listen(RUDE_PORTS.resetting);
createHttp(({ method, url }, response) => response.end(`${method} ${url}`)).listen(RUDE_PORTS.echoing);
createHttps(tls, async (request, response) => {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const review = JSON.parse(text) as { request: { uid: string } };
  const status = { code: 403, reason: "Forbidden", message: 'User "x" cannot create resource "y"' };
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: review.request.uid, allowed: false, status },
    }),
  );
}).listen(RUDE_PORTS.denying);
createHttps(tls, (_, response) => {
  response.writeHead(502, { "content-type": "text/html" });
  response.end("<html><body><h1>502 Bad Gateway</h1></body></html>");
}).listen(RUDE_PORTS.pages, () => console.log("listening"));
