import type { DeliveryMetrics, Spread } from "../rollout/delivery-metrics.ts";
import { tellTime } from "../rollout/objects.ts";

/** The metrics as JSON, times in seconds. What is not known is `null`. */
export function writeJson(measured: DeliveryMetrics, ring: string): string {
  const { sinceMs, untilMs, deployments, perDay, gaps, leadTime, failRatio, recoveryTime } = measured;
  const value = {
    version: 1,
    ring,
    since: tellTime(sinceMs),
    until: tellTime(untilMs),
    deployments,
    changeLeadTime: inSeconds(leadTime),
    deploymentFrequency: { perDay: perDay ?? null, between: inSeconds(gaps) },
    changeFailRate: failRatio ?? null,
    failedDeploymentRecoveryTime: inSeconds(recoveryTime),
    unrestored: measured.unrestored,
    stopped: measured.stopped,
    withoutLeadTime: measured.withoutLeadTime,
    deletedEvents: { count: measured.missing.count, first: measured.missing.first ?? null },
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function inSeconds({ count, medianMs, p90Ms }: Spread) {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1000);
  return { count, medianSeconds: seconds(medianMs), p90Seconds: seconds(p90Ms) };
}

interface Family {
  readonly name: string;
  readonly type: "gauge" | "summary";
  readonly unit?: string;
  readonly help: string;
  /** What stands behind the name, and the value; what is not known has no line. */
  readonly samples: readonly (readonly [
    suffix: string,
    labels: Readonly<Record<string, string>>,
    value: number | undefined,
  ])[];
}

/**
 * The figures as text that Prometheus, a Pushgateway and everything else reads that knows OpenMetrics 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/). What is not known has no line.
 */
export function writeOpenMetrics(measured: DeliveryMetrics, ring: string): string {
  const lines = listFamilies(measured).flatMap(({ name, type, unit, help, samples }) => {
    const known = samples.filter(([, , value]) => value !== undefined);
    if (known.length === 0) return [];
    return [
      `# TYPE ${name} ${type}`,
      ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
      `# HELP ${name} ${help}`,
      ...known.map(([suffix, labels, value]) => `${name}${suffix}{${writeLabels({ ring, ...labels })}} ${value}`),
    ];
  });
  return `${[...lines, "# EOF"].join("\n")}\n`;
}

function listFamilies(measured: DeliveryMetrics): Family[] {
  const gauge = (value: number | undefined): Family["samples"] => [["", {}, value]];
  return [
    {
      name: "slipway_change_lead_time_seconds",
      type: "summary",
      unit: "seconds",
      help: "From the commit of a release to the traffic of the ring.",
      samples: summarise(measured.leadTime),
    },
    {
      name: "slipway_deployments",
      type: "gauge",
      help: "Releases that got the traffic of the ring in the window, by what became of them.",
      samples: Object.entries(measured.deployments).map(([outcome, count]) => ["", { outcome }, count]),
    },
    {
      name: "slipway_deployments_per_day",
      type: "gauge",
      help: "Deployment frequency.",
      samples: gauge(measured.perDay),
    },
    {
      name: "slipway_change_fail_ratio",
      type: "gauge",
      unit: "ratio",
      help: "Failed deployments of all whose bake is over.",
      samples: gauge(measured.failRatio),
    },
    {
      name: "slipway_failed_deployment_recovery_time_seconds",
      type: "summary",
      unit: "seconds",
      help: "From the decision that a deployment failed to the traffic at a healthy release.",
      samples: summarise(measured.recoveryTime),
    },
    {
      name: "slipway_unrestored_deployments",
      type: "gauge",
      help: "Failed deployments with no healthy release since.",
      samples: gauge(measured.unrestored),
    },
    {
      name: "slipway_stopped_attempts",
      type: "gauge",
      help: "Attempts that ended before the switch.",
      samples: gauge(measured.stopped),
    },
    {
      name: "slipway_deleted_events",
      type: "gauge",
      help: "Events that were deleted from the ledger: with any the figures are incomplete.",
      samples: gauge(measured.missing.count),
    },
    {
      name: "slipway_metrics_window_seconds",
      type: "gauge",
      unit: "seconds",
      help: "How long the window is that the figures are counted in.",
      samples: gauge((measured.untilMs - measured.sinceMs) / 1000),
    },
  ];
}

function summarise({ count, sumMs, medianMs, p90Ms }: Spread): Family["samples"] {
  return [
    ["", { quantile: "0.5" }, medianMs === undefined ? undefined : medianMs / 1000],
    ["", { quantile: "0.9" }, p90Ms === undefined ? undefined : p90Ms / 1000],
    ["_count", {}, count],
    ["_sum", {}, sumMs / 1000],
  ];
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",");
}
