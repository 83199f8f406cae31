import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Builds } from "./building.ts";

/** What a RUN learns of the machine, and what stays of it. */
const machine = suite("a RUN on a machine with its own authorities and proxies");
const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
let builds: Builds;
let plain: Builds;

machine.before(async () => {
  builds = await Builds.open({ SSL_CERT_FILE: BUNDLE, NODE_EXTRA_CA_CERTS: BUNDLE, NO_PROXY: "internal.test" });
  plain = await Builds.open();
});
machine.after(async () => {
  await builds.close();
  await plain.close();
});

const dockerfile = (run: string, from = "debian:bookworm-slim") => ({ Dockerfile: `FROM ${from}\nRUN ${run}\n` });
const told = async (run: string, from?: string) =>
  await builds.file(dockerfile(`{ ${run} ; } > /told # ${Math.random()}`, from), "/told");

machine("is told of the certificates that the machine's environment names", async () => {
  const said = await told('echo $SSL_CERT_FILE $NODE_EXTRA_CA_CERTS; grep -c "BEGIN CERTIFICATE" $NODE_EXTRA_CA_CERTS');
  const count = readFileSync(BUNDLE, "utf8").split("BEGIN CERTIFICATE").length - 1;
  assert.is(said, `/.certificates.crt /.certificates.crt\n${count}\n`);
});

machine("is told of what the Dockerfile says where that says it", async () => {
  assert.is(await told("echo $SSL_CERT_FILE", "debian:bookworm-slim\nENV SSL_CERT_FILE=/own.crt"), "/own.crt\n");
});

machine("finds them in Java's form too", async () => {
  const said = await told(
    "keytool -list -keystore /.certificates.jks -storepass changeit 2>/dev/null | grep -c trustedCertEntry; echo $MAVEN_OPTS",
    "eclipse-temurin:21-jre",
  );
  const [count, options] = said.split("\n");
  assert.ok(Number(count) > 50, said);
  assert.is(options, "-Djavax.net.ssl.trustStore=/.certificates.jks -Djavax.net.ssl.trustStorePassword=changeit");
});

machine("is told of its proxies, under both spellings", async () => {
  assert.is(await told("echo $NO_PROXY $no_proxy"), "internal.test internal.test\n");
});

machine("leaves nothing of that in the image, nor in what the image is known by", async () => {
  const files = dockerfile("ls -a / | grep certificates > /dev/null; touch /made");
  const seen = async (of: Builds) =>
    await of.of<unknown>(of.folder(files), "rootfs { entries digest } envVariables { name value }");
  const made = await seen(builds);
  assert.equal(made, await seen(plain));
  assert.not.match(JSON.stringify(made), /certificates|proxy/i);
});

machine("can write the bundle of its image anew", async () => {
  const said = await told(
    "update-ca-certificates >&2; wc -l < /etc/ssl/certs/ca-certificates.crt",
    "python:3.13-slim-bookworm",
  );
  assert.ok(Number(said) > 1000, said);
});

machine("withExec is told of proxies, and of certificates by its image alone", async () => {
  const said = await builds.output(dockerfile("true"), `echo $NO_PROXY $no_proxy "$SSL_CERT_FILE" # ${Math.random()}`);
  assert.is(said, "internal.test internal.test \n");
});

machine.run();
