import { suite } from "uvu";
import * as assert from "uvu/assert";
import { meantDestination } from "../../../../engine/src/run/agent-way-out.ts";
import { resolversOf } from "../../../../engine/src/run/way-out.ts";

const wayOut = suite("the way out of containers");

wayOut("where a redirected connection was to go is read from the kernel's list", () => {
  const list = [
    "ipv4     2 udp      17 29 src=10.87.0.2 dst=169.254.87.53 sport=4000 dport=53 src=10.87.0.1 dst=10.87.0.2 sport=10871 dport=4000 mark=0 use=1",
    "ipv4     2 tcp      6 431999 ESTABLISHED src=10.87.0.3 dst=9.9.9.9 sport=4000 dport=80 src=10.87.0.1 dst=10.87.0.3 sport=10870 dport=4000 [ASSURED] mark=0 use=1",
    "ipv4     2 tcp      6 431999 ESTABLISHED src=10.87.0.2 dst=1.2.3.4 sport=4000 dport=443 src=10.87.0.1 dst=10.87.0.2 sport=10870 dport=4000 [ASSURED] mark=0 use=1",
  ].join("\n");
  assert.is(meantDestination({ remoteAddress: "10.87.0.2", remotePort: 4000 }, list), "1.2.3.4:443");
  assert.is(meantDestination({ remoteAddress: "10.87.0.2", remotePort: 4001 }, list), undefined);
});

wayOut("the nameservers of a machine are those of its settings", () => {
  assert.equal(resolversOf("# nameserver 9.9.9.9\nsearch a\nnameserver 10.0.0.53\n nameserver fd00::53\n"), [
    "10.0.0.53",
    "fd00::53",
  ]);
  assert.equal(resolversOf("search a\n"), []);
});

wayOut.run();
