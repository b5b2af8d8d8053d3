// Package prometheus counts what the middleware does, for Prometheus. It is a
// module of its own, so that services without it do not depend on the client.
//
//	metrics := prometheus.New()
//	registry.MustRegister(metrics)
//	vet, err := middleware.New(middleware.Options{Observe: metrics.Observe})
//	metrics.Watch(vet) // gauges of budgets and of the queue
//
// [Collector] lists the metrics. Several Middlewares may share one: their numbers
// add up.
//
// # What it does not do
//
// No label comes from a client's bytes, so a client cannot grow the number of series. The values
// are the closed sets of outcomes, formats, codes and reasons, and the statuses of refusals. A
// service must keep the reasons of its own checks and face finder few.
//
// # What it costs
//
// One counter and up to four histogram observations for each file.
package prometheus
