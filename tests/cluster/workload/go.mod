module slipway.dev/tests/cluster/workload

go 1.22
