import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sha256 } from "../../../engine/src/image/oci.ts";
import type { RecipeStep } from "../../../engine/src/image/recipe.ts";
import { fetchStep } from "../../../engine/src/image/recipe-fetch.ts";

/** A mirror of Maven Central and of Go modules, which the person has told Maven and Go about. */
const downloads = suite("what recipes download");

const CONTENT = "what the recipe names";
const RIGHT = sha256(CONTENT).slice("sha256:".length);
const kept = { HOME: process.env["HOME"], GOPROXY: process.env["GOPROXY"] };
const dir = mkdtempSync(join(tmpdir(), "slipway-downloads-"));
const asked: string[] = [];
let answer = CONTENT;
let url = "";
let server: Server;

downloads.before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (answer === "") response.writeHead(404);
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(join(dir, ".m2"));
  const mirror = `<mirror><url>${url}/maven</url><mirrorOf>central</mirrorOf></mirror>`;
  writeFileSync(join(dir, ".m2", "settings.xml"), `<settings><mirrors>${mirror}</mirrors></settings>`);
  Object.assign(process.env, { HOME: dir, GOPROXY: `${url}/go,direct` });
});
downloads.after(() => {
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const steps: readonly (readonly [string, RecipeStep, string])[] = [
  [
    "maven:a.example:b:1:linux@zip",
    { kind: "archive", from: "maven:a.example:b:1:linux@zip", sha256: RIGHT, files: {}, executables: [] },
    "/maven/a/example/b/1/b-1-linux.zip",
  ],
  [
    "go:a.example/b@v1.0.0",
    { kind: "archive", from: "go:a.example/b@v1.0.0", sha256: RIGHT, files: {}, executables: [] },
    "/go/a.example/b/@v/v1.0.0.zip",
  ],
  [
    "a.example:b:1",
    { kind: "maven", into: "/opt", artifacts: [{ at: "a.example:b:1", sha256: RIGHT }] },
    "/maven/a/example/b/1/b-1.jar",
  ],
];

for (const [index, [name, step, path]] of steps.entries()) {
  downloads(`${name} comes from the person's mirror`, async () => {
    answer = CONTENT;
    asked.length = 0;
    const [file] = [...(await fetchStep(step, join(dir, `right-${index}`))).values()];
    assert.is(readFileSync(file ?? "", "utf8"), CONTENT);
    assert.equal(asked, [path]);
  });

  downloads(`${name} with one other byte is refused`, async () => {
    answer = CONTENT.replace("w", "W");
    const found = sha256(answer).slice("sha256:".length);
    const reason = await fetchStep(step, join(dir, `wrong-${index}`)).then(String, (error: Error) => error.message);
    assert.is(reason, `${name} has the SHA-256 ${found}, not ${RIGHT}`);
  });

  downloads(`${name} that is not there is told with what curl says`, async () => {
    answer = "";
    const reason = await fetchStep(step, join(dir, `gone-${index}`)).then(String, (error: Error) => error.message);
    assert.is(reason, `curl failed with exit code 22:\n${url}${path}: The requested URL returned error: 404`);
  });
}

downloads.run();
