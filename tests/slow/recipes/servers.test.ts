import { suite } from "uvu";
import * as assert from "uvu/assert";
import { queryRecipe, runInRecipe, serve } from "../../support/recipe-image.ts";

const servers = suite("Redis and nginx images by recipe");

for (const [address, version] of [
  ["redis:7", "7.0"],
  ["redis:8", "8.0"],
] as const) {
  servers(
    `${address} takes and gives values without a password, from elsewhere too, and does not run as root`,
    async () => {
      const said = await runInRecipe(
        address,
        `${serve("docker-entrypoint.sh --appendonly yes", 'redis-cli -h "$(hostname -i)" ping')}
redis-cli -h $address SET word größer; redis-cli -h $address --raw GET word
redis-cli -h $address INFO server | sed -n 's/^redis_version:\\([0-9]*\\.[0-9]*\\).*/\\1/p'
redis-cli CONFIG GET dir | tail -n 1; stat -c %U /proc/$server
kill -TERM $server; wait $server; ls`,
      );
      assert.equal(said.trim().split("\n"), ["OK", "größer", version, "/data", "redis", "appendonlydir", "dump.rdb"]);
    },
  );
}

servers("redis keeps what a configuration file says of protected mode", async () => {
  const said = await runInRecipe(
    "redis:7",
    `echo 'protected-mode yes' > /tmp/redis.conf
${serve("docker-entrypoint.sh /tmp/redis.conf", "redis-cli ping")}
redis-cli -h $address ping 2>&1 | grep -o '^(error) DENIED\\|^DENIED' | head -n 1`,
  );
  assert.is(said, "DENIED\n");
});

for (const [address, version] of [
  ["nginx:1.22", "1.22"],
  ["nginx:stable", "1.26"],
] as const) {
  servers(`${address} serves files, logs to where containers write, and fills templates`, async () => {
    const said = await runInRecipe(
      address,
      `nginx -v 2>&1 | sed 's/[^0-9]*\\([0-9]*\\.[0-9]*\\).*/\\1/'
mkdir /etc/nginx/templates; echo 'server { listen \${PORT}; location / { return 200 "$host \${WORD}"; } }' > /etc/nginx/templates/more.conf.template
echo made > /usr/share/nginx/html/made.txt; export PORT=8081 WORD=templates
${serve("/docker-entrypoint.sh nginx -g 'daemon off;'", "curl -fs localhost")}
curl -fs http://$address/made.txt; curl -fs http://localhost:8081/; echo
curl -s -o /dev/null -w '%{http_code} %{content_type}\\n' http://$address/none
grep -c 'GET /made.txt HTTP/1.1" 200' /tmp/log
ps=$(for process in /proc/[0-9]*; do stat -c %U $process; done | sort | uniq | tr '\\n' ' '); echo $ps
kill -QUIT $server; wait $server; echo "ended with $?"`,
    );
    assert.equal(said.trim().split("\n"), [
      version,
      "made",
      "localhost templates",
      "404 text/html",
      "1",
      "nginx root",
      "ended with 0",
    ]);
  });
}

servers("the images say what the official ones say", async () => {
  const fields = 'defaultArgs entrypoint user workdir exposedPorts { port } envVariable(name: "PGDATA")';
  assert.equal(await queryRecipe("postgres:17", fields), {
    defaultArgs: ["postgres"],
    entrypoint: ["docker-entrypoint.sh"],
    user: "",
    workdir: "",
    exposedPorts: [{ port: 5432 }],
    envVariable: "/var/lib/postgresql/data",
  });
  assert.equal(await queryRecipe("redis:7", fields), {
    defaultArgs: ["redis-server"],
    entrypoint: ["docker-entrypoint.sh"],
    user: "",
    workdir: "/data",
    exposedPorts: [{ port: 6379 }],
    envVariable: null,
  });
  assert.equal(await queryRecipe("rabbitmq:3", fields), {
    defaultArgs: ["rabbitmq-server"],
    entrypoint: ["docker-entrypoint.sh"],
    user: "",
    workdir: "",
    exposedPorts: [4369, 5671, 5672, 15691, 15692, 25672].map((port) => ({ port })),
    envVariable: null,
  });
  assert.equal(await queryRecipe("nginx:stable", fields), {
    defaultArgs: ["nginx", "-g", "daemon off;"],
    entrypoint: ["/docker-entrypoint.sh"],
    user: "",
    workdir: "",
    exposedPorts: [{ port: 80 }],
    envVariable: null,
  });
});

servers.run();
