import type { Cluster } from "./cluster.ts";
import { waitUntil } from "./wait.ts";

const PORT = 9092;
const READY_WITHIN_MS = 180_000;

/**
 * Starts a broker in a namespace of its own, as somebody has it in a cluster before any release. The node has to have its
 * image (`giveKafkaImage`).
 *
 * @returns `host:port` for whoever is in the cluster
 */
export async function startBroker(
  cluster: Cluster,
  namespace: string,
  image: string,
  topics: readonly string[],
): Promise<string> {
  const inNamespace = (...args: string[]) => cluster.readKubectl(["--namespace", namespace, ...args]);
  const address = `kafka.${namespace}.svc.cluster.local:${PORT}`;
  await cluster.readKubectl(["create", "namespace", namespace]);
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: describe(image, address) });
  await cluster.readKubectl(["--namespace", namespace, "apply", "--filename", "-"], { input });
  await inNamespace("wait", "pod/kafka", "--for=condition=Ready", `--timeout=${READY_WITHIN_MS / 1000}s`);
  const tool = ["exec", "kafka", "--", "/opt/kafka/bin/kafka-topics.sh", "--bootstrap-server", `localhost:${PORT}`];
  for (const topic of topics) {
    await waitUntil(`the topic ${topic} is there`, READY_WITHIN_MS, async () => {
      const args = ["--namespace", namespace, ...tool, "--create", "--if-not-exists", "--topic", topic];
      const { exitCode, stdout, stderr } = await cluster.kubectl(args);
      return exitCode === 0 ? undefined : `${stdout}${stderr}`;
    });
  }
  return address;
}

function describe(image: string, address: string): object[] {
  const settings = {
    KAFKA_NODE_ID: "1",
    KAFKA_PROCESS_ROLES: "broker,controller",
    KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
    KAFKA_LISTENERS: `CLIENT://:${PORT},CONTROLLER://localhost:9093`,
    KAFKA_ADVERTISED_LISTENERS: `CLIENT://${address}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    KAFKA_INTER_BROKER_LISTENER_NAME: "CLIENT",
    KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: "4",
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
    KAFKA_HEAP_OPTS: "-Xms256m -Xmx384m",
  };
  const labels = { app: "kafka" };
  const container = {
    name: "kafka",
    image,
    env: Object.entries(settings).map(([name, value]) => ({ name, value })),
    ports: [{ containerPort: PORT }],
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1, failureThreshold: 120 },
  };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kafka" },
      // The broker reaches itself by this name before it is ready.
      spec: { clusterIP: "None", publishNotReadyAddresses: true, selector: labels, ports: [{ port: PORT }] },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "kafka", labels },
      // The image takes every variable KAFKA_… for a setting; those of the Service would stop it.
      spec: { enableServiceLinks: false, containers: [container] },
    },
  ];
}
