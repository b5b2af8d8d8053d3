package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/internal/settings"
)

// maxAnswer is how much of an answer is shown.
const maxAnswer = 4 << 10

// Command returns "imgvet health".
func Command() *cobra.Command {
	var (
		admin   string
		timeout time.Duration
	)
	cmd := &cobra.Command{
		Use:   "health [flags]",
		Short: "Ask a running serve or proxy whether it takes uploads",
		Long: `Health asks /readyz of the admin address of "imgvet serve" or "imgvet proxy", prints
the answer, and exits 0 if it is yes, and 3 otherwise. It is for the health check of a
container: with IMGVET_ADMIN set for both, no flag is needed.`,
		Example: `  imgvet health --admin 127.0.0.1:9090`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if admin == "" {
				return errors.New("health needs the address that serve or proxy has for --admin")
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			answer, err := ask(ctx, admin)
			if err != nil {
				return cli.Failure{Err: err}
			}
			fmt.Fprintln(cmd.OutOrStdout(), answer)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&admin, "admin", "", "the `address` that serve or proxy has for --admin")
	f.DurationVar(&timeout, "timeout", 3*time.Second, "how long to wait for the answer")
	settings.Enable(cmd)
	return cmd
}

// ask returns the answer of /readyz if it is yes, and an error with it otherwise.
func ask(ctx context.Context, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	// Where a server listens on all addresses it is asked on one of its own.
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return "", err
	}
	// Not the environment's proxy: it is no way to the own host.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return "", err
	}
	answer := strings.TrimSpace(string(body))
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", res.Status, answer)
	}
	return answer, nil
}
