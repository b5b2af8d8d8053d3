// Package telemetry is what the servers export about themselves. Here is what every build
// has, metrics for Prometheus, in the names of observe/prometheus but with a small library.
// The nested module cmd/imgvet/otlp has another Exporter, which sends OTLP too.
package telemetry
