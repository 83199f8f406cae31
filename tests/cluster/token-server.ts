/**
 * What an API server asks of who issues tokens: the document of OpenID Connect, and the keys. In the network of the cluster:
 *
 *     token-server.ts CERTIFICATE KEY PORT KEYS
 *
 * Prints a line once it listens.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const [certificate = "", key = "", port = "", keys = ""] = process.argv.slice(2);
const issuer = `https://127.0.0.1:${port}`;
const documents: Readonly<Record<string, string>> = {
  "/.well-known/openid-configuration": JSON.stringify({
    issuer,
    jwks_uri: `${issuer}/keys`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  }),
  "/keys": readFileSync(keys, "utf8"),
};
createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, ({ url = "" }, response) => {
  const text = documents[url];
  response.writeHead(text === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(text);
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
