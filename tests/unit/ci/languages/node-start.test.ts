import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onlyProject } from "./told.ts";

const start = suite("what starts a package of Node in an image without a manager");

const cases: readonly (readonly [scripts: Readonly<Record<string, string>>, started: string, built?: string])[] = [
  [{ start: "npm run build && node dist/server.js", build: "tsc" }, "node dist/server.js", "npm run build"],
  [{ start: "npm run serve", serve: "node server.js" }, "node server.js"],
  [{ start: "npm run serve -- --port 80", serve: "node server.js" }, "node server.js --port 80"],
  [{ start: "pnpm with-env next start", "with-env": "dotenv -e ../.env --" }, "dotenv -e ../.env -- next start"],
  [{ start: "yarn serve", serve: "yarn node server.js" }, "node server.js"],
  [{ start: "pnpm exec next start" }, "next start"],
  [{ start: "npx --yes serve dist" }, "serve dist"],
  [{ start: "NODE_ENV=production npm run serve", serve: "node server.js" }, "NODE_ENV=production node server.js"],
  [{ start: "node migrate.js && npm run serve", serve: "node server.js" }, "node migrate.js && node server.js"],
  [{ "start:prod": "npm start", start: "node a.js" }, "node a.js"],
  [{ start: "npm run start" }, "npm run start"],
  [{ start: "npm run missing" }, "npm run missing"],
  [{ start: "tsc && node dist/main.js" }, "node dist/main.js", "npm exec --no --call tsc"],
  [{ start: "npm run compile && node out.js", compile: "tsc -p ." }, "node out.js", "npm run compile"],
  [{ start: "yarn compile && node out.js", compile: "tsc -p .", build: "vite build" }, "node out.js", "npm run build"],
  [{ start: "tsc && node out.js", build: "tsc -b" }, "node out.js", "npm run build"],
];
for (const [scripts, started, built] of cases) {
  start(`of ${JSON.stringify(scripts)} is ${started}`, () => {
    const { mains, commands } = onlyProject({ "package.json": JSON.stringify({ scripts }), "package-lock.json": "" });
    assert.equal(
      mains.map(({ value }) => value),
      [started],
    );
    assert.is(commands.build?.map(({ value }) => value.join(" ")).join(), built);
  });
}

const CHECKS: readonly (readonly [scripts: Readonly<Record<string, string>>, command: string | undefined])[] = [
  [{ format: "prettier --check ." }, "lint: npm run format"],
  [{ prettier: "prettier -c src" }, "lint: npm run prettier"],
  [{ format: "prettier --write ." }, undefined],
  [{ format: "biome format --write" }, undefined],
  [{ format: "biome format" }, "lint: npm run format"],
  [{ test: "jest --watchAll" }, undefined],
  [{ test: "jest --watch", "test:ci": "jest --ci" }, "unit: npm run test:ci"],
  [{ test: "react-scripts test --watchAll=false" }, "unit: npm run test"],
  [{ test: "vitest --watch=false" }, "unit: npm run test"],
  [{ test: 'echo "Error: no test specified" && exit 1' }, undefined],
];
for (const [scripts, command] of CHECKS) {
  start(`checks of ${JSON.stringify(scripts)}: only what looks and ends`, () => {
    const { commands } = onlyProject({ "package.json": JSON.stringify({ scripts }), "package-lock.json": "" });
    const told = Object.entries(commands).flatMap(([name, list]) =>
      list.map(({ value }) => `${name}: ${value.join(" ")}`),
    );
    assert.equal(told, command === undefined ? [] : [command]);
  });
}

start.run();
