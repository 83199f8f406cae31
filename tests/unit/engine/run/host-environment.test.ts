import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bringsAuthorities, writesBundle } from "../../../../engine/src/run/host-certificates.ts";
import { certificateVariables, javaVariables, proxyVariables } from "../../../../engine/src/run/host-environment.ts";

const environment = suite("what containers are told of this machine");

for (const [what, own, host, told] of [
  ["nothing", {}, {}, {}],
  ["the machine's, in both spellings", {}, { HTTP_PROXY: "a" }, { HTTP_PROXY: "a", http_proxy: "a" }],
  ["the machine's when it has the small one", {}, { all_proxy: "a" }, { ALL_PROXY: "a", all_proxy: "a" }],
  ["its own in the other spelling", { https_proxy: "b" }, { HTTPS_PROXY: "a" }, { HTTPS_PROXY: "b" }],
  ["its own, also when it is empty", { HTTP_PROXY: "" }, { HTTP_PROXY: "a" }, { http_proxy: "" }],
  ["both of its own as they are", { FTP_PROXY: "b", ftp_proxy: "c" }, { FTP_PROXY: "a" }, {}],
] as const) {
  environment(`a container is told of proxies: ${what}`, () => assert.equal(proxyVariables(own, host), told));
}

environment("each file of certificates has one place, and what the container says counts more", () => {
  const host = { SSL_CERT_FILE: "/a", PIP_CERT: "/a", CURL_CA_BUNDLE: "/b", AWS_CA_BUNDLE: "/c", DENO_CERT: "/none" };
  const { env, mounts } = certificateVariables({ AWS_CA_BUNDLE: "own" }, host, (path) => path !== "/none");
  assert.equal(env, {
    SSL_CERT_FILE: "/.certificates.crt",
    PIP_CERT: "/.certificates.crt",
    CURL_CA_BUNDLE: "/.certificates-2.crt",
  });
  assert.equal(mounts, [
    { kind: "bind", source: "/a", destination: "/.certificates.crt", readOnly: true },
    { kind: "bind", source: "/b", destination: "/.certificates-2.crt", readOnly: true },
  ]);
});

environment("a path that is not absolute means a file of the machine's own folder, and is not passed on", () => {
  assert.equal(
    certificateVariables({}, { SSL_CERT_FILE: "a.crt" }, () => true),
    { env: {}, mounts: [] },
  );
});

environment("options of Maven are kept, and a trust store of its own is left alone", () => {
  const ours = "-Djavax.net.ssl.trustStore=/.certificates.jks -Djavax.net.ssl.trustStorePassword=changeit";
  const own = { MAVEN_OPTS: "-Xmx1g", GRADLE_OPTS: "-Djavax.net.ssl.trustStore=/own" };
  assert.equal(javaVariables(own, "/store").env, { MAVEN_OPTS: `-Xmx1g ${ours}` });
});

for (const [command, writes] of [
  ["apt-get update && apt-get install -y ca-certificates curl", true],
  ["cp own.crt /usr/local/share/ca-certificates/", true],
  ["apt-get -y upgrade", true],
  ["apt-get -y dist-upgrade", true],
  ["update-ca-trust", true],
  ["curl --cacert /etc/ssl/certs/ca-certificates.crt https://x", false],
  ["npm ci", false],
  ["pip install --upgraded", false],
] as const) {
  environment(`${command} ${writes ? "may write" : "leaves"} the bundle of its image`, () => {
    assert.is(writesBundle(["/bin/sh", "-c", command]), writes);
  });
}

for (const [args, brings] of [
  [["npm", "install", "-g", "surge"], true],
  [["sh", "-c", "cd app && npm ci"], true],
  [["/usr/local/bin/node", "main.js"], true],
  [["sh", "-c", "(yarn;pnpm i)"], true],
  [["bash", "-c", "./gradlew test"], true],
  [["python3.12", "-m", "pip", "install", "x"], true],
  [["env"], false],
  [["curl", "https://registry.npmjs.example/"], false],
  [["cat", "node_modules/x", "package-npm.json"], false],
] as const) {
  environment(`${args.join(" ")} ${brings ? "is" : "is not"} told of this machine's authorities`, () => {
    assert.is(bringsAuthorities(args), brings);
  });
}

environment.run();
