import { Hono } from "hono";
import { checkEntry, type Entries } from "./entries.js";

export function createApp(entries: Entries) {
  const app = new Hono();

  app.get("/", (c) => c.text("guestbook"));

  app.get("/entries", async (c) => c.json(await entries.list()));

  app.post("/entries", async (c) => {
    const entry = checkEntry(await c.req.json());
    if (typeof entry === "string") return c.json({ error: entry }, 400);
    return c.json(await entries.add(entry), 201);
  });

  return app;
}
