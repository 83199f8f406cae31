import { suite } from "uvu";
import * as assert from "uvu/assert";
import { onlyProject, type Shape, tellAll } from "./told.ts";

const ports = suite("where a package of Node listens");

function portOf(shape: Shape, start = "node dist/main.js"): string | undefined {
  const manifest = JSON.stringify({ scripts: { start } });
  const { port } = onlyProject({ "package.json": manifest, "package-lock.json": "", ...shape });
  return port === undefined ? undefined : `${port.value} (${port.from})`;
}

const SAID: readonly (readonly [text: string, port: string])[] = [
  ["app.listen(process.env.PORT || 8080)", "8080 (src/main.ts takes PORT)"],
  ["const port = process.env.PORT ?? '8080'; app.listen(port)", "8080 (src/main.ts takes PORT)"],
  ['const port = process.env["PORT"] || 8080', "8080 (src/main.ts takes PORT)"],
  ["const port = Number(process.env.PORT) || 8080", "8080 (src/main.ts takes PORT)"],
  ["const port = parseInt(process.env.PORT || '8080', 10)", "8080 (src/main.ts takes PORT)"],
  ["const port = parseInt(process.env.PORT, 10) || 8080", "8080 (src/main.ts takes PORT)"],
  ["const port = Number.parseInt(process.env.PORT as string, 10) ?? 8080", "8080 (src/main.ts takes PORT)"],
  ["const port = parseInt(process.env.PORT, 10)", "3000 (src/main.ts takes PORT)"],
  ["const port = parseInt(process.env.PORT,10)", "3000 (src/main.ts takes PORT)"],
  ["const port = +(process.env.PORT ?? 8080)", "8080 (src/main.ts takes PORT)"],
  ["const port = (process.env.PORT as string) || 8080", "8080 (src/main.ts takes PORT)"],
  ["const port = process.env.PORT! || 8080", "8080 (src/main.ts takes PORT)"],
  ["const port = process.env.PORT || config.port || 8080", "8080 (src/main.ts takes PORT)"],
  ["const port = process.env.PORT ? Number(process.env.PORT) : 8080", "8080 (src/main.ts takes PORT)"],
  ["const { PORT = 8080 } = process.env", "8080 (src/main.ts takes PORT)"],
  ["const { HOST = '::', PORT = '8080' } = process.env", "8080 (src/main.ts takes PORT)"],
  ["const PORT = 8080\napp.listen(PORT)", "8080 (src/main.ts takes PORT)"],
  ["await app.listen(config.get('PORT', 8080))", "8080 (src/main.ts takes PORT)"],
  ["await app.listen(config.get<number>('PORT') ?? 8080)", "8080 (src/main.ts takes PORT)"],
  ["const schema = z.object({ PORT: z.coerce.number().default(8080) })", "8080 (src/main.ts takes PORT)"],
  ["cleanEnv(process.env, { PORT: port({ default: 8080 }) })", "8080 (src/main.ts takes PORT)"],
  ["env.get('PORT').default('8080').asPortNumber()", "8080 (src/main.ts takes PORT)"],
  ["serve({ fetch: app.fetch, port: process.env.PORT })", "3000 (src/main.ts takes PORT)"],
  ["app.listen(8080)", "8080 (src/main.ts listens there)"],
  ["server.listen('8080', '0.0.0.0')", "8080 (src/main.ts listens there)"],
  ["await app.listen({ host: '0.0.0.0', port: 8080 })", "8080 (src/main.ts listens there)"],
  ["serve({\n  fetch: app.fetch,\n  port: 8080,\n}, tell)", "8080 (src/main.ts listens there)"],
  ["serve(app, { port: 8080 })", "8080 (src/main.ts listens there)"],
  ["const port: number = 8080\nserve({ fetch: app.fetch, port })", "8080 (src/main.ts listens there)"],
  ["app.listen(process.env.PORT || 8080)\nmetrics.listen(9090)", "8080 (src/main.ts takes PORT)"],
];
for (const [text, port] of SAID)
  ports(`is said by ${text.replaceAll("\n", " ")}`, () => assert.is(portOf({ "src/main.ts": text }), port));

const UNSAID: readonly string[] = [
  "app.listen()",
  "app.listen(0)",
  "app.listen(80801)",
  "// app.listen(3000)",
  "/* process.env.PORT || 3000 */",
  "connect({ port: process.env.MYSQL_PORT || 3306 })",
  "connect({ port: 5432 })",
  "app.listen(3000); admin.listen(3001)",
  "const address = 'http://localhost:3000'",
];
for (const text of UNSAID) ports(`is not said by ${text}`, () => assert.is(portOf({ "src/main.ts": text }), undefined));

ports("is the one of what is started, whatever other files say", () => {
  const shape = { "src/index.ts": "app.listen(4000)", "src/server.ts": "app.listen(5000)" };
  assert.is(portOf(shape, "node dist/server.js"), "5000 (src/server.ts listens there)");
  assert.is(portOf(shape, "node ./build/src/index"), "4000 (src/index.ts listens there)");
  assert.is(portOf(shape, "tsx src/server.ts"), "5000 (src/server.ts listens there)");
});

ports("is found in what the started file imports, and in the file of Express's own generator", () => {
  const env = { "src/index.ts": "serve({ port: env.PORT })", "src/env.ts": "PORT: z.coerce.number().default(9999)" };
  assert.is(portOf(env, "node dist/index.js"), "9999 (src/env.ts takes PORT)");
  const www = { "bin/www": "var port = normalizePort(process.env.PORT || '3000');" };
  assert.is(portOf(www, "node ./bin/www"), "3000 (bin/www takes PORT)");
});

ports("is the one that an example of .env shows", () => {
  const shape = {
    ".env.example": '# where\nexport PORT="7000"\nDB_PORT=1\n',
    "src/main.ts": "listen(process.env.PORT)",
  };
  assert.is(portOf(shape), "7000 (.env.example PORT)");
});

const STARTED: readonly (readonly [start: string, port: string | undefined])[] = [
  ["next start", "3000 (package.json scripts.start takes PORT)"],
  ["next start -p 4100", "4100 (package.json scripts.start)"],
  ["next start --port=4100", "4100 (package.json scripts.start)"],
  ["PORT=4100 node x.js", "4100 (package.json scripts.start)"],
  ["cross-env NODE_ENV=production PORT=4100 node x.js", "4100 (package.json scripts.start)"],
  ["serve -s dist -l 4100", "4100 (package.json scripts.start)"],
  ["node .output/server/index.mjs", "3000 (package.json scripts.start takes PORT)"],
  ["remix-serve ./build/server/index.js", "3000 (package.json scripts.start takes PORT)"],
  ["node dist/consumer.js", undefined],
];
for (const [start, port] of STARTED)
  ports(`is said by what starts it: ${start}`, () => assert.is(portOf({}, start), port));

ports("is that of its Dockerfile first", () => {
  const manifest = JSON.stringify({ scripts: { start: "node dist/main.js" } });
  const shape = { "package.json": manifest, Dockerfile: "FROM node\nEXPOSE 80\n", "src/main.ts": "listen(1000)" };
  assert.equal(
    tellAll(shape).filter((line) => line.startsWith("  port")),
    ["  port: 80 (Dockerfile EXPOSE)", "  port: 80 (Dockerfile EXPOSE)"],
  );
});

ports("is nobody's where nothing starts", () => {
  assert.is(onlyProject({ "package.json": "{}", "index.js": "app.listen(3000)" }).port, undefined);
});

ports.run();
