import pg from "pg";
import type { Entries, Entry } from "./entries.js";

export async function openDatabase(url: string): Promise<Entries> {
  const pool = new pg.Pool({ connectionString: url });
  await pool.query(
    "CREATE TABLE IF NOT EXISTS entries (id serial PRIMARY KEY, name text NOT NULL, text text NOT NULL)",
  );
  return {
    async add({ name, text }: Entry) {
      const { rows } = await pool.query("INSERT INTO entries (name, text) VALUES ($1, $2) RETURNING *", [name, text]);
      return rows[0];
    },
    async list() {
      const { rows } = await pool.query("SELECT * FROM entries ORDER BY id DESC LIMIT 100");
      return rows;
    },
  };
}
