import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runInRecipe, serve } from "../../support/recipe-image.ts";

const rabbitmq = suite("RabbitMQ images by recipe");

for (const [address, version] of [
  ["rabbitmq:3-management", "3.10"],
  ["rabbitmq:4-management", "4.0"],
] as const) {
  rabbitmq(`${address} takes a message from elsewhere and gives it back, and does not run as root`, async () => {
    const said = await runInRecipe(
      address,
      `export RABBITMQ_DEFAULT_USER=me RABBITMQ_DEFAULT_PASS=secret RABBITMQ_DEFAULT_VHOST=mine
${serve("docker-entrypoint.sh rabbitmq-server", "rabbitmqctl --silent await_startup --timeout 1")}
rabbitmqctl --silent version | cut -d . -f 1,2
rabbitmqctl --silent list_users | cut -f 1; rabbitmqctl --silent list_vhosts
rabbitmq-plugins --silent list --enabled --minimal | grep -x 'rabbitmq_management\\|rabbitmq_prometheus'
cat > /tmp/program <<'END'
{ok, Params} = amqp_uri:parse("amqp://me:secret@ADDRESS:5672/mine"),
{ok, Connection} = amqp_connection:start(Params), {ok, Channel} = amqp_connection:open_channel(Connection),
amqp_channel:call(Channel, {'queue.declare', 0, <<"words">>, false, true, false, false, false, []}),
Message = {amqp_msg, list_to_tuple(['P_basic' | lists:duplicate(14, undefined)]), <<"hello">>},
ok = amqp_channel:call(Channel, {'basic.publish', 0, <<>>, <<"words">>, false, false}, Message),
{_, {amqp_msg, _, Payload}} = amqp_channel:call(Channel, {'basic.get', 0, <<"words">>, true}),
ok = amqp_connection:close(Connection), Payload.
END
rabbitmqctl --silent eval "$(sed "s/ADDRESS/$address/" /tmp/program)"
stat -c '%U %a' /var/lib/rabbitmq/.erlang.cookie; stat -c %U /proc/$server
grep -c 'Server startup complete' /tmp/log`,
    );
    const started = ["me", "mine", "rabbitmq_management", "rabbitmq_prometheus"];
    assert.equal(said.trim().split("\n"), [version, ...started, '<<"hello">>', "rabbitmq 400", "rabbitmq", "1"]);
  });
}

rabbitmq.run();
