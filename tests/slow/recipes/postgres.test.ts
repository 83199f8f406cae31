import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runInRecipe, serve } from "../../support/recipe-image.ts";

const postgres = suite("PostgreSQL images by recipe");

const INITDB = `cat > /docker-entrypoint-initdb.d/10-table.sql <<'END'
CREATE TABLE made (word text); INSERT INTO made VALUES ('größer');
END
echo "INSERT INTO made VALUES ('packed');" | gzip > /docker-entrypoint-initdb.d/20-row.sql.gz
echo 'psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO made VALUES ('"'sourced'"')"' > /docker-entrypoint-initdb.d/30-row.sh
printf 'secret' > /tmp/password; chmod 0444 /tmp/password
export POSTGRES_USER=me POSTGRES_DB='my db' POSTGRES_PASSWORD_FILE=/tmp/password`;

for (const [address, version, data] of [
  ["postgres:14", "14", "/var/lib/postgresql/data"],
  ["postgres:15", "15", "/var/lib/postgresql/data"],
  ["postgres:16", "16", "/var/lib/postgresql/data"],
  ["postgres:17", "17", "/var/lib/postgresql/data"],
  ["postgres:18", "18", "/var/lib/postgresql/18/docker"],
] as const) {
  postgres(`${address} makes the database that was asked for, fills it, and lets in who has the password`, async () => {
    const said = await runInRecipe(
      address,
      `${INITDB}
${serve("docker-entrypoint.sh postgres -c max_connections=42", 'pg_isready -h "$(hostname -i)"')}
export PGHOST=$address PGUSER=me PGDATABASE='my db'
PGPASSWORD=secret psql -Atc "SELECT split_part(current_setting('server_version'), '.', 1), current_setting('max_connections'), current_setting('data_directory'), (SELECT string_agg(word, ' ' ORDER BY word) FROM made)"
PGPASSWORD=secret psql -Atc "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
PGPASSWORD=wrong psql -Atc 'SELECT 1' 2>&1 | grep -c 'password authentication failed'
stat -c '%U %a' "$PGDATA"
kill -INT $server; wait $server
docker-entrypoint.sh postgres --version | sed 's/[^0-9]*\\([0-9]*\\).*/\\1/'
(docker-entrypoint.sh postgres > /tmp/again 2>&1 &)
for try in $(seq 300); do grep -q 'Skipping initialization' /tmp/again && break; sleep 0.1; done
grep 'Skipping' /tmp/again`,
    );
    assert.equal(said.trim().split("\n"), [
      `${version}|42|${data}|größer packed sourced`,
      "en_US.utf8|UTF8",
      "1",
      "postgres 700",
      version,
      "PostgreSQL Database directory appears to contain a database; Skipping initialization",
    ]);
  });
}

postgres("postgres refuses to make a database without a password, and with two", async () => {
  const said = await runInRecipe(
    "postgres:17",
    `docker-entrypoint.sh postgres 2>&1 || echo "ended with $?"
POSTGRES_PASSWORD=a POSTGRES_PASSWORD_FILE=/b docker-entrypoint.sh postgres 2>&1 || echo "ended with $?"
docker-entrypoint.sh echo another`,
  );
  assert.equal(said.trim().split("\n"), [
    "Error: the database has no password for its superuser: set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one",
    "ended with 1",
    "Error: POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are both set; one of them is enough",
    "ended with 1",
    "another",
  ]);
});

postgres("postgres runs as a user that nobody has heard of", async () => {
  const said = await runInRecipe(
    "postgres:17",
    `export PGDATA=/tmp/data POSTGRES_HOST_AUTH_METHOD=trust
${serve("gosu 1234:1234 docker-entrypoint.sh postgres", 'pg_isready -h "$(hostname -i)"')}
psql -h $address -U postgres -Atc 'SELECT current_user'; stat -c %u /tmp/data/PG_VERSION`,
  );
  assert.is(said, "postgres\n1234\n");
});

postgres.run();
