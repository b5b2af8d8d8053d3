// Command imgvet checks pictures against the rules of an API that takes them:
// files and folders with "imgvet check", uploads with "imgvet serve" and, before a
// service in any language, "imgvet proxy". "imgvet conform" and "imgvet corrupt"
// try how a service fares with bad pictures; "imgvet explain" tells what its codes
// mean.
//
// The commands are packages below internal/ of the same names, and internal/root puts
// them together. What they are made of are packages beside these, of one subject each:
//
//   - for all: internal/cli (exit codes), internal/flags (what a file must satisfy),
//     internal/settings (flags from the environment and a file);
//   - for check: internal/walk finds files, internal/report writes reports (text, JSON
//     Lines, SARIF, JUnit, HTML), internal/thumb makes the thumbnails in them;
//   - for serve and proxy: internal/listen is a server from its beginning to its end,
//     internal/uploads its flags about uploads, internal/requests what happens to every
//     request, internal/trust who sent it, internal/paths which are checked,
//     internal/keypair its certificate, internal/logs its log, internal/admin and
//     internal/telemetry what an operator sees.
//
// The nested module in otlp is the same command with OTLP export.
package main

import (
	"github.com/imgvet/imgvet/cmd/imgvet/internal/root"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
)

func main() { root.Main(telemetry.Prometheus) }
