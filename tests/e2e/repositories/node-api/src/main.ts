import { serve } from "@hono/node-server";
import { createApp } from "./app.js";
import { openDatabase } from "./database.js";

const url = process.env.DATABASE_URL;
if (!url) throw new Error("DATABASE_URL is not set");

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: createApp(await openDatabase(url)).fetch, port });
console.log(`listening on ${port}`);

process.on("SIGTERM", () => server.close(() => process.exit(0)));
