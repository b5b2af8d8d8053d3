// Command otlp is imgvet with OpenTelemetry: what "imgvet serve" and "imgvet proxy" do is sent
// by OTLP, as the standard environment variables say (OTEL_EXPORTER_OTLP_ENDPOINT,
// OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_SDK_DISABLED and the others, but not
// OTEL_PROPAGATORS), and /metrics is written by the Prometheus client. It is a module of its
// own, since both are large.
//
//	cd cmd/imgvet/otlp && go build -o imgvet .
package main

import "github.com/imgvet/imgvet/cmd/imgvet/internal/root"

func main() { root.Main(export) }
